-- Planning rules in force. No parameters.
SELECT rule_id, item_code, family, abc_class, site_code, criticality_min, specificity, service_level, review_days,
       lead_time_days, holding_rate_year, holding_cost_unit_day, shortage_cost_unit, fixed_order_cost, max_stock, unmet_demand
FROM support.planning_rules
ORDER BY rule_id
