-- End a session. Grain: one row.
-- Parameters: session.
SELECT support.end_session(p_session => %(session)s);
