-- The person behind an API token that is in force. Grain: one row, none when it is not.
-- Parameters: token.
SELECT user_id, username, display_name, role, locale, expires_at FROM support.check_api_token(p_token => %(token)s);
