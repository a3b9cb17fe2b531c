-- Everybody who may sign in. Grain: one row per person (ADMIN only).
-- Parameters: session.
SELECT username, display_name, email, role, active, locale, failed_logins, blocked_until, created_at, last_login_at,
    live_sessions, password_temporary, second_factor
FROM support.users_list(p_session => %(session)s)
ORDER BY username;
