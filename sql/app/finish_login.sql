-- Count an attempt to sign in and open the session when it succeeded. Grain: one row, none when refused.
-- Parameters: username, source, user_agent, succeeded, session.
SELECT user_id, username, display_name, role, locale, expires_at
FROM support.finish_login(
    p_username => %(username)s, p_source => %(source)s, p_user_agent => %(user_agent)s,
    p_succeeded => %(succeeded)s, p_session => %(session)s
);
