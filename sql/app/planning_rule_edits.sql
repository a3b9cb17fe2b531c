-- Planning rules set on the screens, those that stand first, with whether the newest publish of the rules holds them.
-- Grain: one row per rule set. Parameters: row_limit.
SELECT e.edit_id, e.item_code, e.family, e.abc_class, e.site_code, e.criticality_min::double precision AS criticality_min,
    e.service_level::double precision AS service_level, e.review_days::double precision AS review_days,
    e.lead_time_days::double precision AS lead_time_days, e.holding_rate_year::double precision AS holding_rate_year,
    e.holding_cost_unit_day::double precision AS holding_cost_unit_day,
    e.shortage_cost_unit::double precision AS shortage_cost_unit, e.fixed_order_cost::double precision AS fixed_order_cost,
    e.max_stock::double precision AS max_stock, e.unmet_demand, e.reason, author.display_name AS author, e.created_at, e.ended_at,
    coalesce(e.ended_at, e.created_at) <= (
        SELECT max(m.at) FROM support.materializations AS m WHERE m.table_name = 'support.planning_rules') AS taken_over
FROM support.planning_rule_edits AS e
LEFT JOIN support.people() AS author ON author.user_id = e.created_by
ORDER BY (e.ended_at IS NULL) DESC, e.edit_id DESC
LIMIT %(row_limit)s;
