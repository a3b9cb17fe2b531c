-- Set a password: one's own, or as an ADMIN somebody else's, which is then temporary. Grain: one row.
-- Parameters: session, username, password_hash.
SELECT support.set_password(
    p_session => %(session)s, p_username => %(username)s, p_password_hash => %(password_hash)s);
