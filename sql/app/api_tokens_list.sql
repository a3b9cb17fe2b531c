-- API tokens in force. Grain: one row per token (ADMIN: all, else one's own).
-- Parameters: session.
SELECT token_id, username, label, created_at, expires_at, last_used_at
FROM support.api_tokens_list(p_session => %(session)s)
ORDER BY created_at DESC;
