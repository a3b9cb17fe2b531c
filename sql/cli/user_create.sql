-- Open an account, as the command line. Grain: one row.
-- Parameters: username, display_name, email, password_hash, role, demo.
SELECT support.create_user(
    p_session => NULL, p_username => %(username)s, p_display_name => %(display_name)s, p_email => %(email)s,
    p_password_hash => %(password_hash)s, p_role => %(role)s, p_demo => %(demo)s, p_temporary => NOT %(demo)s
) AS user_id
