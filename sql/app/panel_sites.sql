-- Risk of each site: item-sites likely to run out and what they are worth. Grain: one row per site with coordinates.
-- Parameters: threshold, families, abc, regions, sites.
SELECT site_code, min(site_name) AS site_name, min(region_name) AS region_name, min(latitude)::double precision AS latitude,
    min(longitude)::double precision AS longitude, count(*) AS item_sites,
    count(*) FILTER (WHERE stockout_probability >= %(threshold)s) AS at_risk,
    (count(*) FILTER (WHERE stockout_probability >= %(threshold)s))::double precision / count(*) AS share,
    sum(stock_value)::double precision AS stock_value
FROM analytics.mv_item_sites_latest
WHERE latitude IS NOT NULL AND longitude IS NOT NULL
    AND (%(families)s::text[] IS NULL OR family = ANY (%(families)s::text[]))
    AND (%(abc)s::text[] IS NULL OR abc_class = ANY (%(abc)s::text[]))
    AND (%(regions)s::text[] IS NULL OR region_code = ANY (%(regions)s::text[]))
    AND (%(sites)s::text[] IS NULL OR site_code = ANY (%(sites)s::text[]))
GROUP BY site_code
ORDER BY share, site_code;
