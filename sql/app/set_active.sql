-- Close an account with its sessions and tokens, or open it again. Grain: one row.
-- Parameters: session, username, active.
SELECT support.set_active(p_session => %(session)s, p_username => %(username)s, p_active => %(active)s);
