-- Planning rules in force, the narrowest scope first. Grain: one row per rule.
-- Parameters: none.
SELECT origin, item_code, family, abc_class, site_code, criticality_min::double precision AS criticality_min, specificity,
    service_level::double precision AS service_level, review_days::double precision AS review_days,
    lead_time_days::double precision AS lead_time_days, holding_rate_year::double precision AS holding_rate_year,
    holding_cost_unit_day::double precision AS holding_cost_unit_day,
    shortage_cost_unit::double precision AS shortage_cost_unit, fixed_order_cost::double precision AS fixed_order_cost,
    max_stock::double precision AS max_stock, unmet_demand
FROM support.planning_rules
ORDER BY specificity DESC, item_code, site_code, family, abc_class, criticality_min DESC;
