-- What changed since revision 0002. Generated from the catalog; not edited by hand.
-- Tables of schema analytics are derived: where rows do not fit the new shape they are emptied, and the next run
-- computes them again. Rows of staging, core and support stay.

DROP MATERIALIZED VIEW analytics.mv_forecasts_latest;

DROP MATERIALIZED VIEW analytics.mv_item_sites_latest;

DROP FUNCTION support.audit_list;

DROP FUNCTION support.audit_verify;

DROP FUNCTION support.check_session;

CREATE TABLE support.run_requests (
    request_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    first_day date,
    last_day date,
    failed_run text,
    asked_by bigint NOT NULL CONSTRAINT run_requests_asked_by_fkey REFERENCES support.users (user_id),
    asked_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'QUEUED',
    run_id text,
    tables integer,
    tables_done integer,
    failure text,
    started_at timestamptz,
    ended_at timestamptz,
    told_at timestamptz,
    CONSTRAINT run_requests_pkey PRIMARY KEY (request_id),
    CONSTRAINT run_requests_kind_values CHECK (kind IN ('LOAD', 'DAYS', 'MONTH', 'RERUN')),
    CONSTRAINT run_requests_state_values CHECK (state IN ('QUEUED', 'RUNNING', 'DONE', 'FAILED')),
    CONSTRAINT run_requests_tables_range CHECK (tables >= 0),
    CONSTRAINT run_requests_tables_done_range CHECK (tables_done >= 0)
);
COMMENT ON TABLE support.run_requests IS 'Runs of the pipeline that an ADMIN asked for on the screens, and how far each of them is. Grain: one row per request.';
COMMENT ON COLUMN support.run_requests.request_id IS 'Key.';
COMMENT ON COLUMN support.run_requests.kind IS 'Files that wait, some days again, the models of a month, or what a failed run left undone.';
COMMENT ON COLUMN support.run_requests.first_day IS 'First business date that is computed.';
COMMENT ON COLUMN support.run_requests.last_day IS 'Last one.';
COMMENT ON COLUMN support.run_requests.failed_run IS 'Run whose rest is computed.';
COMMENT ON COLUMN support.run_requests.asked_by IS 'Who.';
COMMENT ON COLUMN support.run_requests.asked_at IS 'When.';
COMMENT ON COLUMN support.run_requests.state IS 'How far it is; the sensor writes what Dagster says.';
COMMENT ON COLUMN support.run_requests.run_id IS 'Run that was launched for it.';
COMMENT ON COLUMN support.run_requests.tables IS 'Tables that the run computes.';
COMMENT ON COLUMN support.run_requests.tables_done IS 'Those of them that are done.';
COMMENT ON COLUMN support.run_requests.failure IS 'Why it failed.';
COMMENT ON COLUMN support.run_requests.started_at IS 'When the run began.';
COMMENT ON COLUMN support.run_requests.ended_at IS 'When it ended.';
COMMENT ON COLUMN support.run_requests.told_at IS 'When the sensor last looked.';

CREATE TABLE support.run_progress (
    table_name text NOT NULL,
    as_of date,
    run_id text NOT NULL,
    doing text NOT NULL,
    share double precision NOT NULL,
    failure text,
    started_at timestamptz NOT NULL DEFAULT now(),
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT run_progress_pkey PRIMARY KEY (table_name),
    CONSTRAINT run_progress_share_range CHECK (share >= 0 AND share <= 1)
);
COMMENT ON TABLE support.run_progress IS 'How far the latest long computation of each table is, and why it ended where it failed. Grain: one row per table that tells its progress.';
COMMENT ON COLUMN support.run_progress.table_name IS 'Table, as schema.name.';
COMMENT ON COLUMN support.run_progress.as_of IS 'Last business date of the window that is computed.';
COMMENT ON COLUMN support.run_progress.run_id IS 'Run that computes.';
COMMENT ON COLUMN support.run_progress.doing IS 'What is being done.';
COMMENT ON COLUMN support.run_progress.share IS 'Share of it that is done.';
COMMENT ON COLUMN support.run_progress.failure IS 'Why the run failed; NULL while it goes on.';
COMMENT ON COLUMN support.run_progress.started_at IS 'When the run began with this window.';
COMMENT ON COLUMN support.run_progress.at IS 'When it last said so.';

ALTER TABLE staging.suppliers
    ADD COLUMN min_order_value numeric(18,4),
    ADD CONSTRAINT suppliers_min_order_value_range CHECK (min_order_value >= 0);

