-- What changed since revision 0002. Generated from the catalog; not edited by hand.
-- Tables of schema analytics are derived: where rows do not fit the new shape they are emptied, and the next run
-- computes them again. Rows of staging, core and support stay.

DROP FUNCTION support.audit_list;

CREATE FUNCTION support.audit_list(
    p_session bytea, p_from timestamptz, p_to timestamptz, p_actor text, p_action text, p_limit integer,
    p_outcome text DEFAULT NULL, p_entity text DEFAULT NULL, p_before bigint DEFAULT NULL
) RETURNS TABLE (
    audit_id bigint, at timestamptz, actor text, action text, entity text, outcome text, details jsonb, ip text,
    user_agent text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM support.acting(p_session, ARRAY['ADMIN'], true);
    RETURN QUERY
    SELECT l.audit_id, l.at, l.actor, l.action, l.entity, l.outcome, l.details, l.ip, l.user_agent
    FROM support.audit_logs l
    WHERE (p_from IS NULL OR l.at >= p_from) AND (p_to IS NULL OR l.at < p_to)
      AND (p_actor IS NULL OR l.actor = p_actor) AND (p_action IS NULL OR starts_with(l.action, p_action))
      AND (p_outcome IS NULL OR l.outcome = p_outcome) AND (p_entity IS NULL OR position(p_entity IN l.entity) > 0)
      AND (p_before IS NULL OR l.audit_id < p_before)
    ORDER BY l.audit_id DESC
    LIMIT least(coalesce(p_limit, 200), 10000);
END $$;

REVOKE ALL ON FUNCTION support.audit_list FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.audit_list TO nova_app;
