-- support.planning_rules: rules of the ERP and of the screens with how narrow their scope is: material 8, site 4, family 2,
-- class or criticality 1 each, added up. Grain: one row per scope; a rule set on the screens stands in the place of the
-- ERP's, of which the newest file wins. No parameters.
WITH given AS (
    SELECT 'ERP' AS origin, t.item_code, t.family, t.abc_class, t.site_code, t.criticality_min, t.service_level, t.review_days,
           t.lead_time_days, t.holding_rate_year, t.holding_cost_unit_day, t.shortage_cost_unit, t.fixed_order_cost,
           t.max_stock, t.unmet_demand, f.file_date, t.file_id, t.source_line
    FROM staging.planning_rules AS t
    JOIN staging.files AS f USING (file_id)
    UNION ALL
    SELECT 'APP', item_code, family, abc_class, site_code, criticality_min, service_level, review_days, lead_time_days,
           holding_rate_year, holding_cost_unit_day, shortage_cost_unit, fixed_order_cost, max_stock, unmet_demand, NULL, edit_id, NULL
    FROM support.planning_rule_edits
    WHERE ended_at IS NULL
),
scoped AS (
    SELECT
        *,
        core.surrogate_key(
            concat_ws('|', 'i=' || item_code, 'f=' || family, 'c=' || abc_class, 's=' || site_code, 'k=' || criticality_min)
        ) AS rule_id
    FROM given
)
SELECT DISTINCT ON (rule_id)
    rule_id,
    item_code,
    family,
    abc_class,
    site_code,
    criticality_min,
    (
        CASE WHEN item_code IS NULL THEN 0 ELSE 8 END
        + CASE WHEN site_code IS NULL THEN 0 ELSE 4 END
        + CASE WHEN family IS NULL THEN 0 ELSE 2 END
        + CASE WHEN abc_class IS NULL THEN 0 ELSE 1 END
        + CASE WHEN criticality_min IS NULL THEN 0 ELSE 1 END
    ) AS specificity,
    service_level,
    review_days,
    lead_time_days,
    holding_rate_year,
    holding_cost_unit_day,
    shortage_cost_unit,
    fixed_order_cost,
    max_stock,
    unmet_demand,
    origin
FROM scoped
ORDER BY rule_id, origin, file_date DESC NULLS LAST, file_id DESC, source_line DESC
