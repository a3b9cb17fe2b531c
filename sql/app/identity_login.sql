-- Open a session for an identity that a provider vouches for. Grain: one row, none when nobody here has it.
-- Parameters: issuer, subject, email, source, user_agent, session.
SELECT user_id, username, display_name, role, locale, expires_at
FROM support.identity_login(
    p_issuer => %(issuer)s, p_subject => %(subject)s, p_email => %(email)s, p_source => %(source)s,
    p_user_agent => %(user_agent)s, p_session => %(session)s
);