ALTER TABLE staging.planning_rules
    ADD COLUMN max_stock numeric(18,4),
    ADD CONSTRAINT planning_rules_max_stock_range CHECK (max_stock >= 0);

ALTER TABLE core.dim_supplier
    ADD COLUMN min_order_value numeric(18,4),
    ADD CONSTRAINT dim_supplier_min_order_value_range CHECK (min_order_value >= 0);

CREATE INDEX item_source_supplier_id_item_id_idx ON core.item_source USING btree (supplier_id, item_id);

DO $fit$
BEGIN
    ALTER TABLE analytics.stock_policies
        ADD COLUMN max_stock numeric(18,4),
        ADD COLUMN supplier_min_value numeric(18,4),
        ADD CONSTRAINT stock_policies_max_stock_range CHECK (max_stock >= 0),
        ADD CONSTRAINT stock_policies_supplier_min_value_range CHECK (supplier_min_value >= 0);
EXCEPTION WHEN check_violation OR not_null_violation OR unique_violation THEN
    TRUNCATE analytics.stock_policies;
    DELETE FROM support.materializations WHERE table_name = 'analytics.stock_policies';
    ALTER TABLE analytics.stock_policies
        ADD COLUMN max_stock numeric(18,4),
        ADD COLUMN supplier_min_value numeric(18,4),
        ADD CONSTRAINT stock_policies_max_stock_range CHECK (max_stock >= 0),
        ADD CONSTRAINT stock_policies_supplier_min_value_range CHECK (supplier_min_value >= 0);
END $fit$;

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

ALTER TABLE support.planning_rule_edits
    ADD COLUMN max_stock numeric(18,4),
    ADD CONSTRAINT planning_rule_edits_max_stock_range CHECK (max_stock >= 0);

ALTER TABLE support.planning_rules
    ADD COLUMN max_stock numeric(18,4),
    ADD CONSTRAINT planning_rules_max_stock_range CHECK (max_stock >= 0);

COMMENT ON COLUMN staging.suppliers.min_order_value IS 'Least that all lines of one order are worth together. [BRL]';

COMMENT ON COLUMN staging.planning_rules.max_stock IS 'Most units on hand and on order together.';

COMMENT ON COLUMN core.dim_supplier.min_order_value IS 'Least that one order is worth. [BRL]';

COMMENT ON COLUMN analytics.stock_policies.max_stock IS 'Most units on hand and on order together. [units]';

COMMENT ON COLUMN analytics.stock_policies.supplier_min_value IS 'Least that one order to the supplier is worth. [BRL]';

COMMENT ON COLUMN analytics.backtests.evidence IS 'Of the model chosen for a cell: the rule that decided, scores, share borrowed from other classes, and the calibration tried on it with its verdict. NULL for the others.';

COMMENT ON COLUMN analytics.model_selection.evidence IS 'Scores of all models, origins, series, rule that decided, calibration.';

COMMENT ON COLUMN support.planning_rule_edits.max_stock IS 'Most units on hand and on order together.';

COMMENT ON COLUMN support.planning_rules.max_stock IS 'Most on hand and on order. [units]';

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

