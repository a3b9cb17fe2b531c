-- Take a second factor away. Grain: one row.
-- Parameters: session, username.
SELECT support.reset_totp(p_session => %(session)s, p_username => %(username)s);
