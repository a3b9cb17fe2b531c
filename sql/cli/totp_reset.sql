-- Take a second factor away, as the command line. Grain: one row. Parameters: username.
SELECT support.reset_totp(p_session => NULL, p_username => %(username)s)
