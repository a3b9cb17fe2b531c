-- End one session by the number that the list shows. Grain: one row.
-- Parameters: session, session_id.
SELECT support.revoke_session(p_session => %(session)s, p_session_id => %(session_id)s);
