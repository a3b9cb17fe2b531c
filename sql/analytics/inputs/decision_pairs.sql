-- Every item-site of analytics.demand_classes on a date with what a decision needs beyond its policy.
-- Grain: one row per material and site. Parameter: as_of (date).
SELECT c.item_id, c.site_id, i.item_code, s.site_code, i.criticality, i.active AS item_active,
       i.active AND s.active AS active, i.successor_code, c.demand_class, c.abc_class, c.first_date, c.last_demand_date,
       r.region_code
FROM analytics.demand_classes AS c
JOIN core.dim_item AS i ON i.item_id = c.item_id
JOIN core.dim_site AS s ON s.site_id = c.site_id
LEFT JOIN core.dim_region AS r ON r.region_id = s.region_id
WHERE c.as_of = %(as_of)s
ORDER BY c.item_id, c.site_id
