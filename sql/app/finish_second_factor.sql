-- Open the session of an answered challenge. Grain: one row, none when refused.
-- Parameters: challenge, source, user_agent, step, recovery, session, kind.
SELECT user_id, username, display_name, role, locale, expires_at
FROM support.finish_second_factor(
    p_challenge => %(challenge)s, p_source => %(source)s, p_user_agent => %(user_agent)s, p_step => %(step)s,
    p_recovery => %(recovery)s, p_session => %(session)s, p_kind => %(kind)s
);
