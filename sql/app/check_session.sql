-- The person behind a session that is in force. Grain: one row, none when it is not.
-- Parameters: session.
SELECT
    user_id, username, display_name, role, locale, created_at, expires_at, last_seen_at, kind, password_temporary,
    password_alone
FROM support.check_session(p_session => %(session)s);
