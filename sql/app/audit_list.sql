-- A page of the audit log, newest first. Grain: one row per event (ADMIN only).
-- Parameters: session, start, stop, actor, action, outcome, entity, before, row_limit (NULL = any).
SELECT audit_id, at, actor, action, entity, outcome, nullif(details::text, '{}') AS details, ip
FROM support.audit_list(
    p_session => %(session)s, p_from => %(start)s, p_to => %(stop)s, p_actor => %(actor)s, p_action => %(action)s,
    p_limit => %(row_limit)s, p_outcome => %(outcome)s, p_entity => %(entity)s, p_before => %(before)s
);
