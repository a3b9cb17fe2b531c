-- Hash to check a password against, and how long this name or source must wait. Grain: one row.
-- Parameters: username, source.
SELECT password_hash, wait_seconds FROM support.begin_login(p_username => %(username)s, p_source => %(source)s);
