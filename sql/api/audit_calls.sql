-- Write calls of the API into the audit trail, in one transaction. Grain: one row per call.
-- Parameters: session, token, entity, outcome, details, source, user_agent (arrays as long as each other).
SELECT support.audit_api_call(
    p_session => c.session, p_token => c.token, p_entity => c.entity, p_outcome => c.outcome,
    p_details => c.details, p_source => c.source, p_user_agent => c.user_agent
) AS audit_id
FROM unnest(
    %(session)s::bytea[], %(token)s::bytea[], %(entity)s::text[], %(outcome)s::text[], %(details)s::jsonb[],
    %(source)s::text[], %(user_agent)s::text[]
) AS c (session, token, entity, outcome, details, source, user_agent);
