-- Withdraw an API token by the number that the list shows. Grain: one row.
-- Parameters: session, token_id.
SELECT support.revoke_api_token(p_session => %(session)s, p_token_id => %(token_id)s);
