-- What changed since revision 0002. Generated from the catalog; not edited by hand.
-- Tables of schema analytics are derived: where rows do not fit the new shape they are emptied, and the next run
-- computes them again. Rows of staging, core and support stay.

DROP FUNCTION support.audit_list;

DROP FUNCTION support.check_session;

DO $fit$
BEGIN
    ALTER TABLE analytics.backtests
        ADD COLUMN evidence jsonb;
EXCEPTION WHEN check_violation OR not_null_violation OR unique_violation THEN
    TRUNCATE analytics.backtests;
    DELETE FROM support.materializations WHERE table_name = 'analytics.backtests';
    ALTER TABLE analytics.backtests
        ADD COLUMN evidence jsonb;
END $fit$;

COMMENT ON COLUMN analytics.backtests.evidence IS 'Of the model chosen for a cell: the rule that decided, scores, share borrowed from other classes, and the calibration tried on it with its verdict. NULL for the others.';

COMMENT ON COLUMN analytics.model_selection.evidence IS 'Scores of all models, origins, series, rule that decided, calibration.';

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

CREATE FUNCTION support.check_session(p_session bytea) RETURNS TABLE (
    user_id bigint, username text, display_name text, role text, locale text, created_at timestamptz,
    expires_at timestamptz, last_seen_at timestamptz, kind text, password_temporary boolean, password_alone boolean
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.live_session(p_session);
BEGIN
    IF person.user_id IS NULL THEN
        RETURN;
    END IF;
    UPDATE support.sessions s SET last_seen_at = clock_timestamp()
    WHERE s.session_hash = p_session AND s.last_seen_at < clock_timestamp() - interval '1 minute';
    RETURN QUERY
    SELECT
        person.user_id, person.username, person.display_name, person.role, person.locale,
        s.created_at, s.expires_at, s.last_seen_at, s.kind, person.password_temporary,
        person.password_hash IS NOT NULL AND NOT EXISTS (
            SELECT FROM support.second_factors f WHERE f.user_id = person.user_id AND f.confirmed_at IS NOT NULL)
    FROM support.sessions s WHERE s.session_hash = p_session;
END $$;

REVOKE ALL ON FUNCTION support.check_session FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.check_session TO nova_app;

REVOKE ALL ON FUNCTION support.audit_list FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.audit_list TO nova_app;
