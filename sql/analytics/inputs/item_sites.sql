-- Every item-site of analytics.demand_classes on a date with what planning needs to know about it.
-- Grain: one row per material and site, in the order of the series id. Parameter: as_of (date).
SELECT i.item_code || chr(31) || s.site_code AS series_id, c.item_id, c.site_id, i.item_code, s.site_code,
       i.family, c.abc_class, c.demand_class, i.criticality, i.unit_cost, i.active AND s.active AS active
FROM analytics.demand_classes AS c
JOIN core.dim_item AS i ON i.item_id = c.item_id
JOIN core.dim_site AS s ON s.site_id = c.site_id
WHERE c.as_of = %(as_of)s
ORDER BY (i.item_code || chr(31) || s.site_code) COLLATE "C"
