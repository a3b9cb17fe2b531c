-- Tell the database whether a password that was asked again was right; a wrong one is recorded. Grain: one row, no value.
-- Parameters: session, source, user_agent, succeeded.
SELECT support.confirm_password(
    p_session => %(session)s, p_source => %(source)s, p_user_agent => %(user_agent)s, p_succeeded => %(succeeded)s);
