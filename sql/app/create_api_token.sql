-- Keep the hash of a new API token. Grain: one row.
-- Parameters: session, token, label, days.
SELECT support.create_api_token(
    p_session => %(session)s, p_token => %(token)s, p_label => %(label)s, p_valid => make_interval(days => %(days)s)
) AS expires_at;
