-- Answers to a replay, for everything taken together. Grain: one row per policy and service level.
-- Parameters: request_id, as_of.
SELECT s.parameters ->> 'policy' AS policy, s.service_level, s.item_sites, s.stock_value::double precision AS stock_value,
    s.holding_cost_year::double precision AS holding_cost_year, s.expected_shortage,
    (s.parameters ->> 'empty_share')::double precision AS empty_share, (s.parameters ->> 'fill_rate')::double precision AS fill_rate,
    (s.parameters ->> 'orders')::bigint AS orders, (s.parameters ->> 'total_cost')::double precision AS total_cost
FROM analytics.scenarios AS s
WHERE s.as_of = %(as_of)s::date AND s.dimension = 'company'
    AND s.scenario_code LIKE 'request\_' || %(request_id)s::text || '\_%%'
ORDER BY policy, service_level;
