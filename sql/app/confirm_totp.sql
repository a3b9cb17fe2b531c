-- Switch one's second factor on. Grain: one row.
-- Parameters: session, step, codes.
SELECT support.confirm_totp(p_session => %(session)s, p_step => %(step)s, p_codes => %(codes)s);
