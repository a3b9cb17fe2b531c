-- Change what a person may do. Grain: one row.
-- Parameters: session, username, role.
SELECT support.set_role(p_session => %(session)s, p_username => %(username)s, p_role => %(role)s);
