-- Set somebody's password and end his sessions, as the command line. Grain: one row.
-- Parameters: username, password_hash.
SELECT support.set_password(p_session => NULL, p_username => %(username)s, p_password_hash => %(password_hash)s)
