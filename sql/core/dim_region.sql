-- core.dim_region: regions of the reference feed, and a placeholder for each code that only other feeds use.
-- Grain: one row per region code; the newest file wins. No parameters.
WITH told AS (
    SELECT DISTINCT ON (region_code) region_code, name, state_code, true AS told
    FROM staging.regions
    ORDER BY region_code, file_id DESC, source_line DESC
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
