-- Count an attempt to sign in and open the session, or the challenge of a second factor, when it succeeded.
-- Grain: one row, none when refused. Parameters: username, source, user_agent, succeeded, session, kind.
SELECT user_id, username, display_name, role, locale, expires_at, second_factor
FROM support.finish_login(
    p_username => %(username)s, p_source => %(source)s, p_user_agent => %(user_agent)s,
    p_succeeded => %(succeeded)s, p_session => %(session)s, p_kind => %(kind)s
);
