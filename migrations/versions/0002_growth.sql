-- What changed since revision 0001. Generated from the catalog; not edited by hand.
-- Tables of schema analytics are derived: where rows do not fit the new shape they are emptied, and the next run
-- computes them again. Rows of staging, core and support stay.

DROP MATERIALIZED VIEW analytics.mv_forecasts_latest;

DROP MATERIALIZED VIEW analytics.mv_item_sites_latest;

DROP MATERIALIZED VIEW analytics.mv_alerts_open;

DROP FUNCTION support.check_api_token;

DROP FUNCTION support.finish_login;

DROP FUNCTION support.check_session;

DROP FUNCTION support.sessions_list;

DROP FUNCTION support.create_user;

DROP FUNCTION support.users_list;

CREATE TABLE analytics.forecast_corrections (
    as_of date NOT NULL,
    target text NOT NULL,
    correction text NOT NULL,
    kind text NOT NULL,
    kept boolean NOT NULL,
    pinball_without double precision,
    pinball_with double precision,
    gain double precision,
    gain_se double precision,
    origins integer NOT NULL,
    forecasts integer NOT NULL,
    evidence jsonb NOT NULL,
    CONSTRAINT forecast_corrections_pkey PRIMARY KEY (as_of, target, correction),
    CONSTRAINT forecast_corrections_target_values CHECK (target IN ('PROTECTION', 'D30', 'D60', 'D90')),
    CONSTRAINT forecast_corrections_kind_values CHECK (kind IN ('HIERARCHY', 'DRIVER')),
    CONSTRAINT forecast_corrections_origins_range CHECK (origins >= 0),
    CONSTRAINT forecast_corrections_forecasts_range CHECK (forecasts >= 0)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.forecast_corrections IS 'Verdict on each correction of the forecasts: totals of the hierarchy, calendar, holidays, weather, currency, planned work; the same past forecasts with and without it. Grain: one row per month, target and correction.';
COMMENT ON COLUMN analytics.forecast_corrections.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.forecast_corrections.target IS 'Sum that is forecast.';
COMMENT ON COLUMN analytics.forecast_corrections.correction IS 'Level of the hierarchy or driver.';
COMMENT ON COLUMN analytics.forecast_corrections.kind IS 'What moves the forecast.';
COMMENT ON COLUMN analytics.forecast_corrections.kept IS 'Whether it is in force: it gains more than a standard error and 1 %.';
COMMENT ON COLUMN analytics.forecast_corrections.pinball_without IS '2 x mean pinball over mean demand, in mean demand sizes.';
COMMENT ON COLUMN analytics.forecast_corrections.pinball_with IS 'The same with the correction.';
COMMENT ON COLUMN analytics.forecast_corrections.gain IS '1 - with / without.';
COMMENT ON COLUMN analytics.forecast_corrections.gain_se IS 'Standard error of the gain, over series.';
COMMENT ON COLUMN analytics.forecast_corrections.origins IS 'Origins tried.';
COMMENT ON COLUMN analytics.forecast_corrections.forecasts IS 'Forecasts compared.';
COMMENT ON COLUMN analytics.forecast_corrections.evidence IS 'Model of the totals and what raced for them; series compared.';

CREATE TABLE analytics.forecast_overrides (
    as_of date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    target text NOT NULL,
    override_id bigint NOT NULL,
    baseline_mean double precision NOT NULL,
    mean double precision NOT NULL,
    quantile_levels double precision[] NOT NULL,
    quantile_values double precision[] NOT NULL,
    CONSTRAINT forecast_overrides_pkey PRIMARY KEY (as_of, item_id, site_id, target),
    CONSTRAINT forecast_overrides_target_values CHECK (target IN ('PROTECTION', 'D30', 'D60', 'D90')),
    CONSTRAINT forecast_overrides_baseline_mean_range CHECK (baseline_mean >= 0),
    CONSTRAINT forecast_overrides_mean_range CHECK (mean >= 0)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.forecast_overrides IS 'Distributions that planners'' overrides in force put in the place of forecasts, which stay as they are: policies and recommendations plan by these. Item-sites without an override have no rows. Grain: one row per day, material, site and target of the item-sites with an override in force.';
COMMENT ON COLUMN analytics.forecast_overrides.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.forecast_overrides.item_id IS 'Material.';
COMMENT ON COLUMN analytics.forecast_overrides.site_id IS 'Site.';
COMMENT ON COLUMN analytics.forecast_overrides.target IS 'Sum that is forecast.';
COMMENT ON COLUMN analytics.forecast_overrides.override_id IS 'Override that moved it: of this target, or of another of the item-site.';
COMMENT ON COLUMN analytics.forecast_overrides.baseline_mean IS 'Mean as computed. [units]';
COMMENT ON COLUMN analytics.forecast_overrides.mean IS 'Mean by the planner''s number. [units]';
COMMENT ON COLUMN analytics.forecast_overrides.quantile_levels IS 'Probabilities of the quantile grid, ascending.';
COMMENT ON COLUMN analytics.forecast_overrides.quantile_values IS 'Sum at each level, never falling. [units]';

CREATE TABLE analytics.forecast_value_added (
    as_of date NOT NULL,
    target text NOT NULL,
    demand_class text NOT NULL,
    step text NOT NULL,
    position smallint NOT NULL,
    forecasts integer NOT NULL,
    pinball double precision,
    previous_pinball double precision,
    value_added double precision,
    cost double precision,
    previous_cost double precision,
    CONSTRAINT forecast_value_added_pkey PRIMARY KEY (as_of, target, demand_class, step),
    CONSTRAINT forecast_value_added_target_values CHECK (target IN ('PROTECTION', 'D30', 'D60', 'D90')),
    CONSTRAINT forecast_value_added_demand_class_values CHECK (demand_class IN ('smooth', 'erratic', 'intermittent', 'lumpy', 'new', 'single_event', 'dead', 'none', '*')),
    CONSTRAINT forecast_value_added_step_values CHECK (step IN ('zero', 'naive', 'historic_mean', 'tsb', 'selected', 'override')),
    CONSTRAINT forecast_value_added_position_range CHECK (position >= 1),
    CONSTRAINT forecast_value_added_forecasts_range CHECK (forecasts >= 1)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.forecast_value_added IS 'Staircase of forecast value added: zero, naive, mean, TSB, the selected models, planners'' overrides; each step against the one before it, on the same forecasts. Grain: one row per month, target, demand class (''*'' is all of them) and step.';
COMMENT ON COLUMN analytics.forecast_value_added.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.forecast_value_added.target IS 'Sum that is forecast.';
COMMENT ON COLUMN analytics.forecast_value_added.demand_class IS 'Demand class at the origin, or ''*''.';
COMMENT ON COLUMN analytics.forecast_value_added.step IS 'Who forecasts.';
COMMENT ON COLUMN analytics.forecast_value_added.position IS 'Place of the step on the staircase, from 1.';
COMMENT ON COLUMN analytics.forecast_value_added.forecasts IS 'Forecasts compared.';
COMMENT ON COLUMN analytics.forecast_value_added.pinball IS '2 x mean pinball over mean demand, in units.';
COMMENT ON COLUMN analytics.forecast_value_added.previous_pinball IS 'That of the step before on the same forecasts.';
COMMENT ON COLUMN analytics.forecast_value_added.value_added IS '1 - pinball over the previous step''s.';
COMMENT ON COLUMN analytics.forecast_value_added.cost IS 'Cost of stocking the 0.95 quantile, of all forecasts together. [BRL]';
COMMENT ON COLUMN analytics.forecast_value_added.previous_cost IS 'That of the step before on the same forecasts. [BRL]';

CREATE TABLE analytics.supplier_scorecard (
    as_of date NOT NULL,
    supplier_id bigint NOT NULL,
    orders integer NOT NULL,
    receipts integer NOT NULL,
    open_orders integer NOT NULL,
    late_orders integer NOT NULL,
    on_time_share double precision,
    quantity_accuracy double precision,
    promised_days double precision,
    mean_days double precision,
    p50_days double precision,
    p90_days double precision,
    p95_days double precision,
    price_drift double precision,
    CONSTRAINT supplier_scorecard_pkey PRIMARY KEY (as_of, supplier_id),
    CONSTRAINT supplier_scorecard_orders_range CHECK (orders >= 0),
    CONSTRAINT supplier_scorecard_receipts_range CHECK (receipts >= 0),
    CONSTRAINT supplier_scorecard_open_orders_range CHECK (open_orders >= 0),
    CONSTRAINT supplier_scorecard_late_orders_range CHECK (late_orders >= 0),
    CONSTRAINT supplier_scorecard_on_time_share_range CHECK (on_time_share >= 0 AND on_time_share <= 1),
    CONSTRAINT supplier_scorecard_quantity_accuracy_range CHECK (quantity_accuracy >= 0 AND quantity_accuracy <= 1)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.supplier_scorecard IS 'What each supplier promised and did: on-time share, quantity accuracy, tail of the lead time, price drift. Grain: one row per day and supplier with an order, a receipt or an open line in the last year.';
COMMENT ON COLUMN analytics.supplier_scorecard.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.supplier_scorecard.supplier_id IS 'Supplier.';
COMMENT ON COLUMN analytics.supplier_scorecard.orders IS 'Lines ordered in the last year.';
COMMENT ON COLUMN analytics.supplier_scorecard.receipts IS 'Lines received in the last year: the sample of the shares.';
COMMENT ON COLUMN analytics.supplier_scorecard.open_orders IS 'Lines on the way.';
COMMENT ON COLUMN analytics.supplier_scorecard.late_orders IS 'Lines on the way past their promised day.';
COMMENT ON COLUMN analytics.supplier_scorecard.on_time_share IS 'Receipts on or before the promised day.';
COMMENT ON COLUMN analytics.supplier_scorecard.quantity_accuracy IS '1 less the mean relative gap between ordered and received.';
COMMENT ON COLUMN analytics.supplier_scorecard.promised_days IS 'Mean lead time promised on the lines received. [days]';
COMMENT ON COLUMN analytics.supplier_scorecard.mean_days IS 'Mean lead time, open orders censored. [days]';
COMMENT ON COLUMN analytics.supplier_scorecard.p50_days IS 'Median lead time. [days]';
COMMENT ON COLUMN analytics.supplier_scorecard.p90_days IS 'Lead time that one line in ten exceeds. [days]';
COMMENT ON COLUMN analytics.supplier_scorecard.p95_days IS 'Lead time that one line in twenty exceeds. [days]';
COMMENT ON COLUMN analytics.supplier_scorecard.price_drift IS 'Price of the last half-year over that of the half-year before, less 1.';

CREATE TABLE analytics.forecast_scores (
    as_of date NOT NULL,
    target text NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    forecast_as_of date NOT NULL,
    horizon_days integer NOT NULL,
    unobserved_days integer NOT NULL,
    recorded double precision NOT NULL,
    actual double precision,
    naive double precision NOT NULL,
    p50 double precision NOT NULL,
    p90 double precision NOT NULL,
    CONSTRAINT forecast_scores_pkey PRIMARY KEY (as_of, target, item_id, site_id),
    CONSTRAINT forecast_scores_target_values CHECK (target IN ('PROTECTION', 'D30', 'D60', 'D90')),
    CONSTRAINT forecast_scores_horizon_days_range CHECK (horizon_days >= 1),
    CONSTRAINT forecast_scores_unobserved_days_range CHECK (unobserved_days >= 0)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.forecast_scores IS 'Each forecast of a fixed sum beside what came, once its last day is over. Grain: one row per day, target, material and site.';
COMMENT ON COLUMN analytics.forecast_scores.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.forecast_scores.target IS 'Sum that was forecast.';
COMMENT ON COLUMN analytics.forecast_scores.item_id IS 'Material.';
COMMENT ON COLUMN analytics.forecast_scores.site_id IS 'Site.';
COMMENT ON COLUMN analytics.forecast_scores.forecast_as_of IS 'Date that the forecast stood on.';
COMMENT ON COLUMN analytics.forecast_scores.horizon_days IS 'Days summed. [days]';
COMMENT ON COLUMN analytics.forecast_scores.unobserved_days IS 'Days of them without stock on which nothing was handed out.';
COMMENT ON COLUMN analytics.forecast_scores.recorded IS 'Demand as recorded. [units]';
COMMENT ON COLUMN analytics.forecast_scores.actual IS 'Demand of the observed days, scaled up to all days. [units]';
COMMENT ON COLUMN analytics.forecast_scores.naive IS 'Demand of as many days before the forecast: the naive forecast. [units]';
COMMENT ON COLUMN analytics.forecast_scores.p50 IS 'Median that was forecast. [units]';
COMMENT ON COLUMN analytics.forecast_scores.p90 IS '0.9 quantile that was forecast. [units]';

CREATE TABLE analytics.alert_scores (
    as_of date NOT NULL,
    alerted_on date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    horizon_days integer NOT NULL,
    probability double precision NOT NULL,
    position double precision NOT NULL,
    actual_demand double precision NOT NULL,
    came_true boolean NOT NULL,
    CONSTRAINT alert_scores_pkey PRIMARY KEY (as_of, alerted_on, item_id, site_id),
    CONSTRAINT alert_scores_horizon_days_range CHECK (horizon_days >= 1),
    CONSTRAINT alert_scores_probability_range CHECK (probability >= 0 AND probability <= 1)
) PARTITION BY RANGE (as_of);
COMMENT ON TABLE analytics.alert_scores IS 'Each stock-out alert beside what came, once the days that its probability was about are over. Grain: one row per day, date of the alert, material and site.';
COMMENT ON COLUMN analytics.alert_scores.as_of IS 'Business date that the row stands on.';
COMMENT ON COLUMN analytics.alert_scores.alerted_on IS 'Date of the alert.';
COMMENT ON COLUMN analytics.alert_scores.item_id IS 'Material.';
COMMENT ON COLUMN analytics.alert_scores.site_id IS 'Site.';
COMMENT ON COLUMN analytics.alert_scores.horizon_days IS 'Days that the probability was about. [days]';
COMMENT ON COLUMN analytics.alert_scores.probability IS 'Probability that was told.';
COMMENT ON COLUMN analytics.alert_scores.position IS 'What was there or due in those days, late orders left out. [units]';
COMMENT ON COLUMN analytics.alert_scores.actual_demand IS 'Demand that came, scaled up for days without sight of it. [units]';
COMMENT ON COLUMN analytics.alert_scores.came_true IS 'True where the demand exceeded the position.';

CREATE TABLE support.second_factors (
    user_id bigint NOT NULL CONSTRAINT second_factors_user_id_fkey REFERENCES support.users (user_id),
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    CONSTRAINT second_factors_pkey PRIMARY KEY (user_id)
);
COMMENT ON TABLE support.second_factors IS 'TOTP secrets, encrypted by the app, whose key is not in the database. Grain: one row per person who has begun to use one.';
COMMENT ON COLUMN support.second_factors.user_id IS 'Whose.';
COMMENT ON COLUMN support.second_factors.secret IS 'Encrypted secret.';
COMMENT ON COLUMN support.second_factors.created_at IS 'When it was made.';
COMMENT ON COLUMN support.second_factors.confirmed_at IS 'When a first code was right; signing in asks for codes from then on.';
COMMENT ON COLUMN support.second_factors.last_step IS 'Time step of the last code that was used; older ones are refused.';

CREATE TABLE support.recovery_codes (
    user_id bigint NOT NULL CONSTRAINT recovery_codes_user_id_fkey REFERENCES support.users (user_id),
    code_hash bytea NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash)
);
COMMENT ON TABLE support.recovery_codes IS 'Codes that stand in once each for a lost second factor; only hashes. Grain: one row per code.';
COMMENT ON COLUMN support.recovery_codes.user_id IS 'Whose.';
COMMENT ON COLUMN support.recovery_codes.code_hash IS 'SHA-256 of the code.';
COMMENT ON COLUMN support.recovery_codes.used_at IS 'When it was used.';

CREATE TABLE support.login_challenges (
    challenge_hash bytea NOT NULL,
    user_id bigint NOT NULL CONSTRAINT login_challenges_user_id_fkey REFERENCES support.users (user_id),
    attempts integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT login_challenges_pkey PRIMARY KEY (challenge_hash),
    CONSTRAINT login_challenges_attempts_range CHECK (attempts >= 0)
);
CREATE INDEX login_challenges_expires_at_idx ON support.login_challenges USING btree (expires_at);
COMMENT ON TABLE support.login_challenges IS 'Right passwords that wait for a code of the second factor. Grain: one row per challenge.';
COMMENT ON COLUMN support.login_challenges.challenge_hash IS 'SHA-256 of the challenge that the browser holds.';
COMMENT ON COLUMN support.login_challenges.user_id IS 'Whose password was right.';
COMMENT ON COLUMN support.login_challenges.attempts IS 'Codes that were tried.';
COMMENT ON COLUMN support.login_challenges.expires_at IS 'When it stops working.';
COMMENT ON COLUMN support.login_challenges.used_at IS 'When it became a session.';

CREATE TABLE support.identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id bigint NOT NULL CONSTRAINT identities_user_id_fkey REFERENCES support.users (user_id),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT identities_pkey PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX identities_issuer_user_id_key ON support.identities USING btree (issuer, user_id);
COMMENT ON TABLE support.identities IS 'Accounts at an identity provider and the person each stands for. Grain: one row per account at a provider.';
COMMENT ON COLUMN support.identities.issuer IS 'The provider''s issuer address.';
COMMENT ON COLUMN support.identities.subject IS 'The provider''s own key of the account.';
COMMENT ON COLUMN support.identities.user_id IS 'Who it is here.';
COMMENT ON COLUMN support.identities.created_at IS 'When it was tied to the person.';

CREATE TABLE support.recommendation_history (
    history_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    as_of date NOT NULL,
    item_id bigint NOT NULL,
    site_id bigint NOT NULL,
    action text NOT NULL,
    order_ref text NOT NULL,
    state text NOT NULL,
    quantity double precision,
    reason text,
    supplier_id bigint,
    from_site_code text,
    version integer NOT NULL,
    decided_by bigint NOT NULL CONSTRAINT recommendation_history_decided_by_fkey REFERENCES support.users (user_id),
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT recommendation_history_pkey PRIMARY KEY (history_id),
    CONSTRAINT recommendation_history_state_values CHECK (state IN ('PROPOSED', 'APPROVED', 'ADJUSTED', 'REJECTED', 'EXPORTED', 'RECEIVED')),
    CONSTRAINT recommendation_history_quantity_range CHECK (quantity >= 0),
    CONSTRAINT recommendation_history_version_range CHECK (version >= 1)
);
CREATE INDEX recommendation_history_item_id_site_id_at_idx ON support.recommendation_history USING btree (item_id, site_id, at);
COMMENT ON TABLE support.recommendation_history IS 'Every word that people said about a recommendation, in order; an as-of counts those spoken by then. Grain: one row per change of a recommendation''s state.';
COMMENT ON COLUMN support.recommendation_history.history_id IS 'Key, in order.';
COMMENT ON COLUMN support.recommendation_history.as_of IS 'Date of the recommendation.';
COMMENT ON COLUMN support.recommendation_history.item_id IS 'Material.';
COMMENT ON COLUMN support.recommendation_history.site_id IS 'Site.';
COMMENT ON COLUMN support.recommendation_history.action IS 'Action recommended.';
COMMENT ON COLUMN support.recommendation_history.order_ref IS 'Order concerned, or ''''.';
COMMENT ON COLUMN support.recommendation_history.state IS 'State from then on; PROPOSED once a decision was withdrawn.';
COMMENT ON COLUMN support.recommendation_history.quantity IS 'Quantity decided.';
COMMENT ON COLUMN support.recommendation_history.reason IS 'Why, where it departs from the recommendation.';
COMMENT ON COLUMN support.recommendation_history.supplier_id IS 'Supplier recommended.';
COMMENT ON COLUMN support.recommendation_history.from_site_code IS 'Site that gives, for a transfer.';
COMMENT ON COLUMN support.recommendation_history.version IS 'Version of the state that it made.';
COMMENT ON COLUMN support.recommendation_history.decided_by IS 'Who.';
COMMENT ON COLUMN support.recommendation_history.at IS 'When.';

CREATE TABLE support.scenario_requests (
    request_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    as_of date NOT NULL,
    parameters jsonb NOT NULL,
    asked_by bigint NOT NULL CONSTRAINT scenario_requests_asked_by_fkey REFERENCES support.users (user_id),
    asked_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT scenario_requests_pkey PRIMARY KEY (request_id)
);
CREATE INDEX scenario_requests_as_of_idx ON support.scenario_requests USING btree (as_of);
COMMENT ON TABLE support.scenario_requests IS 'What-ifs that people asked for; the answers stand in analytics.scenarios under request_<id>. Grain: one row per request.';
COMMENT ON COLUMN support.scenario_requests.request_id IS 'Key.';
COMMENT ON COLUMN support.scenario_requests.as_of IS 'Date that the history is replayed up to.';
COMMENT ON COLUMN support.scenario_requests.parameters IS 'Policies, service levels and months to replay.';
COMMENT ON COLUMN support.scenario_requests.asked_by IS 'Who.';
COMMENT ON COLUMN support.scenario_requests.asked_at IS 'When.';

CREATE TABLE support.planning_rule_edits (
    edit_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    item_code text,
    family text,
    abc_class text,
    site_code text,
    criticality_min numeric(18,4),
    service_level numeric(18,4),
    review_days numeric(18,4),
    lead_time_days numeric(18,4),
    holding_rate_year numeric(18,4),
    holding_cost_unit_day numeric(18,4),
    shortage_cost_unit numeric(18,4),
    fixed_order_cost numeric(18,4),
    unmet_demand text,
    reason text NOT NULL,
    created_by bigint NOT NULL CONSTRAINT planning_rule_edits_created_by_fkey REFERENCES support.users (user_id),
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_by bigint CONSTRAINT planning_rule_edits_ended_by_fkey REFERENCES support.users (user_id),
    ended_at timestamptz,
    CONSTRAINT planning_rule_edits_pkey PRIMARY KEY (edit_id),
    CONSTRAINT planning_rule_edits_abc_class_values CHECK (abc_class IN ('A', 'B', 'C')),
    CONSTRAINT planning_rule_edits_criticality_min_range CHECK (criticality_min >= 0 AND criticality_min <= 10),
    CONSTRAINT planning_rule_edits_service_level_range CHECK (service_level >= 0.5 AND service_level <= 0.9999),
    CONSTRAINT planning_rule_edits_review_days_range CHECK (review_days >= 0),
    CONSTRAINT planning_rule_edits_lead_time_days_range CHECK (lead_time_days >= 0),
    CONSTRAINT planning_rule_edits_holding_rate_year_range CHECK (holding_rate_year >= 0 AND holding_rate_year <= 5),
    CONSTRAINT planning_rule_edits_holding_cost_unit_day_range CHECK (holding_cost_unit_day >= 0),
    CONSTRAINT planning_rule_edits_shortage_cost_unit_range CHECK (shortage_cost_unit >= 0),
    CONSTRAINT planning_rule_edits_fixed_order_cost_range CHECK (fixed_order_cost >= 0),
    CONSTRAINT planning_rule_edits_unmet_demand_values CHECK (unmet_demand IN ('BACKORDER', 'LOST'))
);
COMMENT ON TABLE support.planning_rule_edits IS 'Planning rules that an ADMIN sets on the screens, apart from those of the ERP; they count from the next run until ended. Grain: one row per rule set; the former one of the same scope is ended.';
COMMENT ON COLUMN support.planning_rule_edits.edit_id IS 'Key.';
COMMENT ON COLUMN support.planning_rule_edits.item_code IS 'Scope: material.';
COMMENT ON COLUMN support.planning_rule_edits.family IS 'Scope: family of materials.';
COMMENT ON COLUMN support.planning_rule_edits.abc_class IS 'Scope: ABC class.';
COMMENT ON COLUMN support.planning_rule_edits.site_code IS 'Scope: site.';
COMMENT ON COLUMN support.planning_rule_edits.criticality_min IS 'Scope: criticality of at least this.';
COMMENT ON COLUMN support.planning_rule_edits.service_level IS 'Wanted probability of no stock-out per cycle.';
COMMENT ON COLUMN support.planning_rule_edits.review_days IS 'Days between two looks at the stock. [days]';
COMMENT ON COLUMN support.planning_rule_edits.lead_time_days IS 'Lead time to plan with instead of the measured one. [days]';
COMMENT ON COLUMN support.planning_rule_edits.holding_rate_year IS 'Yearly cost of holding stock, share of its value.';
COMMENT ON COLUMN support.planning_rule_edits.holding_cost_unit_day IS 'Cost of holding one unit for a day. [BRL]';
COMMENT ON COLUMN support.planning_rule_edits.shortage_cost_unit IS 'Cost of one unit short. [BRL]';
COMMENT ON COLUMN support.planning_rule_edits.fixed_order_cost IS 'Cost of placing one order line. [BRL]';
COMMENT ON COLUMN support.planning_rule_edits.unmet_demand IS 'What becomes of demand that finds no stock.';
COMMENT ON COLUMN support.planning_rule_edits.reason IS 'Why.';
COMMENT ON COLUMN support.planning_rule_edits.created_by IS 'Who set it.';
COMMENT ON COLUMN support.planning_rule_edits.created_at IS 'When.';
COMMENT ON COLUMN support.planning_rule_edits.ended_by IS 'Who ended it.';
COMMENT ON COLUMN support.planning_rule_edits.ended_at IS 'When it was ended; NULL while it stands.';

CREATE TABLE support.check_results (
    table_name text NOT NULL,
    check_name text NOT NULL,
    passed boolean NOT NULL,
    severity text NOT NULL,
    windows datemultirange,
    rows bigint NOT NULL,
    broken bigint NOT NULL,
    details jsonb NOT NULL DEFAULT '[]',
    run_id text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT check_results_pkey PRIMARY KEY (table_name, check_name),
    CONSTRAINT check_results_check_name_values CHECK (check_name IN ('rules', 'reconciliation')),
    CONSTRAINT check_results_severity_values CHECK (severity IN ('ERROR', 'WARN')),
    CONSTRAINT check_results_rows_range CHECK (rows >= 0),
    CONSTRAINT check_results_broken_range CHECK (broken >= 0)
);
COMMENT ON TABLE support.check_results IS 'Latest outcome of each check of a table: of what was published, or of what was refused. Grain: one row per table and check.';
COMMENT ON COLUMN support.check_results.table_name IS 'Table, as schema.name.';
COMMENT ON COLUMN support.check_results.check_name IS 'Check.';
COMMENT ON COLUMN support.check_results.passed IS 'False when a rule is broken.';
COMMENT ON COLUMN support.check_results.severity IS 'ERROR: nothing may be computed with it. WARN: look at it.';
COMMENT ON COLUMN support.check_results.windows IS 'Business dates looked at; NULL for a table without windows.';
COMMENT ON COLUMN support.check_results.rows IS 'Rows looked at.';
COMMENT ON COLUMN support.check_results.broken IS 'Rows that break a rule; one that breaks two counts twice.';
COMMENT ON COLUMN support.check_results.details IS 'Window, rule, rows and samples of what is broken.';
COMMENT ON COLUMN support.check_results.run_id IS 'Run that looked.';
COMMENT ON COLUMN support.check_results.at IS 'When.';

DO $fit$
BEGIN
    ALTER TABLE analytics.backtests
        ADD COLUMN zero_rmsse double precision,
        ADD COLUMN mase double precision,
        ADD COLUMN zero_mase double precision,
        ADD COLUMN mape double precision,
        ADD COLUMN mape_count integer NOT NULL,
        ADD COLUMN loss double precision NOT NULL,
        ADD COLUMN cost double precision,
        ADD COLUMN cost_count integer NOT NULL,
        ADD CONSTRAINT backtests_mape_count_range CHECK (mape_count >= 0),
        ADD CONSTRAINT backtests_cost_count_range CHECK (cost_count >= 0);
EXCEPTION WHEN check_violation OR not_null_violation OR unique_violation THEN
    TRUNCATE analytics.backtests;
    DELETE FROM support.materializations WHERE table_name = 'analytics.backtests';
    ALTER TABLE analytics.backtests
        ADD COLUMN zero_rmsse double precision,
        ADD COLUMN mase double precision,
        ADD COLUMN zero_mase double precision,
        ADD COLUMN mape double precision,
        ADD COLUMN mape_count integer NOT NULL,
        ADD COLUMN loss double precision NOT NULL,
        ADD COLUMN cost double precision,
        ADD COLUMN cost_count integer NOT NULL,
        ADD CONSTRAINT backtests_mape_count_range CHECK (mape_count >= 0),
        ADD CONSTRAINT backtests_cost_count_range CHECK (cost_count >= 0);
END $fit$;

DO $fit$
BEGIN
    ALTER TABLE analytics.forecasts
        ADD COLUMN correction double precision,
        ADD CONSTRAINT forecasts_correction_range CHECK (correction >= 0);
EXCEPTION WHEN check_violation OR not_null_violation OR unique_violation THEN
    TRUNCATE analytics.forecasts;
    DELETE FROM support.materializations WHERE table_name = 'analytics.forecasts';
    ALTER TABLE analytics.forecasts
        ADD COLUMN correction double precision,
        ADD CONSTRAINT forecasts_correction_range CHECK (correction >= 0);
END $fit$;

DO $fit$
BEGIN
    ALTER TABLE analytics.recommendations
        DROP CONSTRAINT recommendations_action_values,
        ADD COLUMN item_code text NOT NULL,
        ADD COLUMN site_code text NOT NULL,
        ADD COLUMN supplier_code text,
        ADD COLUMN explanation text NOT NULL,
        ADD COLUMN explanation_en text NOT NULL,
        ADD COLUMN from_site_code text,
        ADD COLUMN substitute_code text,
        ADD COLUMN on_order_approved double precision NOT NULL,
        ADD COLUMN on_order_later numeric(18,4) NOT NULL,
        ADD COLUMN on_order_abandoned numeric(18,4) NOT NULL,
        ADD COLUMN risk_days integer NOT NULL,
        ADD COLUMN risk_position double precision NOT NULL,
        ADD COLUMN risk_probability double precision NOT NULL,
        ADD COLUMN risk_shortage double precision NOT NULL,
        ADD COLUMN buy_rank integer,
        ADD COLUMN spend_to_here numeric(18,4),
        ADD COLUMN months_of_cover double precision,
        ADD COLUMN carrying_cost_month numeric(18,4) NOT NULL,
        ADD CONSTRAINT recommendations_action_values CHECK (action IN ('REORDER', 'EXPEDITE', 'HOLD', 'REALLOCATE', 'REDUCE', 'DISPOSE', 'SUBSTITUTE')),
        ADD CONSTRAINT recommendations_on_order_later_range CHECK (on_order_later >= 0),
        ADD CONSTRAINT recommendations_on_order_abandoned_range CHECK (on_order_abandoned >= 0),
        ADD CONSTRAINT recommendations_risk_days_range CHECK (risk_days >= 1),
        ADD CONSTRAINT recommendations_risk_probability_range CHECK (risk_probability >= 0 AND risk_probability <= 1),
        ADD CONSTRAINT recommendations_buy_rank_range CHECK (buy_rank >= 1);
EXCEPTION WHEN check_violation OR not_null_violation OR unique_violation THEN
    TRUNCATE analytics.recommendations;
    DELETE FROM support.materializations WHERE table_name = 'analytics.recommendations';
    ALTER TABLE analytics.recommendations
        DROP CONSTRAINT recommendations_action_values,
        ADD COLUMN item_code text NOT NULL,
        ADD COLUMN site_code text NOT NULL,
        ADD COLUMN supplier_code text,
        ADD COLUMN explanation text NOT NULL,
        ADD COLUMN explanation_en text NOT NULL,
        ADD COLUMN from_site_code text,
        ADD COLUMN substitute_code text,
        ADD COLUMN on_order_approved double precision NOT NULL,
        ADD COLUMN on_order_later numeric(18,4) NOT NULL,
        ADD COLUMN on_order_abandoned numeric(18,4) NOT NULL,
        ADD COLUMN risk_days integer NOT NULL,
        ADD COLUMN risk_position double precision NOT NULL,
        ADD COLUMN risk_probability double precision NOT NULL,
        ADD COLUMN risk_shortage double precision NOT NULL,
        ADD COLUMN buy_rank integer,
        ADD COLUMN spend_to_here numeric(18,4),
        ADD COLUMN months_of_cover double precision,
        ADD COLUMN carrying_cost_month numeric(18,4) NOT NULL,
        ADD CONSTRAINT recommendations_action_values CHECK (action IN ('REORDER', 'EXPEDITE', 'HOLD', 'REALLOCATE', 'REDUCE', 'DISPOSE', 'SUBSTITUTE')),
        ADD CONSTRAINT recommendations_on_order_later_range CHECK (on_order_later >= 0),
        ADD CONSTRAINT recommendations_on_order_abandoned_range CHECK (on_order_abandoned >= 0),
        ADD CONSTRAINT recommendations_risk_days_range CHECK (risk_days >= 1),
        ADD CONSTRAINT recommendations_risk_probability_range CHECK (risk_probability >= 0 AND risk_probability <= 1),
        ADD CONSTRAINT recommendations_buy_rank_range CHECK (buy_rank >= 1);
END $fit$;

DO $fit$
BEGIN
    ALTER TABLE analytics.alerts
        ADD COLUMN horizon_days integer,
        ADD COLUMN hours_at_risk double precision NOT NULL;
EXCEPTION WHEN check_violation OR not_null_violation OR unique_violation THEN
    TRUNCATE analytics.alerts;
    DELETE FROM support.materializations WHERE table_name = 'analytics.alerts';
    ALTER TABLE analytics.alerts
        ADD COLUMN horizon_days integer,
        ADD COLUMN hours_at_risk double precision NOT NULL;
END $fit$;

DO $fit$
BEGIN
    ALTER TABLE analytics.decision_replay
        DROP CONSTRAINT decision_replay_action_values,
        ADD COLUMN rule_quantity numeric(18,4) NOT NULL,
        ADD COLUMN shortage_rule double precision NOT NULL,
        ADD COLUMN shortage_actual double precision NOT NULL,
        ADD COLUMN stockout_days_without integer NOT NULL,
        ADD COLUMN stockout_days_with integer NOT NULL,
        ADD COLUMN stockout_days_rule integer NOT NULL,
        ADD COLUMN stockout_days_actual integer NOT NULL,
        ADD COLUMN cost_rule numeric(18,4) NOT NULL,
        ADD COLUMN cost_actual numeric(18,4) NOT NULL,
        ADD CONSTRAINT decision_replay_action_values CHECK (action IN ('REORDER', 'EXPEDITE', 'HOLD', 'REALLOCATE', 'REDUCE', 'DISPOSE', 'SUBSTITUTE')),
        ADD CONSTRAINT decision_replay_rule_quantity_range CHECK (rule_quantity >= 0),
        ADD CONSTRAINT decision_replay_stockout_days_without_range CHECK (stockout_days_without >= 0),
        ADD CONSTRAINT decision_replay_stockout_days_with_range CHECK (stockout_days_with >= 0),
        ADD CONSTRAINT decision_replay_stockout_days_rule_range CHECK (stockout_days_rule >= 0),
        ADD CONSTRAINT decision_replay_stockout_days_actual_range CHECK (stockout_days_actual >= 0);
EXCEPTION WHEN check_violation OR not_null_violation OR unique_violation THEN
    TRUNCATE analytics.decision_replay;
    DELETE FROM support.materializations WHERE table_name = 'analytics.decision_replay';
    ALTER TABLE analytics.decision_replay
        DROP CONSTRAINT decision_replay_action_values,
        ADD COLUMN rule_quantity numeric(18,4) NOT NULL,
        ADD COLUMN shortage_rule double precision NOT NULL,
        ADD COLUMN shortage_actual double precision NOT NULL,
        ADD COLUMN stockout_days_without integer NOT NULL,
        ADD COLUMN stockout_days_with integer NOT NULL,
        ADD COLUMN stockout_days_rule integer NOT NULL,
        ADD COLUMN stockout_days_actual integer NOT NULL,
        ADD COLUMN cost_rule numeric(18,4) NOT NULL,
        ADD COLUMN cost_actual numeric(18,4) NOT NULL,
        ADD CONSTRAINT decision_replay_action_values CHECK (action IN ('REORDER', 'EXPEDITE', 'HOLD', 'REALLOCATE', 'REDUCE', 'DISPOSE', 'SUBSTITUTE')),
        ADD CONSTRAINT decision_replay_rule_quantity_range CHECK (rule_quantity >= 0),
        ADD CONSTRAINT decision_replay_stockout_days_without_range CHECK (stockout_days_without >= 0),
        ADD CONSTRAINT decision_replay_stockout_days_with_range CHECK (stockout_days_with >= 0),
        ADD CONSTRAINT decision_replay_stockout_days_rule_range CHECK (stockout_days_rule >= 0),
        ADD CONSTRAINT decision_replay_stockout_days_actual_range CHECK (stockout_days_actual >= 0);
END $fit$;

ALTER TABLE support.users
    ADD COLUMN password_temporary boolean NOT NULL DEFAULT false;

ALTER TABLE support.sessions
    ADD COLUMN kind text NOT NULL DEFAULT 'BROWSER',
    ADD CONSTRAINT sessions_kind_values CHECK (kind IN ('BROWSER', 'API'));

ALTER TABLE support.alert_states
    ADD COLUMN resolved_on date,
    ADD COLUMN resolution text;

ALTER TABLE support.planning_rules
    ADD COLUMN origin text NOT NULL DEFAULT 'ERP',
    ADD CONSTRAINT planning_rules_origin_values CHECK (origin IN ('ERP', 'APP'));

COMMENT ON COLUMN analytics.scenarios.stock_value IS 'Value of the order-up-to levels; of a replay, mean value on the shelf. [BRL]';

COMMENT ON COLUMN analytics.scenarios.expected_shortage IS 'Expected units short per protection period; of a replay, units short in it. [units]';

COMMENT ON COLUMN analytics.backtests.pinball IS 'Twice the mean pinball loss at .5 .8 .9 .95 .99 over mean demand, both in typical demands of each series, so that no unit of measure dominates.';

COMMENT ON COLUMN analytics.backtests.zero_rmsse IS 'The same of the zero forecast: sparse demand flatters both.';

COMMENT ON COLUMN analytics.backtests.mase IS 'Mean absolute scaled error of the mean.';

COMMENT ON COLUMN analytics.backtests.zero_mase IS 'The same of the zero forecast.';

COMMENT ON COLUMN analytics.backtests.mape IS 'Mean absolute error over the actual sum, where that is above zero.';

COMMENT ON COLUMN analytics.backtests.mape_count IS 'Forecasts that MAPE stands on.';

COMMENT ON COLUMN analytics.backtests.loss IS 'Mean pinball loss of a forecast. [units]';

COMMENT ON COLUMN analytics.backtests.cost IS 'Mean cost of stocking the 0.95 quantile: holding what was left, h x 19 for what was short. [BRL]';

COMMENT ON COLUMN analytics.backtests.cost_count IS 'Forecasts of a known unit cost, which the cost stands on.';

COMMENT ON COLUMN analytics.forecasts.correction IS 'Factor by which kept corrections (totals, planned work) moved the model''s distribution.';

COMMENT ON COLUMN analytics.recommendations.item_code IS 'Code of the material.';

COMMENT ON COLUMN analytics.recommendations.site_code IS 'Code of the site.';

COMMENT ON COLUMN analytics.recommendations.quantity IS 'How much; 0 for HOLD. [units]';

COMMENT ON COLUMN analytics.recommendations.supplier_code IS 'Supplier to buy from or to press.';

COMMENT ON COLUMN analytics.recommendations.explanation IS 'The calculation in words, in Portuguese.';

COMMENT ON COLUMN analytics.recommendations.explanation_en IS 'The same in English.';

COMMENT ON COLUMN analytics.recommendations.from_site_code IS 'Site that gives, for REALLOCATE.';

COMMENT ON COLUMN analytics.recommendations.substitute_code IS 'Material used instead, for SUBSTITUTE.';

COMMENT ON COLUMN analytics.recommendations.position IS 'On hand + on order in the window + approved - reserved - backorder. [units]';

COMMENT ON COLUMN analytics.recommendations.on_order_approved IS 'Approved but not yet in the ERP; negative for what a site gives. [units]';

COMMENT ON COLUMN analytics.recommendations.on_order_later IS 'Open orders expected after the protection period, left out of the position. [units]';

COMMENT ON COLUMN analytics.recommendations.on_order_abandoned IS 'Open orders so late that they count for nothing. [units]';

COMMENT ON COLUMN analytics.recommendations.risk_days IS 'First of 30, 60, 90 days that covers the lead time. [days]';

COMMENT ON COLUMN analytics.recommendations.risk_position IS 'On hand + approved + due in those days, late orders left out - owed. [units]';

COMMENT ON COLUMN analytics.recommendations.risk_probability IS 'Probability that the demand of those days exceeds it.';

COMMENT ON COLUMN analytics.recommendations.risk_shortage IS 'Expected units short in those days. [units]';

COMMENT ON COLUMN analytics.recommendations.spend IS 'Cost of the material to buy, or of the transfer. [BRL]';

COMMENT ON COLUMN analytics.recommendations.avoided_cost IS 'Expected cost avoided, less the holding cost added. [BRL]';

COMMENT ON COLUMN analytics.recommendations.buy_rank IS 'Place among the REORDER rows by avoided cost per R$.';

COMMENT ON COLUMN analytics.recommendations.spend_to_here IS 'Spend of all rows up to this place: a budget cuts the list here. [BRL]';

COMMENT ON COLUMN analytics.recommendations.months_of_cover IS 'Months that the shelf lasts at the forecast; NULL without demand.';

COMMENT ON COLUMN analytics.recommendations.carrying_cost_month IS 'Holding what is too much for a month; 0 where nothing is. [BRL]';

COMMENT ON COLUMN analytics.alerts.probability IS 'Probability that it comes true within horizon_days.';

COMMENT ON COLUMN analytics.alerts.horizon_days IS 'Days that the probability is about. [days]';

COMMENT ON COLUMN analytics.alerts.value_at_risk IS 'Expected cost of doing nothing until help could come. [BRL]';

COMMENT ON COLUMN analytics.alerts.hours_at_risk IS 'Expected hours of waiting for the material, of all units short. [hours]';

COMMENT ON TABLE analytics.decision_replay IS 'Outcome of each recommendation once its protection period is over, against nothing, the old rule and the facts. Grain: one row per day, decision date, material, site, action and order concerned.';

COMMENT ON COLUMN analytics.decision_replay.rule_quantity IS 'What the old min/max rule would have ordered. [units]';

COMMENT ON COLUMN analytics.decision_replay.shortage_without IS 'Units short at the end, had nothing been done. [units]';

COMMENT ON COLUMN analytics.decision_replay.shortage_with IS 'Units short at the end, with the recommendation. [units]';

COMMENT ON COLUMN analytics.decision_replay.shortage_rule IS 'Units short at the end, had the old min/max rule decided. [units]';

COMMENT ON COLUMN analytics.decision_replay.shortage_actual IS 'Units short at the end, with what was done in fact. [units]';

COMMENT ON COLUMN analytics.decision_replay.stockout_days_without IS 'Days that closed with nothing on hand, had nothing been done.';

COMMENT ON COLUMN analytics.decision_replay.stockout_days_with IS 'Days that closed with nothing on hand, with the recommendation.';

COMMENT ON COLUMN analytics.decision_replay.stockout_days_rule IS 'Days that closed with nothing on hand, had the old min/max rule decided.';

COMMENT ON COLUMN analytics.decision_replay.stockout_days_actual IS 'Days that closed with nothing on hand, with what was done in fact.';

COMMENT ON COLUMN analytics.decision_replay.cost_without IS 'Shortage and holding cost, had nothing been done. [BRL]';

COMMENT ON COLUMN analytics.decision_replay.cost_with IS 'Shortage and holding cost, with the recommendation. [BRL]';

COMMENT ON COLUMN analytics.decision_replay.cost_rule IS 'Shortage and holding cost, had the old min/max rule decided. [BRL]';

COMMENT ON COLUMN analytics.decision_replay.cost_actual IS 'Shortage and holding cost, with what was done in fact. [BRL]';

COMMENT ON COLUMN support.users.password_temporary IS 'True while the password is one that somebody else chose; its owner must replace it.';

COMMENT ON COLUMN support.sessions.kind IS 'BROWSER, or API for one that a signed token stands for and that only reads.';

COMMENT ON COLUMN support.alert_states.resolved_on IS 'Date of the alert that a person closed; another severity or a new life after it opens it again.';

COMMENT ON COLUMN support.alert_states.resolution IS 'Why it was closed.';

COMMENT ON COLUMN support.planning_rules.origin IS 'Who keeps it: the ERP''s extract or the app.';

CREATE FUNCTION support.check_api_token(p_token bytea)
RETURNS TABLE (
    user_id bigint, username text, display_name text, role text, locale text, expires_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT u.user_id, u.username, u.display_name, u.role, u.locale, t.expires_at
    FROM support.api_tokens t
    JOIN support.users u ON u.user_id = t.user_id
    WHERE t.token_hash = p_token AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp() AND u.active;
    IF FOUND THEN
        UPDATE support.api_tokens t SET last_used_at = clock_timestamp()
        WHERE t.token_hash = p_token
          AND (t.last_used_at IS NULL OR t.last_used_at < clock_timestamp() - interval '1 minute');
    END IF;
END $$;

CREATE FUNCTION support.audit_api_call(
    p_session bytea, p_token bytea, p_entity text, p_outcome text, p_details jsonb, p_source text, p_user_agent text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    actor text;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT u.username INTO actor
    FROM support.users u
    WHERE u.user_id = coalesce(
        (SELECT s.user_id FROM support.sessions s WHERE s.session_hash = p_session),
        (SELECT t.user_id FROM support.api_tokens t WHERE t.token_hash = p_token));
    RETURN support.append_audit(
        coalesce(actor, 'anonymous'), 'api.called', p_entity, p_outcome, p_details, p_source, p_user_agent);
END $$;

CREATE FUNCTION support.record_word(
    p_as_of date, p_item_id bigint, p_site_id bigint, p_action text, p_order_ref text, p_state text,
    p_quantity double precision, p_reason text, p_version integer, p_decided_by bigint
) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO support.recommendation_history (
        as_of, item_id, site_id, action, order_ref, state, quantity, reason, supplier_id, from_site_code, version,
        decided_by, at)
    SELECT p_as_of, p_item_id, p_site_id, p_action, p_order_ref, p_state, p_quantity, p_reason, r.supplier_id,
           r.from_site_code, p_version, p_decided_by, clock_timestamp()
    FROM (VALUES (1)) AS one
    LEFT JOIN analytics.recommendations AS r
      ON r.as_of = p_as_of AND r.item_id = p_item_id AND r.site_id = p_site_id AND r.action = p_action
     AND r.order_ref = p_order_ref
$$;

CREATE OR REPLACE FUNCTION support.decide_recommendation(
    p_session bytea, p_as_of date, p_item_id bigint, p_site_id bigint, p_action text, p_order_ref text, p_state text,
    p_quantity double precision, p_reason text, p_expected_version integer
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    before support.recommendation_states;
    advised double precision;
    quantity double precision;
    reason text := nullif(trim(p_reason), '');
    new_version integer;
BEGIN
    SELECT r.quantity INTO advised FROM analytics.recommendations r
    WHERE r.as_of = p_as_of AND r.item_id = p_item_id AND r.site_id = p_site_id AND r.action = p_action
      AND r.order_ref = p_order_ref;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'recommendation_unknown' USING ERRCODE = 'NV404';
    END IF;
    SELECT * INTO before FROM support.recommendation_states s
    WHERE s.as_of = p_as_of AND s.item_id = p_item_id AND s.site_id = p_site_id AND s.action = p_action
      AND s.order_ref = p_order_ref
    FOR UPDATE;
    PERFORM support.require_version(before.version, p_expected_version);
    PERFORM support.require_transition(before.state, p_state);
    IF (p_state IN ('ADJUSTED', 'REJECTED') AND reason IS NULL) OR (p_state = 'ADJUSTED' AND p_quantity IS NULL)
        OR p_quantity < 0 OR p_quantity IN ('NaN', 'Infinity')
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    quantity := CASE p_state
        WHEN 'APPROVED' THEN advised
        WHEN 'REJECTED' THEN 0
        ELSE coalesce(p_quantity, before.quantity)
    END;
    INSERT INTO support.recommendation_states AS s (
        as_of, item_id, site_id, action, order_ref, state, quantity, reason, version, updated_by, updated_at)
    VALUES (
        p_as_of, p_item_id, p_site_id, p_action, p_order_ref, p_state, quantity, coalesce(reason, before.reason), 1,
        person.user_id, clock_timestamp())
    ON CONFLICT ON CONSTRAINT recommendation_states_pkey DO UPDATE SET
        state = excluded.state, quantity = excluded.quantity, reason = excluded.reason, version = s.version + 1,
        updated_by = excluded.updated_by, updated_at = excluded.updated_at
    WHERE s.version = p_expected_version
    RETURNING s.version INTO new_version;
    IF new_version IS NULL THEN
        -- Two first decisions at once: this one came second.
        RAISE EXCEPTION 'version_conflict' USING ERRCODE = 'NV409';
    END IF;
    PERFORM support.record_word(
        p_as_of, p_item_id, p_site_id, p_action, p_order_ref, p_state, quantity, coalesce(reason, before.reason),
        new_version, person.user_id);
    PERFORM support.append_audit(
        person.username, 'recommendation.' || lower(p_state), support.item_site(p_item_id, p_site_id), 'DONE',
        jsonb_build_object(
            'as_of', p_as_of, 'action', p_action, 'order_ref', p_order_ref, 'advised', advised, 'quantity', quantity,
            'reason', reason, 'version', new_version));
    RETURN new_version;
END $$;

CREATE OR REPLACE FUNCTION support.withdraw_decision(
    p_session bytea, p_as_of date, p_item_id bigint, p_site_id bigint, p_action text, p_order_ref text,
    p_expected_version integer
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    before support.recommendation_states;
BEGIN
    SELECT * INTO before FROM support.recommendation_states s
    WHERE s.as_of = p_as_of AND s.item_id = p_item_id AND s.site_id = p_site_id AND s.action = p_action
      AND s.order_ref = p_order_ref
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'decision_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.require_version(before.version, p_expected_version);
    IF before.state IN ('EXPORTED', 'RECEIVED') THEN
        RAISE EXCEPTION 'state_refused' USING ERRCODE = 'NV409', DETAIL = before.state;
    END IF;
    DELETE FROM support.recommendation_states s
    WHERE s.as_of = p_as_of AND s.item_id = p_item_id AND s.site_id = p_site_id AND s.action = p_action
      AND s.order_ref = p_order_ref;
    PERFORM support.record_word(
        p_as_of, p_item_id, p_site_id, p_action, p_order_ref, 'PROPOSED', NULL, NULL, before.version + 1, person.user_id);
    PERFORM support.append_audit(
        person.username, 'recommendation.withdrawn', support.item_site(p_item_id, p_site_id), 'DONE',
        jsonb_build_object(
            'as_of', p_as_of, 'action', p_action, 'order_ref', p_order_ref, 'state', before.state,
            'quantity', before.quantity, 'version', before.version));
END $$;

CREATE FUNCTION support.resolve_alert(
    p_session bytea, p_as_of date, p_item_id bigint, p_site_id bigint, p_cause text, p_reason text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    reason text := left(nullif(trim(p_reason), ''), 1000);
BEGIN
    IF reason IS NULL THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    IF NOT EXISTS (
        SELECT FROM analytics.alerts a
        WHERE a.as_of = p_as_of AND a.item_id = p_item_id AND a.site_id = p_site_id AND a.cause = p_cause
    ) THEN
        RAISE EXCEPTION 'alert_unknown' USING ERRCODE = 'NV404';
    END IF;
    INSERT INTO support.alert_states AS s (
        item_id, site_id, cause, read_at, resolved_on, resolution, updated_by, updated_at)
    VALUES (
        p_item_id, p_site_id, p_cause, clock_timestamp(), p_as_of, reason, person.user_id, clock_timestamp())
    ON CONFLICT ON CONSTRAINT alert_states_pkey DO UPDATE SET
        read_at = coalesce(s.read_at, excluded.read_at), resolved_on = excluded.resolved_on,
        resolution = excluded.resolution, updated_by = excluded.updated_by, updated_at = excluded.updated_at;
    PERFORM support.append_audit(
        person.username, 'alert.resolved', support.item_site(p_item_id, p_site_id), 'DONE',
        jsonb_build_object('as_of', p_as_of, 'cause', p_cause, 'reason', reason));
END $$;

CREATE FUNCTION support.reopen_alert(p_session bytea, p_item_id bigint, p_site_id bigint, p_cause text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
BEGIN
    UPDATE support.alert_states s
    SET resolved_on = NULL, resolution = NULL, updated_by = person.user_id, updated_at = clock_timestamp()
    WHERE s.item_id = p_item_id AND s.site_id = p_site_id AND s.cause = p_cause AND s.resolved_on IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'alert_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.append_audit(
        person.username, 'alert.reopened', support.item_site(p_item_id, p_site_id), 'DONE',
        jsonb_build_object('cause', p_cause));
END $$;

CREATE OR REPLACE FUNCTION support.login_wait(p_username text, p_source text) RETURNS integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    trusted boolean;
    failures integer;
    last_at timestamptz;
    wait interval := '0';
BEGIN
    trusted := EXISTS (
        SELECT FROM support.login_attempts a
        WHERE a.username = p_username AND a.source = p_source AND a.succeeded AND a.at > now() - interval '30 days');
    SELECT count(*), max(a.at) INTO failures, last_at
    FROM support.login_attempts a
    WHERE a.username = p_username AND NOT a.succeeded AND a.at > now() - interval '1 day'
      AND (NOT trusted OR a.source = p_source)
      AND a.attempt_id > coalesce((
          SELECT max(s.attempt_id) FROM support.login_attempts s
          WHERE s.username = p_username AND s.succeeded AND (NOT trusted OR s.source = p_source)), 0);
    IF failures >= 5 THEN
        wait := least(interval '15 minutes', interval '30 seconds' * 2 ^ least(failures - 5, 10))
            - (clock_timestamp() - last_at);
    END IF;
    -- One address that tries many names. A success takes its own begin back: an office behind one address is no attack.
    IF NOT trusted AND (
        SELECT count(*) FILTER (WHERE NOT a.succeeded) - count(*) FILTER (WHERE a.succeeded)
        FROM support.login_attempts a
        WHERE a.source = p_source AND a.at > now() - interval '15 minutes'
    ) >= 50 THEN
        wait := greatest(wait, interval '1 minute');
    END IF;
    RETURN greatest(0, ceil(extract(epoch FROM wait)))::integer;
END $$;

CREATE OR REPLACE FUNCTION support.begin_login(p_username text, p_source text)
RETURNS TABLE (password_hash text, wait_seconds integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := left(lower(trim(p_username)), 100);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('nova.login.' || name, 0));
    wait_seconds := support.login_wait(name, p_source);
    IF wait_seconds = 0 THEN
        -- A password that somebody else chose is for the first days only.
        SELECT u.password_hash INTO password_hash
        FROM support.users u
        WHERE u.username = name AND u.active
          AND NOT (u.password_temporary AND u.password_changed_at < now() - interval '7 days');
        INSERT INTO support.login_attempts (username, source, succeeded, at)
        VALUES (name, left(p_source, 100), false, clock_timestamp());
        UPDATE support.users u SET
            failed_logins = u.failed_logins + 1,
            blocked_until = clock_timestamp() + make_interval(secs => nullif(support.login_wait(name, p_source), 0))
        WHERE u.username = name;
    END IF;
    RETURN NEXT;
END $$;

CREATE FUNCTION support.open_session(
    p_person support.users, p_source text, p_user_agent text, p_session bytea, p_kind text, p_details jsonb
) RETURNS timestamptz
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ends timestamptz := clock_timestamp() + interval '8 hours';
BEGIN
    IF octet_length(p_session) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'session_hash_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.login_attempts (username, source, succeeded, at)
    VALUES (p_person.username, left(p_source, 100), true, clock_timestamp());
    DELETE FROM support.login_attempts a WHERE a.at < now() - interval '31 days';
    UPDATE support.users u SET failed_logins = 0, blocked_until = NULL, last_login_at = clock_timestamp()
    WHERE u.user_id = p_person.user_id;
    INSERT INTO support.sessions (session_hash, user_id, kind, created_at, last_seen_at, expires_at, ip, user_agent)
    VALUES (
        p_session, p_person.user_id, p_kind, clock_timestamp(), clock_timestamp(), ends, left(p_source, 100),
        left(p_user_agent, 400));
    DELETE FROM support.sessions s WHERE s.expires_at < now() - interval '30 days';
    PERFORM support.append_audit(
        p_person.username, 'login.succeeded', p_person.username, 'DONE', p_details || jsonb_build_object('kind', p_kind),
        p_source, p_user_agent);
    RETURN ends;
END $$;

CREATE FUNCTION support.finish_login(
    p_username text, p_source text, p_user_agent text, p_succeeded boolean, p_session bytea,
    p_kind text DEFAULT 'BROWSER'
) RETURNS TABLE (
    user_id bigint, username text, display_name text, role text, locale text, expires_at timestamptz,
    second_factor boolean
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := left(lower(trim(p_username)), 100);
    person support.users;
    ends timestamptz := clock_timestamp() + interval '5 minutes';
BEGIN
    SELECT * INTO person FROM support.users u WHERE u.username = name AND u.active FOR UPDATE;
    IF NOT p_succeeded OR person.user_id IS NULL THEN
        PERFORM support.append_audit(
            CASE WHEN person.user_id IS NULL THEN 'anonymous' ELSE name END, 'login.failed', name, 'REFUSED', '{}',
            p_source, p_user_agent);
        RETURN;
    END IF;
    second_factor := EXISTS (
        SELECT FROM support.second_factors f WHERE f.user_id = person.user_id AND f.confirmed_at IS NOT NULL);
    IF second_factor THEN
        DELETE FROM support.login_challenges c WHERE c.expires_at < now() - interval '1 day';
        INSERT INTO support.login_challenges (challenge_hash, user_id, expires_at)
        VALUES (p_session, person.user_id, ends);
        PERFORM support.append_audit(name, 'login.code_asked', name, 'DONE', '{}', p_source, p_user_agent);
    ELSE
        ends := support.open_session(person, p_source, p_user_agent, p_session, p_kind, '{}');
    END IF;
    RETURN QUERY SELECT
        person.user_id, person.username, person.display_name, person.role, person.locale, ends, second_factor;
END $$;

CREATE FUNCTION support.confirm_password(
    p_session bytea, p_source text, p_user_agent text, p_succeeded boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
BEGIN
    IF p_succeeded THEN
        INSERT INTO support.login_attempts (username, source, succeeded, at)
        VALUES (person.username, left(p_source, 100), true, clock_timestamp());
        UPDATE support.users u SET failed_logins = 0, blocked_until = NULL WHERE u.user_id = person.user_id;
    ELSE
        PERFORM support.append_audit(
            person.username, 'password.refused', person.username, 'REFUSED', '{}', p_source, p_user_agent);
    END IF;
END $$;

CREATE FUNCTION support.begin_second_factor(p_challenge bytea, p_source text)
RETURNS TABLE (secret bytea, last_step bigint, wait_seconds integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
BEGIN
    SELECT u.* INTO person
    FROM support.login_challenges c
    JOIN support.users u ON u.user_id = c.user_id AND u.active
    WHERE c.challenge_hash = p_challenge AND c.expires_at > clock_timestamp() AND c.attempts < 5 AND c.used_at IS NULL
    FOR UPDATE OF c;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('nova.login.' || person.username, 0));
    wait_seconds := support.login_wait(person.username, p_source);
    IF wait_seconds = 0 THEN
        UPDATE support.login_challenges c SET attempts = c.attempts + 1 WHERE c.challenge_hash = p_challenge;
        INSERT INTO support.login_attempts (username, source, succeeded, at)
        VALUES (person.username, left(p_source, 100), false, clock_timestamp());
        SELECT f.secret, f.last_step INTO secret, last_step
        FROM support.second_factors f WHERE f.user_id = person.user_id AND f.confirmed_at IS NOT NULL;
    END IF;
    RETURN NEXT;
END $$;

CREATE FUNCTION support.finish_second_factor(
    p_challenge bytea, p_source text, p_user_agent text, p_step bigint, p_recovery bytea, p_session bytea,
    p_kind text DEFAULT 'BROWSER'
) RETURNS TABLE (
    user_id bigint, username text, display_name text, role text, locale text, expires_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
    factor text;
BEGIN
    SELECT u.* INTO person
    FROM support.login_challenges c
    JOIN support.users u ON u.user_id = c.user_id AND u.active
    WHERE c.challenge_hash = p_challenge AND c.expires_at > clock_timestamp() AND c.used_at IS NULL
    FOR UPDATE OF c;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE support.second_factors f SET last_step = p_step
    WHERE f.user_id = person.user_id AND f.confirmed_at IS NOT NULL AND p_step > f.last_step;
    IF FOUND THEN
        factor := 'totp';
    ELSE
        UPDATE support.recovery_codes r SET used_at = clock_timestamp()
        WHERE r.user_id = person.user_id AND r.code_hash = p_recovery AND r.used_at IS NULL;
        IF FOUND THEN
            factor := 'recovery_code';
        END IF;
    END IF;
    IF factor IS NULL THEN
        PERFORM support.append_audit(
            person.username, 'login.failed', person.username, 'REFUSED', '{"factor": "second"}', p_source, p_user_agent);
        RETURN;
    END IF;
    UPDATE support.login_challenges c SET used_at = clock_timestamp() WHERE c.challenge_hash = p_challenge;
    expires_at := support.open_session(
        person, p_source, p_user_agent, p_session, p_kind, jsonb_build_object('factor', factor));
    RETURN QUERY SELECT
        person.user_id, person.username, person.display_name, person.role, person.locale, expires_at;
END $$;

CREATE FUNCTION support.identity_login(
    p_issuer text, p_subject text, p_email text, p_source text, p_user_agent text, p_session bytea
) RETURNS TABLE (
    user_id bigint, username text, display_name text, role text, locale text, expires_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
    candidates integer;
BEGIN
    SELECT u.* INTO person
    FROM support.identities i
    JOIN support.users u ON u.user_id = i.user_id
    WHERE i.issuer = p_issuer AND i.subject = p_subject AND u.active;
    IF NOT FOUND AND NOT EXISTS (
        SELECT FROM support.identities i WHERE i.issuer = p_issuer AND i.subject = p_subject
    ) THEN
        SELECT count(*) INTO candidates FROM support.users u WHERE u.active AND lower(u.email) = lower(p_email);
        IF candidates = 1 THEN
            SELECT u.* INTO person FROM support.users u WHERE u.active AND lower(u.email) = lower(p_email);
            -- A second identity of one provider for one account is refused: it would be somebody else's.
            INSERT INTO support.identities (issuer, subject, user_id)
            SELECT p_issuer, p_subject, person.user_id
            WHERE NOT EXISTS (
                SELECT FROM support.identities i WHERE i.issuer = p_issuer AND i.user_id = person.user_id);
            IF NOT FOUND THEN
                person := NULL;
            ELSE
                PERFORM support.append_audit(
                    person.username, 'identity.linked', person.username, 'DONE',
                    jsonb_build_object('issuer', p_issuer, 'subject', p_subject), p_source, p_user_agent);
            END IF;
        END IF;
    END IF;
    IF person.user_id IS NULL THEN
        PERFORM support.append_audit(
            'anonymous', 'login.failed', left(p_email, 200), 'REFUSED',
            jsonb_build_object('issuer', p_issuer, 'subject', p_subject), p_source, p_user_agent);
        RETURN;
    END IF;
    expires_at := support.open_session(
        person, p_source, p_user_agent, p_session, 'BROWSER', jsonb_build_object('issuer', p_issuer));
    RETURN QUERY SELECT
        person.user_id, person.username, person.display_name, person.role, person.locale, expires_at;
END $$;

CREATE FUNCTION support.set_planning_rule(p_session bytea, p_rule jsonb, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN']);
    given jsonb := jsonb_strip_nulls(p_rule);
    rule support.planning_rule_edits;
BEGIN
    IF jsonb_typeof(given) IS DISTINCT FROM 'object' OR trim(coalesce(p_reason, '')) = ''
        OR given - ARRAY['item_code', 'family', 'abc_class', 'site_code', 'criticality_min'] = '{}'
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    BEGIN
        rule := jsonb_populate_record(NULL::support.planning_rule_edits, given);
    EXCEPTION WHEN invalid_text_representation OR numeric_value_out_of_range THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END;
    IF (rule.item_code IS NOT NULL AND NOT EXISTS (SELECT FROM core.dim_item i WHERE i.item_code = rule.item_code))
        OR (rule.family IS NOT NULL AND NOT EXISTS (SELECT FROM core.dim_item i WHERE i.family = rule.family))
        OR (rule.site_code IS NOT NULL AND NOT EXISTS (SELECT FROM core.dim_site s WHERE s.site_code = rule.site_code))
    THEN
        RAISE EXCEPTION 'scope_unknown' USING ERRCODE = 'NV404';
    END IF;
    -- Two rules for one scope at once: the second waits and ends the first.
    LOCK TABLE support.planning_rule_edits IN SHARE ROW EXCLUSIVE MODE;
    UPDATE support.planning_rule_edits e SET ended_by = person.user_id, ended_at = clock_timestamp()
    WHERE e.ended_at IS NULL
      AND (e.item_code, e.family, e.abc_class, e.site_code, e.criticality_min)
          IS NOT DISTINCT FROM (rule.item_code, rule.family, rule.abc_class, rule.site_code, rule.criticality_min);
    rule.edit_id := nextval(pg_get_serial_sequence('support.planning_rule_edits', 'edit_id'));
    rule.reason := left(trim(p_reason), 1000);
    rule.created_by := person.user_id;
    rule.created_at := clock_timestamp();
    rule.ended_by := NULL;
    rule.ended_at := NULL;
    BEGIN
        INSERT INTO support.planning_rule_edits OVERRIDING SYSTEM VALUE SELECT rule.*;
    EXCEPTION WHEN check_violation THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END;
    PERFORM support.append_audit(
        person.username, 'rule.set', 'rule ' || rule.edit_id, 'DONE', given || jsonb_build_object('reason', rule.reason));
    RETURN rule.edit_id;
END $$;

CREATE FUNCTION support.end_planning_rule(p_session bytea, p_edit_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN']);
    ended support.planning_rule_edits;
BEGIN
    UPDATE support.planning_rule_edits e SET ended_by = person.user_id, ended_at = clock_timestamp()
    WHERE e.edit_id = p_edit_id AND e.ended_at IS NULL
    RETURNING * INTO ended;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'rule_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.append_audit(
        person.username, 'rule.ended', 'rule ' || p_edit_id, 'DONE', jsonb_strip_nulls(to_jsonb(ended)));
END $$;

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

CREATE FUNCTION support.begin_totp(p_session bytea, p_secret bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
BEGIN
    IF p_secret IS NULL OR octet_length(p_secret) NOT BETWEEN 32 AND 1000 THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.second_factors AS f (user_id, secret) VALUES (person.user_id, p_secret)
    ON CONFLICT (user_id) DO UPDATE SET secret = p_secret, created_at = clock_timestamp(), last_step = 0
    WHERE f.confirmed_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'second_factor_active' USING ERRCODE = 'NV409';
    END IF;
    PERFORM support.append_audit(person.username, 'second_factor.begun', person.username, 'DONE');
END $$;

CREATE FUNCTION support.own_totp(p_session bytea)
RETURNS TABLE (secret bytea, last_step bigint, confirmed_at timestamptz, codes_left bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
BEGIN
    RETURN QUERY
    SELECT
        f.secret, f.last_step, f.confirmed_at,
        (SELECT count(*) FROM support.recovery_codes r WHERE r.user_id = f.user_id AND r.used_at IS NULL)
    FROM support.second_factors f WHERE f.user_id = person.user_id;
END $$;

CREATE FUNCTION support.confirm_totp(p_session bytea, p_step bigint, p_codes bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
BEGIN
    IF p_step IS NULL OR coalesce(array_length(p_codes, 1), 0) < 5 THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    UPDATE support.second_factors f SET confirmed_at = clock_timestamp(), last_step = p_step
    WHERE f.user_id = person.user_id AND f.confirmed_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'second_factor_active' USING ERRCODE = 'NV409';
    END IF;
    DELETE FROM support.recovery_codes r WHERE r.user_id = person.user_id;
    INSERT INTO support.recovery_codes (user_id, code_hash) SELECT person.user_id, c FROM unnest(p_codes) AS c;
    PERFORM support.close_sessions(person.user_id, p_session);
    PERFORM support.append_audit(person.username, 'second_factor.confirmed', person.username, 'DONE');
END $$;

CREATE FUNCTION support.reset_totp(p_session bytea, p_username text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
    target support.users := support.known_user(p_username);
BEGIN
    IF person.role <> 'ADMIN' AND target.user_id <> person.user_id THEN
        RAISE EXCEPTION 'role_refused' USING ERRCODE = 'NV403', DETAIL = person.role;
    END IF;
    DELETE FROM support.second_factors f WHERE f.user_id = target.user_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'second_factor_absent' USING ERRCODE = 'NV404';
    END IF;
    DELETE FROM support.recovery_codes r WHERE r.user_id = target.user_id;
    PERFORM support.close_sessions(target.user_id, p_session);
    PERFORM support.append_audit(person.username, 'second_factor.removed', target.username, 'DONE');
END $$;

CREATE OR REPLACE FUNCTION support.live_session(p_session bytea) RETURNS support.users
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT u
    FROM support.sessions s
    JOIN support.users u ON u.user_id = s.user_id
    WHERE s.session_hash = p_session AND s.revoked_at IS NULL AND u.active
      AND s.expires_at > clock_timestamp()
      AND (s.kind = 'API' OR s.last_seen_at > clock_timestamp() - interval '30 minutes')
$$;

CREATE OR REPLACE FUNCTION support.acting(p_session bytea, p_roles text[], p_cli boolean DEFAULT false) RETURNS support.users
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
BEGIN
    IF p_session IS NULL AND p_cli AND pg_has_role(session_user, 'nova_owner', 'MEMBER') THEN
        person.username := 'cli';
        person.role := 'ADMIN';
        RETURN person;
    END IF;
    person := support.live_session(p_session);
    IF person.user_id IS NULL OR EXISTS (
        SELECT FROM support.sessions s WHERE s.session_hash = p_session AND s.kind = 'API'
    ) THEN
        RAISE EXCEPTION 'no_live_session' USING ERRCODE = 'NV401';
    END IF;
    IF person.role <> ALL (p_roles) THEN
        RAISE EXCEPTION 'role_refused' USING ERRCODE = 'NV403', DETAIL = person.role;
    END IF;
    RETURN person;
END $$;

CREATE FUNCTION support.check_session(p_session bytea) RETURNS TABLE (
    user_id bigint, username text, display_name text, role text, locale text, created_at timestamptz,
    expires_at timestamptz, last_seen_at timestamptz, kind text, password_temporary boolean
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
        s.created_at, s.expires_at, s.last_seen_at, s.kind, person.password_temporary
    FROM support.sessions s WHERE s.session_hash = p_session;
END $$;

CREATE FUNCTION support.revoke_session(p_session bytea, p_session_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
    whose text;
BEGIN
    UPDATE support.sessions s SET revoked_at = clock_timestamp()
    FROM support.users u
    WHERE left(encode(s.session_hash, 'hex'), 16) = p_session_id AND s.revoked_at IS NULL AND u.user_id = s.user_id
      AND (person.role = 'ADMIN' OR s.user_id = person.user_id)
    RETURNING u.username INTO whose;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'session_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.append_audit(
        person.username, 'session.revoked', whose, 'DONE', jsonb_build_object('session_id', p_session_id));
END $$;

CREATE FUNCTION support.sessions_list(p_session bytea) RETURNS TABLE (
    session_id text, username text, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, ip text,
    user_agent text, is_own boolean, kind text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
BEGIN
    RETURN QUERY
    SELECT
        left(encode(s.session_hash, 'hex'), 16), u.username, s.created_at, s.last_seen_at, s.expires_at, s.ip,
        s.user_agent, s.session_hash IS NOT DISTINCT FROM p_session, s.kind
    FROM support.sessions s
    JOIN support.users u ON u.user_id = s.user_id
    WHERE (person.role = 'ADMIN' OR s.user_id = person.user_id) AND (support.live_session(s.session_hash)).user_id = u.user_id
    ORDER BY s.last_seen_at DESC;
END $$;

CREATE FUNCTION support.create_user(
    p_session bytea, p_username text, p_display_name text, p_email text, p_password_hash text, p_role text,
    p_locale text DEFAULT 'pt-BR', p_demo boolean DEFAULT false, p_temporary boolean DEFAULT false
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN'], true);
    id bigint;
BEGIN
    id := support.insert_user(p_username, p_display_name, p_email, p_password_hash, p_role, p_locale);
    UPDATE support.users u SET demo = p_demo, password_temporary = p_temporary WHERE u.user_id = id;
    PERFORM support.append_audit(
        person.username, 'user.created', lower(trim(p_username)), 'DONE', jsonb_build_object('role', p_role));
    RETURN id;
END $$;

CREATE OR REPLACE FUNCTION support.set_password(p_session bytea, p_username text, p_password_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
    target support.users := support.known_user(p_username);
BEGIN
    IF person.role <> 'ADMIN' AND target.user_id <> person.user_id THEN
        RAISE EXCEPTION 'role_refused' USING ERRCODE = 'NV403', DETAIL = person.role;
    END IF;
    PERFORM support.require_hash(p_password_hash);
    UPDATE support.users u SET
        password_hash = p_password_hash, password_changed_at = clock_timestamp(), failed_logins = 0, blocked_until = NULL,
        password_temporary = target.user_id IS DISTINCT FROM person.user_id AND NOT target.demo
    WHERE u.user_id = target.user_id;
    PERFORM support.close_sessions(target.user_id, p_session);
    PERFORM support.append_audit(person.username, 'user.password_set', target.username, 'DONE');
END $$;

CREATE FUNCTION support.users_list(p_session bytea) RETURNS TABLE (
    user_id bigint, username text, display_name text, email text, role text, active boolean, locale text,
    failed_logins integer, blocked_until timestamptz, created_at timestamptz, last_login_at timestamptz,
    live_sessions bigint, password_temporary boolean, second_factor boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM support.acting(p_session, ARRAY['ADMIN'], true);
    RETURN QUERY
    SELECT
        u.user_id, u.username, u.display_name, u.email, u.role, u.active, u.locale, u.failed_logins, u.blocked_until,
        u.created_at, u.last_login_at,
        (
            SELECT count(*) FROM support.sessions s
            WHERE s.user_id = u.user_id AND (support.live_session(s.session_hash)).user_id IS NOT NULL
        ),
        u.password_temporary,
        EXISTS (SELECT FROM support.second_factors f WHERE f.user_id = u.user_id AND f.confirmed_at IS NOT NULL)
    FROM support.users u
    ORDER BY u.username;
END $$;

CREATE MATERIALIZED VIEW analytics.mv_forecasts_latest AS
-- analytics.mv_forecasts_latest: latest forecast sums with the quantiles that screens show.
-- Grain: one row per material, site and target. No parameters.
SELECT item_id, site_id, target, as_of, horizon_days, model, mean,
       quantile_values[array_position(quantile_levels, 0.05)] AS p05,
       quantile_values[array_position(quantile_levels, 0.25)] AS p25,
       quantile_values[array_position(quantile_levels, 0.5)] AS p50,
       quantile_values[array_position(quantile_levels, 0.75)] AS p75,
       quantile_values[array_position(quantile_levels, 0.9)] AS p90,
       quantile_values[array_position(quantile_levels, 0.95)] AS p95,
       quantile_values[array_position(quantile_levels, 0.99)] AS p99,
       borrowed_share
FROM analytics.forecasts
WHERE as_of = (SELECT max(as_of) FROM analytics.forecasts)
WITH NO DATA;
CREATE UNIQUE INDEX mv_forecasts_latest_pkey ON analytics.mv_forecasts_latest (item_id, site_id, target);
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
REFRESH MATERIALIZED VIEW analytics.mv_forecasts_latest;

CREATE MATERIALIZED VIEW analytics.mv_item_sites_latest AS
-- analytics.mv_item_sites_latest: everything that the material list and the header of its detail show.
-- Grain: one row per material and site, on the latest date for which policies exist. No parameters.
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
       f.mean AS mean_30,
       d.on_hand::double precision * 30 / nullif(f.mean, 0) AS coverage_days,
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
COMMENT ON COLUMN analytics.mv_item_sites_latest.mean_30 IS 'Mean forecast of 30 days. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.coverage_days IS 'On hand over mean daily forecast. [days]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.stockout_probability IS 'Probability of a stock-out without acting.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.action IS 'Recommended action of the highest priority.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.priority IS 'Its priority.';
COMMENT ON COLUMN analytics.mv_item_sites_latest.stock_value IS 'On hand at standard cost. [BRL]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.demand_365 IS 'Demand of 365 days. [units]';
COMMENT ON COLUMN analytics.mv_item_sites_latest.demand_trend IS 'Demand of the last 26 weeks, oldest first. [units]';
REFRESH MATERIALIZED VIEW analytics.mv_item_sites_latest;

CREATE MATERIALIZED VIEW analytics.mv_alert_lives AS
-- analytics.mv_alert_lives: the life of each alert: opened, how its severity went, last seen, resolved.
-- Grain: one row per material, site, cause and day of opening. No parameters.
-- An alert is resolved on the first judged day on which it is no longer there, unless it comes back within three judged
-- days: then it is the same one. Days count as neighbours when no other day between them was judged (a history may hold
-- month-ends only).
WITH judged AS (
    SELECT as_of, row_number() OVER (ORDER BY as_of) AS turn,
           lead(as_of) OVER (ORDER BY as_of) AS next_as_of
    FROM (SELECT DISTINCT as_of FROM analytics.recommendations) AS days
),
told AS (
    SELECT a.item_id, a.site_id, a.cause, a.as_of, a.severity, a.probability, a.value_at_risk, j.turn, j.next_as_of,
           coalesce(j.turn - lag(j.turn) OVER w > 3, true) AS is_new,
           a.severity IS DISTINCT FROM lag(a.severity) OVER w AS has_changed
    FROM analytics.alerts AS a
    JOIN judged AS j USING (as_of)
    WINDOW w AS (PARTITION BY a.item_id, a.site_id, a.cause ORDER BY a.as_of)
),
numbered AS (
    SELECT *, count(*) FILTER (WHERE is_new) OVER (PARTITION BY item_id, site_id, cause ORDER BY as_of) AS life
    FROM told
)
SELECT item_id, site_id, cause, min(as_of) AS opened_on, max(as_of) AS last_seen,
       (array_agg(next_as_of ORDER BY as_of DESC))[1] AS resolved_on,
       (array_agg(severity ORDER BY as_of))[1] AS first_severity,
       (array_agg(severity ORDER BY as_of DESC))[1] AS severity,
       (array_agg(severity ORDER BY array_position(ARRAY['CRITICAL', 'WARNING', 'NORMAL'], severity)))[1] AS worst_severity,
       max(as_of) FILTER (WHERE is_new OR has_changed) AS severity_since,
       jsonb_agg(jsonb_build_object('on', as_of, 'severity', severity) ORDER BY as_of)
           FILTER (WHERE is_new OR has_changed) AS severity_history,
       max(probability) AS peak_probability, max(value_at_risk) AS peak_value,
       count(*)::integer AS days_seen
FROM numbered
GROUP BY item_id, site_id, cause, life
WITH NO DATA;
CREATE UNIQUE INDEX mv_alert_lives_pkey ON analytics.mv_alert_lives (item_id, site_id, cause, opened_on);
CREATE INDEX mv_alert_lives_last_seen_idx ON analytics.mv_alert_lives USING btree (last_seen);
COMMENT ON MATERIALIZED VIEW analytics.mv_alert_lives IS 'The life of each alert: when it opened, how its severity went, when it was last seen and when it was resolved. Grain: one row per material, site, cause and day of opening.';
COMMENT ON COLUMN analytics.mv_alert_lives.item_id IS 'Material.';
COMMENT ON COLUMN analytics.mv_alert_lives.site_id IS 'Site.';
COMMENT ON COLUMN analytics.mv_alert_lives.cause IS 'Cause.';
COMMENT ON COLUMN analytics.mv_alert_lives.opened_on IS 'First day.';
COMMENT ON COLUMN analytics.mv_alert_lives.last_seen IS 'Last day on which it stood.';
COMMENT ON COLUMN analytics.mv_alert_lives.resolved_on IS 'First judged day without it; NULL while it is open.';
COMMENT ON COLUMN analytics.mv_alert_lives.first_severity IS 'Severity when it opened.';
COMMENT ON COLUMN analytics.mv_alert_lives.severity IS 'Severity when last seen.';
COMMENT ON COLUMN analytics.mv_alert_lives.worst_severity IS 'Worst severity.';
COMMENT ON COLUMN analytics.mv_alert_lives.severity_since IS 'Day from which that severity holds: what was read before was another one.';
COMMENT ON COLUMN analytics.mv_alert_lives.severity_history IS 'Each change as {on, severity}.';
COMMENT ON COLUMN analytics.mv_alert_lives.peak_probability IS 'Highest probability.';
COMMENT ON COLUMN analytics.mv_alert_lives.peak_value IS 'Most that was at stake. [BRL]';
COMMENT ON COLUMN analytics.mv_alert_lives.days_seen IS 'Judged days on which it stood. [days]';
REFRESH MATERIALIZED VIEW analytics.mv_alert_lives;

CREATE MATERIALIZED VIEW analytics.mv_alerts_open AS
-- analytics.mv_alerts_open: alerts of the latest day with their lives so far, in the order of the inbox.
-- Grain: one row per material, site and cause that has an alert on the latest day. No parameters.
SELECT a.item_id, a.site_id, a.cause, a.as_of, l.opened_on, a.severity, l.severity_since, l.first_severity,
       l.severity_history, a.probability, a.horizon_days, a.expected_date, a.value_at_risk, a.hours_at_risk, a.details,
       row_number() OVER (
           ORDER BY a.severity = 'CRITICAL' DESC, a.value_at_risk DESC, a.severity = 'WARNING' DESC,
                    a.item_id, a.site_id, a.cause) AS inbox_rank,
       row_number() OVER (ORDER BY a.hours_at_risk DESC, a.value_at_risk DESC, a.item_id, a.site_id, a.cause) AS hours_rank
FROM analytics.alerts AS a
JOIN analytics.mv_alert_lives AS l
  ON (l.item_id, l.site_id, l.cause) = (a.item_id, a.site_id, a.cause) AND l.last_seen = a.as_of
WHERE a.as_of = (SELECT max(as_of) FROM analytics.recommendations)
WITH NO DATA;
CREATE UNIQUE INDEX mv_alerts_open_pkey ON analytics.mv_alerts_open (item_id, site_id, cause);
COMMENT ON MATERIALIZED VIEW analytics.mv_alerts_open IS 'Alerts of the latest day with their lives so far, in the order of the inbox. Grain: one row per material, site and cause.';
COMMENT ON COLUMN analytics.mv_alerts_open.item_id IS 'Material.';
COMMENT ON COLUMN analytics.mv_alerts_open.site_id IS 'Site.';
COMMENT ON COLUMN analytics.mv_alerts_open.cause IS 'Cause.';
COMMENT ON COLUMN analytics.mv_alerts_open.as_of IS 'Latest day.';
COMMENT ON COLUMN analytics.mv_alerts_open.opened_on IS 'First day of its life.';
COMMENT ON COLUMN analytics.mv_alerts_open.severity IS 'Severity.';
COMMENT ON COLUMN analytics.mv_alerts_open.severity_since IS 'Day from which that severity holds.';
COMMENT ON COLUMN analytics.mv_alerts_open.first_severity IS 'Severity when it opened.';
COMMENT ON COLUMN analytics.mv_alerts_open.severity_history IS 'Each change as {on, severity}.';
COMMENT ON COLUMN analytics.mv_alerts_open.probability IS 'Probability within horizon_days.';
COMMENT ON COLUMN analytics.mv_alerts_open.horizon_days IS 'Days that the probability is about. [days]';
COMMENT ON COLUMN analytics.mv_alerts_open.expected_date IS 'Day on which it is expected.';
COMMENT ON COLUMN analytics.mv_alerts_open.value_at_risk IS 'Expected cost of doing nothing until help could come. [BRL]';
COMMENT ON COLUMN analytics.mv_alerts_open.hours_at_risk IS 'Expected hours of waiting for the material. [hours]';
COMMENT ON COLUMN analytics.mv_alerts_open.details IS 'Numbers of the message.';
COMMENT ON COLUMN analytics.mv_alerts_open.inbox_rank IS 'Place in the inbox: critical ones first, then by what is at stake.';
COMMENT ON COLUMN analytics.mv_alerts_open.hours_rank IS 'Place by the hours at risk.';
REFRESH MATERIALIZED VIEW analytics.mv_alerts_open;

CREATE MATERIALIZED VIEW analytics.mv_alert_calibration AS
-- analytics.mv_alert_calibration: of the stock-out alerts told at a probability, how many came true, by tenths.
-- Grain: one row per tenth of probability that has scored alerts. No parameters.
-- One alert is counted once: the first day of each run of days on which an item-site was alerted, since the days that
-- follow tell the same story again. The band holds the number that come true in 95 of 100 cases when the probabilities
-- are right (normal approximation of the sum of independent Bernoulli variables).
WITH firsts AS (
    SELECT s.*, least(floor(probability * 10), 9)::integer AS decile,
           coalesce(alerted_on > lag(alerted_on) OVER (PARTITION BY item_id, site_id ORDER BY alerted_on) + horizon_days, true)
               AS is_first
    FROM analytics.alert_scores AS s
),
tenths AS (
    SELECT decile, count(*)::integer AS alerts, avg(probability) AS told, (count(*) FILTER (WHERE came_true))::integer AS came_true,
           sum(probability) AS expected, sqrt(sum(probability * (1 - probability))) AS spread
    FROM firsts
    WHERE is_first
    GROUP BY decile
)
SELECT decile, alerts, told, came_true, came_true::double precision / alerts AS share,
       greatest(expected - 1.96 * spread - 0.5, 0) / alerts AS band_low,
       least(expected + 1.96 * spread + 0.5, alerts) / alerts AS band_high,
       came_true BETWEEN expected - 1.96 * spread - 0.5 AND expected + 1.96 * spread + 0.5 AS inside
FROM tenths
WITH NO DATA;
CREATE UNIQUE INDEX mv_alert_calibration_pkey ON analytics.mv_alert_calibration (decile);
COMMENT ON MATERIALIZED VIEW analytics.mv_alert_calibration IS 'Stock-out alerts told at a probability and how many came true, by tenths, with the band of what chance allows. Grain: one row per tenth of probability.';
COMMENT ON COLUMN analytics.mv_alert_calibration.decile IS 'Tenth of the probability: 3 is 0.3 to 0.4.';
COMMENT ON COLUMN analytics.mv_alert_calibration.alerts IS 'Alerts scored, each run of days once.';
COMMENT ON COLUMN analytics.mv_alert_calibration.told IS 'Mean probability that was told.';
COMMENT ON COLUMN analytics.mv_alert_calibration.came_true IS 'Alerts that came true.';
COMMENT ON COLUMN analytics.mv_alert_calibration.share IS 'Share that came true.';
COMMENT ON COLUMN analytics.mv_alert_calibration.band_low IS 'Smallest share that chance explains, 95 %.';
COMMENT ON COLUMN analytics.mv_alert_calibration.band_high IS 'Largest share that chance explains, 95 %.';
COMMENT ON COLUMN analytics.mv_alert_calibration.inside IS 'Whether the share lies within the band.';
REFRESH MATERIALIZED VIEW analytics.mv_alert_calibration;

GRANT SELECT, INSERT, DELETE ON analytics.forecast_corrections TO nova_etl;

GRANT SELECT ON analytics.forecast_corrections TO nova_app;

GRANT SELECT ON analytics.forecast_corrections TO nova_ro;

GRANT SELECT, INSERT, DELETE ON analytics.forecast_overrides TO nova_etl;

GRANT SELECT ON analytics.forecast_overrides TO nova_app;

GRANT SELECT ON analytics.forecast_overrides TO nova_ro;

GRANT SELECT, INSERT, DELETE ON analytics.forecast_value_added TO nova_etl;

GRANT SELECT ON analytics.forecast_value_added TO nova_app;

GRANT SELECT ON analytics.forecast_value_added TO nova_ro;

GRANT SELECT, INSERT, DELETE ON analytics.supplier_scorecard TO nova_etl;

GRANT SELECT ON analytics.supplier_scorecard TO nova_app;

GRANT SELECT ON analytics.supplier_scorecard TO nova_ro;

GRANT SELECT, INSERT, DELETE ON analytics.forecast_scores TO nova_etl;

GRANT SELECT ON analytics.forecast_scores TO nova_app;

GRANT SELECT ON analytics.forecast_scores TO nova_ro;

GRANT SELECT, INSERT, DELETE ON analytics.alert_scores TO nova_etl;

GRANT SELECT ON analytics.alert_scores TO nova_app;

GRANT SELECT ON analytics.alert_scores TO nova_ro;

GRANT SELECT ON analytics.mv_forecasts_latest TO nova_etl;

GRANT SELECT ON analytics.mv_forecasts_latest TO nova_app;

GRANT SELECT ON analytics.mv_forecasts_latest TO nova_ro;

GRANT SELECT ON analytics.mv_item_sites_latest TO nova_etl;

GRANT SELECT ON analytics.mv_item_sites_latest TO nova_app;

GRANT SELECT ON analytics.mv_item_sites_latest TO nova_ro;

GRANT SELECT ON analytics.mv_alert_lives TO nova_etl;

GRANT SELECT ON analytics.mv_alert_lives TO nova_app;

GRANT SELECT ON analytics.mv_alert_lives TO nova_ro;

GRANT SELECT ON analytics.mv_alerts_open TO nova_etl;

GRANT SELECT ON analytics.mv_alerts_open TO nova_app;

GRANT SELECT ON analytics.mv_alerts_open TO nova_ro;

GRANT SELECT ON analytics.mv_alert_calibration TO nova_etl;

GRANT SELECT ON analytics.mv_alert_calibration TO nova_app;

GRANT SELECT ON analytics.mv_alert_calibration TO nova_ro;

GRANT SELECT ON support.recommendation_history TO nova_etl;

GRANT SELECT ON support.recommendation_history TO nova_app;

GRANT SELECT ON support.scenario_requests TO nova_etl;

GRANT SELECT ON support.scenario_requests TO nova_app;

GRANT SELECT ON support.planning_rule_edits TO nova_etl;

GRANT SELECT ON support.planning_rule_edits TO nova_app;

GRANT SELECT, INSERT, UPDATE ON support.check_results TO nova_etl;

GRANT SELECT ON support.check_results TO nova_app;

REVOKE ALL ON FUNCTION support.finish_login FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.finish_login TO nova_app;

REVOKE ALL ON FUNCTION support.confirm_password FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.confirm_password TO nova_app;

REVOKE ALL ON FUNCTION support.begin_second_factor FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.begin_second_factor TO nova_app;

REVOKE ALL ON FUNCTION support.finish_second_factor FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.finish_second_factor TO nova_app;

REVOKE ALL ON FUNCTION support.identity_login FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.identity_login TO nova_app;

REVOKE ALL ON FUNCTION support.check_session FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.check_session TO nova_app;

REVOKE ALL ON FUNCTION support.revoke_session FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.revoke_session TO nova_app;

REVOKE ALL ON FUNCTION support.sessions_list FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.sessions_list TO nova_app;

REVOKE ALL ON FUNCTION support.create_user FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.create_user TO nova_app;

REVOKE ALL ON FUNCTION support.users_list FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.users_list TO nova_app;

REVOKE ALL ON FUNCTION support.begin_totp FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.begin_totp TO nova_app;

REVOKE ALL ON FUNCTION support.own_totp FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.own_totp TO nova_app;

REVOKE ALL ON FUNCTION support.confirm_totp FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.confirm_totp TO nova_app;

REVOKE ALL ON FUNCTION support.reset_totp FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.reset_totp TO nova_app;

REVOKE ALL ON FUNCTION support.check_api_token FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.check_api_token TO nova_app;

REVOKE ALL ON FUNCTION support.audit_api_call FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.audit_api_call TO nova_app;

REVOKE ALL ON FUNCTION support.resolve_alert FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.resolve_alert TO nova_app;

REVOKE ALL ON FUNCTION support.reopen_alert FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.reopen_alert TO nova_app;

REVOKE ALL ON FUNCTION support.set_planning_rule FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.set_planning_rule TO nova_app;

REVOKE ALL ON FUNCTION support.end_planning_rule FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.end_planning_rule TO nova_app;

REVOKE ALL ON FUNCTION support.request_scenario FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.request_scenario TO nova_app;

REVOKE ALL ON FUNCTION support.open_session FROM PUBLIC;

REVOKE ALL ON FUNCTION support.record_word FROM PUBLIC;

SELECT support.ensure_partitions(
    'analytics.forecast_corrections',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.forecast_overrides',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.forecast_value_added',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.supplier_scorecard',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.forecast_scores',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);

SELECT support.ensure_partitions(
    'analytics.alert_scores',
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') - interval '2 months')::date,
    (date_trunc('month', now() AT TIME ZONE 'America/Bahia') + interval '4 months')::date);
