-- Keep an encrypted secret that its owner has not confirmed yet. Grain: one row.
-- Parameters: session, secret.
SELECT support.begin_totp(p_session => %(session)s, p_secret => %(secret)s);
