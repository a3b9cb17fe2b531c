-- Sessions in force. Grain: one row per session (ADMIN: all, else one's own).
-- Parameters: session.
SELECT session_id, username, kind, created_at, last_seen_at, expires_at, ip, user_agent, is_own
FROM support.sessions_list(p_session => %(session)s)
ORDER BY last_seen_at DESC;
