-- Change what somebody may do, as the command line. Grain: one row.
-- Parameters: username, role.
SELECT support.set_role(p_session => NULL, p_username => %(username)s, p_role => %(role)s)
