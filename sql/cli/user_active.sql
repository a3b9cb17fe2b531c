-- Close or reopen an account, as the command line. Grain: one row.
-- Parameters: username, active.
SELECT support.set_active(p_session => NULL, p_username => %(username)s, p_active => %(active)s)
