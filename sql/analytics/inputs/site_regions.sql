-- Region of every site, '' where none is known. Grain: one row per site. No parameters.
SELECT s.site_code, coalesce(r.region_code, '') AS region_code
FROM core.dim_site AS s
LEFT JOIN core.dim_region AS r ON r.region_id = s.region_id
ORDER BY s.site_code
