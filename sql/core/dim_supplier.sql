-- core.dim_supplier: suppliers of the reference feed, and a placeholder for each code that only other feeds use.
-- Grain: one row per supplier code; the newest file wins. No parameters.
WITH told AS (
    SELECT DISTINCT ON (t.supplier_code) t.supplier_code, t.name, t.supplier_type, t.active, t.min_order_value, true AS told
    FROM staging.suppliers AS t
    JOIN staging.files AS f USING (file_id)
    ORDER BY t.supplier_code, f.file_date DESC NULLS LAST, t.file_id DESC, t.source_line DESC
),
used AS (
    SELECT supplier_code FROM staging.purchase_orders
    UNION
    SELECT supplier_code FROM staging.item_sources
)
SELECT
    core.surrogate_key(supplier_code) AS supplier_id,
    supplier_code,
    coalesce(told.name, supplier_code) AS name,
    told.supplier_type,
    coalesce(told.active, true) AS active,
    NOT coalesce(told.told, false) AS inferred,
    told.min_order_value
FROM told
FULL JOIN used USING (supplier_code)