CREATE FUNCTION support.audit_verify(
    p_known_id bigint DEFAULT NULL, p_known_hash text DEFAULT NULL, p_newest bigint DEFAULT NULL
) RETURNS TABLE (rows_checked bigint, head_id bigint, head_hash text, problem text, problem_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    head support.audit_head;
    before bigint;
    last_id bigint;
    last_hash bytea;
BEGIN
    SELECT * INTO STRICT head FROM support.audit_head;
    before := greatest(head.audit_id - coalesce(p_newest, head.audit_id), 0);
    SELECT count(*) INTO rows_checked FROM support.audit_logs l WHERE l.audit_id > before;
    head_id := head.audit_id;
    head_hash := encode(head.row_hash, 'hex');
    SELECT c.fault, c.audit_id INTO problem, problem_id
    FROM (
        SELECT l.audit_id, CASE
            WHEN l.audit_id <> before + row_number() OVER chain THEN 'row_missing'
            WHEN l.previous_hash <> coalesce(lag(l.row_hash) OVER chain, CASE before WHEN 0 THEN sha256('') ELSE l.previous_hash END)
                THEN 'link_broken'
            WHEN l.row_hash <> support.audit_hash(l) THEN 'row_changed'
        END AS fault
        FROM support.audit_logs l
        WHERE l.audit_id > before
        WINDOW chain AS (ORDER BY l.audit_id)
    ) AS c
    WHERE c.fault IS NOT NULL
    ORDER BY c.audit_id
    LIMIT 1;
    IF problem IS NULL THEN
        SELECT l.audit_id, l.row_hash INTO last_id, last_hash
        FROM support.audit_logs l ORDER BY l.audit_id DESC LIMIT 1;
        IF (coalesce(last_id, 0), coalesce(last_hash, sha256(''))) <> (head.audit_id, head.row_hash) THEN
            problem := 'head_differs';
            problem_id := coalesce(last_id, 0);
        ELSIF p_known_id > 0 AND NOT EXISTS (
            SELECT FROM support.audit_logs l
            WHERE l.audit_id = p_known_id AND encode(l.row_hash, 'hex') = lower(p_known_hash)
        ) THEN
            problem := 'known_differs';
            problem_id := p_known_id;
        END IF;
    END IF;
    RETURN NEXT;
END $$;

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

CREATE MATERIALIZED VIEW analytics.mv_forecasts_latest AS
-- analytics.mv_forecasts_latest: latest forecast sums with the quantiles that screens show, and the codes that a page of them
-- is found along.
-- Grain: one row per material, site and target. No parameters.
SELECT f.item_id, f.site_id, f.target, f.as_of, f.horizon_days, f.model, f.mean,
       f.quantile_values[array_position(f.quantile_levels, 0.05)] AS p05,
       f.quantile_values[array_position(f.quantile_levels, 0.25)] AS p25,
       f.quantile_values[array_position(f.quantile_levels, 0.5)] AS p50,
       f.quantile_values[array_position(f.quantile_levels, 0.75)] AS p75,
       f.quantile_values[array_position(f.quantile_levels, 0.9)] AS p90,
       f.quantile_values[array_position(f.quantile_levels, 0.95)] AS p95,
       f.quantile_values[array_position(f.quantile_levels, 0.99)] AS p99,
       f.borrowed_share, i.item_code, s.site_code
FROM analytics.forecasts AS f
JOIN core.dim_item AS i USING (item_id)
JOIN core.dim_site AS s USING (site_id)
WHERE f.as_of = (SELECT max(as_of) FROM analytics.forecasts)
WITH NO DATA;
CREATE UNIQUE INDEX mv_forecasts_latest_pkey ON analytics.mv_forecasts_latest (item_id, site_id, target);
CREATE INDEX mv_forecasts_latest_item_code_site_code_target_idx ON analytics.mv_forecasts_latest USING btree (item_code, site_code, target);
COMMENT ON MATERIALIZED VIEW analytics.mv_forecasts_latest IS 'Latest forecast sums with the quantiles that screens show. Grain: one row per material, site and target.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.item_id IS 'Material.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.site_id IS 'Site.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.target IS 'Sum that is forecast.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.as_of IS 'Date that the forecast stands on.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.horizon_days IS 'Days summed. [days]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.model IS 'Model.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.mean IS 'Mean of the sum. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p05 IS '0.05 quantile. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p25 IS '0.25 quantile. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p50 IS 'Median. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p75 IS '0.75 quantile. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p90 IS '0.90 quantile. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p95 IS '0.95 quantile. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.p99 IS '0.99 quantile. [units]';
COMMENT ON COLUMN analytics.mv_forecasts_latest.borrowed_share IS 'Weight of borrowed evidence.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.item_code IS 'Material.';
COMMENT ON COLUMN analytics.mv_forecasts_latest.site_code IS 'Site.';
REFRESH MATERIALIZED VIEW analytics.mv_forecasts_latest;

CREATE MATERIALIZED VIEW analytics.mv_item_sites_latest AS
-- analytics.mv_item_sites_latest: everything that the material list and the header of its detail show.
-- Grain: one row per material and site, on the latest date for which policies exist. No parameters.
-- Coverage stands on what decisions stand on: a planner's forecast where there is one, else the computed one.
-- Quantities of stock are NULL where the position is not known (no recent inventory row).
WITH latest AS (
    SELECT max(as_of) AS as_of FROM analytics.stock_policies
),
decisions AS (
    SELECT DISTINCT ON (item_id, site_id) r.*
    FROM analytics.recommendations AS r
    JOIN latest USING (as_of)
    ORDER BY item_id, site_id,
             array_position(ARRAY['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'], priority),
             array_position(ARRAY['EXPEDITE', 'REORDER', 'REALLOCATE', 'SUBSTITUTE', 'REDUCE', 'DISPOSE', 'HOLD'], action),
             order_ref
),
demand AS (
    SELECT item_id, site_id, (latest.as_of - full_date) / 7 AS weeks_ago, sum(quantity) AS quantity
    FROM core.fact_demand_daily
    JOIN latest ON full_date > latest.as_of - 365 AND full_date <= latest.as_of
    GROUP BY item_id, site_id, weeks_ago
),
years AS (
    SELECT item_id, site_id, sum(quantity) AS demand_365
    FROM demand
    GROUP BY item_id, site_id
),
trends AS (
    SELECT c.item_id, c.site_id,
           array_agg(coalesce(d.quantity, 0)::double precision ORDER BY week.ago DESC) AS demand_trend
    FROM analytics.demand_classes AS c
    JOIN latest USING (as_of)
    CROSS JOIN generate_series(0, 25) AS week (ago)
    LEFT JOIN demand AS d ON d.item_id = c.item_id AND d.site_id = c.site_id AND d.weeks_ago = week.ago
    GROUP BY c.item_id, c.site_id
)
SELECT c.item_id, c.site_id, c.as_of,
       i.item_code, i.name AS item_name, i.family, i.unit_measure, i.unit_cost, i.criticality, i.active AS item_active,
       s.site_code, s.name AS site_name, r.region_code, r.name AS region_name, r.state_code, s.latitude, s.longitude,
       c.demand_class, c.abc_class,
       d.on_hand, d.on_order, d.reserved, d.backorder, d.position,
       p.reorder_point, p.safety_stock, p.order_up_to,
       coalesce(o.mean, f.mean) AS mean_30,
       d.on_hand::double precision * 30 / nullif(coalesce(o.mean, f.mean), 0) AS coverage_days,
       d.stockout_probability, d.action, d.priority,
       d.on_hand * i.unit_cost AS stock_value,
       coalesce(y.demand_365, 0) AS demand_365,
       t.demand_trend
FROM analytics.demand_classes AS c
JOIN latest ON latest.as_of = c.as_of
JOIN core.dim_item AS i ON i.item_id = c.item_id
JOIN core.dim_site AS s ON s.site_id = c.site_id
LEFT JOIN core.dim_region AS r ON r.region_id = s.region_id
LEFT JOIN decisions AS d ON d.item_id = c.item_id AND d.site_id = c.site_id
LEFT JOIN analytics.stock_policies AS p
       ON p.as_of = c.as_of AND p.item_id = c.item_id AND p.site_id = c.site_id
LEFT JOIN analytics.forecasts AS f
       ON f.as_of = c.as_of AND f.item_id = c.item_id AND f.site_id = c.site_id AND f.target = 'D30'
LEFT JOIN analytics.forecast_overrides AS o
       ON o.as_of = f.as_of AND o.item_id = f.item_id AND o.site_id = f.site_id AND o.target = f.target
LEFT JOIN years AS y ON y.item_id = c.item_id AND y.site_id = c.site_id
LEFT JOIN trends AS t ON t.item_id = c.item_id AND t.site_id = c.site_id
WITH NO DATA;
CREATE UNIQUE INDEX mv_item_sites_latest_pkey ON analytics.mv_item_sites_latest (item_id, site_id);
CREATE INDEX mv_item_sites_latest_item_code_site_code_idx ON analytics.mv_item_sites_latest USING btree (item_code, site_code);
COMMENT ON MATERIALIZED VIEW analytics.mv_item_sites_latest IS 'One line per material and site with everything the list and the detail header show. Grain: one row per material and site.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.item_id IS 'Material.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.site_id IS 'Site.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.as_of IS 'Date that the line stands on.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.item_code IS 'Code of the material.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.item_name IS 'Name of the material.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.family IS 'Family.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.unit_measure IS 'Unit of measure.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.unit_cost IS 'Standard cost. [BRL]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.criticality IS 'Criticality 0 to 10.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.item_active IS 'Material in use.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.site_code IS 'Code of the site.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.site_name IS 'Name of the site.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.region_code IS 'Region.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.region_name IS 'Name of the region.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.state_code IS 'State.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.latitude IS 'Latitude. [degrees]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.longitude IS 'Longitude. [degrees]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.demand_class IS 'Demand class.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.abc_class IS 'ABC class.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.on_hand IS 'Quantity on the shelf. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.on_order IS 'Open orders inside the protection period. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.reserved IS 'Promised already. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.backorder IS 'Owed. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.position IS 'Inventory position. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.reorder_point IS 'Reorder point. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.safety_stock IS 'Safety stock. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.order_up_to IS 'Order-up-to level. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.mean_30 IS 'Mean forecast of 30 days, a planner''s own where there is one. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.coverage_days IS 'On hand over mean daily forecast of 30 days. [days]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.stockout_probability IS 'Probability of a stock-out without acting.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.action IS 'Recommended action of the highest priority.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.priority IS 'Its priority.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.stock_value IS 'On hand at standard cost. [BRL]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.demand_365 IS 'Demand of 365 days. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.demand_trend IS 'Demand of the last 26 weeks, oldest first. [units]';
REFRESH MATERIALIZED VIEW analytics.mv_item_sites_latest;

CREATE MATERIALIZED VIEW analytics.mv_recommendations_latest AS
-- analytics.mv_recommendations_latest: the keys of the latest day's recommendations in the order of the queue, with the codes
-- that they are looked for by, so that a page of it is found without reading anything else: terms and explanations are
-- most of a recommendation.
-- Grain: one row per recommendation, on the latest date for which policies exist. No parameters.
SELECT r.item_id, r.site_id, r.action, r.order_ref, r.as_of, r.priority, r.supplier_id,
       row_number() OVER (
           ORDER BY r.action <> 'HOLD' DESC, r.avoided_cost DESC, r.item_id, r.site_id, r.action, r.order_ref) AS queue_rank,
       i.item_code, i.name AS item_name, s.site_code
FROM analytics.recommendations AS r
JOIN core.dim_item AS i USING (item_id)
JOIN core.dim_site AS s USING (site_id)
WHERE r.as_of = (SELECT max(as_of) FROM analytics.stock_policies)
WITH NO DATA;
CREATE UNIQUE INDEX mv_recommendations_latest_pkey ON analytics.mv_recommendations_latest (item_id, site_id, action, order_ref);
CREATE INDEX mv_recommendations_latest_queue_rank_idx ON analytics.mv_recommendations_latest USING btree (queue_rank);
COMMENT ON MATERIALIZED VIEW analytics.mv_recommendations_latest IS 'Keys of the latest day''s recommendations in the order of the queue, with the codes that they are looked for by. Grain: one row per recommendation.';
COMMENT ON COLUMN analytics.mv_recommendations_latest.item_id IS 'Material.';
COMMENT ON COLUMN analytics.mv_recommendations_latest.site_id IS 'Site.';
COMMENT ON COLUMN analytics.mv_recommendations_latest.action IS 'Action.';
COMMENT ON COLUMN analytics.mv_recommendations_latest.order_ref IS 'Order line that is to be hurried, or ''''.';
COMMENT ON COLUMN analytics.mv_recommendations_latest.as_of IS 'Latest day.';
COMMENT ON COLUMN analytics.mv_recommendations_latest.priority IS 'Priority.';
COMMENT ON COLUMN analytics.mv_recommendations_latest.supplier_id IS 'Supplier.';
COMMENT ON COLUMN analytics.mv_recommendations_latest.queue_rank IS 'Place in the queue: what asks for an action first, then by the cost avoided.';
COMMENT ON COLUMN analytics.mv_recommendations_latest.item_code IS 'Material.';
COMMENT ON COLUMN analytics.mv_recommendations_latest.item_name IS 'Name of the material.';
COMMENT ON COLUMN analytics.mv_recommendations_latest.site_code IS 'Site.';
REFRESH MATERIALIZED VIEW analytics.mv_recommendations_latest;

GRANT SELECT ON analytics.mv_forecasts_latest TO nova_etl;

GRANT SELECT ON analytics.mv_forecasts_latest TO nova_app;

GRANT SELECT ON analytics.mv_forecasts_latest TO nova_ro;

GRANT SELECT ON analytics.mv_item_sites_latest TO nova_etl;

GRANT SELECT ON analytics.mv_item_sites_latest TO nova_app;

GRANT SELECT ON analytics.mv_item_sites_latest TO nova_ro;

GRANT SELECT ON analytics.mv_recommendations_latest TO nova_etl;

GRANT SELECT ON analytics.mv_recommendations_latest TO nova_app;

GRANT SELECT ON analytics.mv_recommendations_latest TO nova_ro;

GRANT SELECT, UPDATE ON support.run_requests TO nova_etl;

GRANT SELECT ON support.run_requests TO nova_app;

GRANT SELECT, INSERT, UPDATE ON support.run_progress TO nova_etl;

GRANT SELECT ON support.run_progress TO nova_app;

REVOKE ALL ON FUNCTION support.check_session FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.check_session TO nova_app;

REVOKE ALL ON FUNCTION support.audit_list FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.audit_list TO nova_app;

REVOKE ALL ON FUNCTION support.audit_verify FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.audit_verify TO nova_app;

REVOKE ALL ON FUNCTION support.request_run FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.request_run TO nova_app;
