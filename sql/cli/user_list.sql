-- Everybody who may sign in, as the command line sees them. Grain: one row per person. No parameters.
SELECT username, display_name, role, active, last_login_at, live_sessions
FROM support.users_list(p_session => NULL)
