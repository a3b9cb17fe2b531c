-- core.dim_item: materials and services of the reference feed, and a placeholder for each code that only other feeds use.
-- Grain: one row per material code; the newest file wins. No parameters.
WITH told AS (
    SELECT DISTINCT ON (t.item_code) t.*, true AS told
    FROM staging.items AS t
    JOIN staging.files AS f USING (file_id)
    ORDER BY t.item_code, f.file_date DESC NULLS LAST, t.file_id DESC, t.source_line DESC
),
used AS (
    SELECT item_code FROM staging.demand
    UNION
    SELECT item_code FROM staging.inventory
    UNION
    SELECT item_code FROM staging.purchase_orders
    UNION
    SELECT item_code FROM staging.planned_work
    UNION
    SELECT item_code FROM staging.item_sources
)
SELECT
    core.surrogate_key(item_code) AS item_id,
    item_code,
    coalesce(told.name, item_code) AS name,
    told.family,
    told.category,
    coalesce(told.unit_measure, 'UN') AS unit_measure,
    told.unit_cost,
    told.criticality,
    coalesce(told.item_kind, 'MATERIAL') AS item_kind,
    told.successor_code,
    coalesce(told.active, true) AS active,
    NOT coalesce(told.told, false) AS inferred
FROM told
FULL JOIN used USING (item_code)
