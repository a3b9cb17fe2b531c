-- Runs of the pipeline that people ask for on the screens. ADMIN only; the pipeline's sensor launches them.

-- Asks for one run: LOAD (files that wait), DAYS (every table of some days again), MONTH (models of the month that
-- p_first lies in) or RERUN (what a failed run left undone). What is asked for already is refused while it is under way.
CREATE FUNCTION support.request_run(
    p_session bytea, p_kind text, p_first date DEFAULT NULL, p_last date DEFAULT NULL, p_failed_run text DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN']);
    today date := (now() AT TIME ZONE 'America/Bahia')::date;
    days daterange;
    id bigint;
BEGIN
    IF (p_kind IN ('LOAD', 'RERUN') AND num_nonnulls(p_first, p_last) > 0)
        OR (p_kind = 'MONTH' AND (p_first IS NULL OR p_last IS NOT NULL))
        OR (p_kind = 'DAYS' AND (p_first <= p_last AND p_last - p_first < 31) IS NOT TRUE)
        OR (p_kind = 'RERUN') <> (p_failed_run IS NOT NULL)
        OR (p_kind IN ('LOAD', 'DAYS', 'MONTH', 'RERUN')) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    IF p_kind = 'MONTH' THEN
        days := daterange(date_trunc('month', p_first)::date, (date_trunc('month', p_first) + interval '1 month')::date);
    ELSIF p_kind = 'DAYS' THEN
        days := daterange(p_first, p_last + 1);
    END IF;
    -- Days that are not over have no extracts, and those before the first facts never had.
    IF days IS NOT NULL AND (upper(days) <= today AND lower(days) >= (
            SELECT min(date_trunc('month', lower(m.windows)))::date
            FROM support.materializations m
            WHERE m.table_name IN ('core.fact_demand_daily', 'core.fact_inventory_daily'))) IS NOT TRUE
        OR p_kind = 'RERUN' AND NOT EXISTS (
            SELECT FROM support.audit_logs l WHERE l.action = 'run.failed' AND l.entity = p_failed_run)
    THEN
        RAISE EXCEPTION 'run_unknown' USING ERRCODE = 'NV404';
    END IF;
    -- Two people who ask at once: the second waits and is told that it is asked for already.
    LOCK TABLE support.run_requests IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (
        SELECT FROM support.run_requests r
        WHERE r.state IN ('QUEUED', 'RUNNING') AND r.kind = p_kind AND r.failed_run IS NOT DISTINCT FROM p_failed_run
          AND (days IS NULL OR daterange(r.first_day, r.last_day, '[]') && days)
    ) THEN
        RAISE EXCEPTION 'run_asked_already' USING ERRCODE = 'NV409';
    END IF;
    INSERT INTO support.run_requests (kind, first_day, last_day, failed_run, asked_by)
    VALUES (p_kind, lower(days), upper(days) - 1, p_failed_run, person.user_id)
    RETURNING request_id INTO id;
    PERFORM support.append_audit(
        person.username, 'run.requested', 'run request ' || id, 'DONE',
        jsonb_strip_nulls(jsonb_build_object(
            'kind', p_kind, 'first_day', lower(days), 'last_day', upper(days) - 1, 'failed_run', p_failed_run)));
    RETURN id;
END $$;
