-- core.dim_supplier: suppliers of the reference feed, and a placeholder for each code that only other feeds use.
-- Grain: one row per supplier code; the newest file wins. No parameters.
WITH told AS (
    SELECT DISTINCT ON (supplier_code) supplier_code, name, supplier_type, active, true AS told
    FROM staging.suppliers
    ORDER BY supplier_code, file_id DESC, source_line DESC
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
    NOT coalesce(told.told, false) AS inferred
FROM told
FULL JOIN used USING (supplier_code)
