-- Create the first ADMIN with a one-time link. Grain: one row, false when the link is spent.
-- Parameters: token, username, display_name, password_hash, source, user_agent.
SELECT support.create_first_admin(
    p_token => %(token)s, p_username => %(username)s, p_display_name => %(display_name)s,
    p_password_hash => %(password_hash)s, p_source => %(source)s, p_user_agent => %(user_agent)s
) AS created;
