-- Open an account whose owner must replace the password at once. Grain: one row.
-- Parameters: session, username, display_name, email, password_hash, role, locale.
SELECT support.create_user(
    p_session => %(session)s, p_username => %(username)s, p_display_name => %(display_name)s, p_email => %(email)s,
    p_password_hash => %(password_hash)s, p_role => %(role)s, p_locale => %(locale)s, p_temporary => true
) AS user_id;
