-- Record an event that no writing function records by itself (refusals, exports). Grain: one row.
-- Parameters: session, action, entity, outcome, details, source, user_agent.
SELECT support.audit(
    p_session => %(session)s, p_action => %(action)s, p_entity => %(entity)s, p_outcome => %(outcome)s,
    p_details => %(details)s, p_source => %(source)s, p_user_agent => %(user_agent)s
);
