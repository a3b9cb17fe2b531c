-- Family and cost of every material. Grain: one row per material. No parameters.
SELECT item_code, coalesce(family, '') AS family, unit_cost::double precision AS unit_cost
FROM core.dim_item
WHERE item_kind = 'MATERIAL'
ORDER BY item_code
