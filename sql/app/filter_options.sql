-- What the global filters offer. Grain: one row per family, region and site that the list holds.
-- Parameters: none.
SELECT 'family' AS kind, family AS code, family AS name, NULL AS parent
FROM analytics.mv_item_sites_latest WHERE family IS NOT NULL GROUP BY family
UNION ALL
SELECT 'region', region_code, min(region_name), NULL
FROM analytics.mv_item_sites_latest WHERE region_code IS NOT NULL GROUP BY region_code
UNION ALL
SELECT 'site', site_code, min(site_name), min(region_code)
FROM analytics.mv_item_sites_latest GROUP BY site_code
ORDER BY kind, name;
