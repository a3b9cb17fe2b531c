-- core.dim_region: regions of the reference feed, and a placeholder for each code that only other feeds use.
-- Grain: one row per region code; the newest file wins. No parameters.
WITH told AS (
    SELECT DISTINCT ON (t.region_code) t.region_code, t.name, t.state_code, true AS told
    FROM staging.regions AS t
    JOIN staging.files AS f USING (file_id)
    ORDER BY t.region_code, f.file_date DESC NULLS LAST, t.file_id DESC, t.source_line DESC
),
used AS (
    SELECT region_code FROM staging.sites WHERE region_code IS NOT NULL
    UNION
    SELECT DISTINCT region_code FROM staging.external_daily WHERE region_code IS NOT NULL
)
SELECT
    core.surrogate_key(region_code) AS region_id,
    region_code,
    coalesce(told.name, region_code) AS name,
    told.state_code,
    NOT coalesce(told.told, false) AS inferred
FROM told
FULL JOIN used USING (region_code)
