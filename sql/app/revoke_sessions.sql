-- End the other sessions of a person: one's own, or anybody's for an ADMIN. Grain: one row.
-- Parameters: session, username.
SELECT support.revoke_sessions(p_session => %(session)s, p_username => %(username)s) AS ended;
