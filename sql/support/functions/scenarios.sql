-- What-ifs that people ask for. ANALYST and ADMIN only.

-- A request is published in the ledger like any other input: analytics.scenarios of that date becomes stale and is
-- computed again with the answer in it, as a run of its own.
CREATE FUNCTION support.request_scenario(p_session bytea, p_as_of date, p_parameters jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    id bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM analytics.scenarios s WHERE s.as_of = p_as_of) THEN
        RAISE EXCEPTION 'as_of_unknown' USING ERRCODE = 'NV404';
    END IF;
    IF jsonb_typeof(p_parameters) IS DISTINCT FROM 'object'
        OR jsonb_typeof(p_parameters -> 'policies') IS DISTINCT FROM 'array'
        OR jsonb_array_length(p_parameters -> 'policies') NOT BETWEEN 1 AND 4
        OR NOT p_parameters -> 'policies' <@ '["platform", "quantile", "economic", "balanced", "minmax", "sq"]'
        OR jsonb_typeof(p_parameters -> 'levels') IS DISTINCT FROM 'array'
        OR jsonb_array_length(p_parameters -> 'levels') NOT BETWEEN 1 AND 8
        OR EXISTS (
            SELECT FROM jsonb_array_elements(p_parameters -> 'levels') AS l (level)
            WHERE jsonb_typeof(level) <> 'number' OR level::numeric <= 0 OR level::numeric >= 1
        )
        OR jsonb_typeof(p_parameters -> 'months') IS DISTINCT FROM 'number'
        OR (p_parameters ->> 'months')::numeric NOT BETWEEN 1 AND 24
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.scenario_requests (as_of, parameters, asked_by)
    VALUES (p_as_of, p_parameters, person.user_id)
    RETURNING request_id INTO id;
    INSERT INTO support.materializations (table_name, windows, run_id, code_version, rows, mode)
    VALUES (
        'support.scenario_requests', datemultirange(daterange(p_as_of, p_as_of + 1)), 'request ' || id, '', 1, 'APPEND');
    PERFORM support.append_audit(
        person.username, 'scenario.requested', 'request_' || id, 'DONE',
        jsonb_build_object('as_of', p_as_of, 'parameters', p_parameters));
    RETURN id;
END $$;
