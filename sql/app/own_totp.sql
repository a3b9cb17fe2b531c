-- One's own second factor. Grain: one row, none without one.
-- Parameters: session.
SELECT secret, last_step, confirmed_at, codes_left FROM support.own_totp(p_session => %(session)s);
