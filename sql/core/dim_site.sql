-- core.dim_site: sites of the reference feed, and a placeholder for each code that only other feeds use.
-- Grain: one row per site code; the newest file wins. No parameters.
WITH told AS (
    SELECT DISTINCT ON (t.site_code) t.*, true AS told
    FROM staging.sites AS t
    JOIN staging.files AS f USING (file_id)
    ORDER BY t.site_code, f.file_date DESC NULLS LAST, t.file_id DESC, t.source_line DESC
),
used AS (
    SELECT site_code FROM staging.demand
    UNION
    SELECT site_code FROM staging.inventory
    UNION
    SELECT site_code FROM staging.purchase_orders
    UNION
    SELECT site_code FROM staging.planned_work
    UNION
    SELECT site_code FROM staging.item_sources WHERE site_code IS NOT NULL
)
SELECT
    core.surrogate_key(site_code) AS site_id,
    site_code,
    coalesce(told.name, site_code) AS name,
    core.surrogate_key(told.region_code) AS region_id,
    told.site_type,
    told.latitude,
    told.longitude,
    coalesce(told.active, true) AS active,
    NOT coalesce(told.told, false) AS inferred
FROM told
FULL JOIN used USING (site_code)
