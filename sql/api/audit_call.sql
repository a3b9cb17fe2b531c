-- Write one call of the API into the audit trail. Grain: one row.
-- Parameters: session, token, entity, outcome, details, source, user_agent.
SELECT support.audit_api_call(
    p_session => %(session)s, p_token => %(token)s, p_entity => %(entity)s, p_outcome => %(outcome)s,
    p_details => %(details)s, p_source => %(source)s, p_user_agent => %(user_agent)s
) AS audit_id;
