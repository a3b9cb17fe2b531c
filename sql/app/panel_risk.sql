-- Item-sites most likely to run out, weighed by how much it hurts, with the number of all above the threshold.
-- Grain: one row per material and site. Parameters: threshold, row_limit, families, abc, regions, sites.
SELECT item_code, item_name, site_code, unit_measure, on_hand::double precision AS on_hand, coverage_days,
    stockout_probability, abc_class, criticality::double precision AS criticality, count(*) OVER () AS queue_length
FROM analytics.mv_item_sites_latest
WHERE stockout_probability >= %(threshold)s
    AND (%(families)s::text[] IS NULL OR family = ANY (%(families)s::text[]))
    AND (%(abc)s::text[] IS NULL OR abc_class = ANY (%(abc)s::text[]))
    AND (%(regions)s::text[] IS NULL OR region_code = ANY (%(regions)s::text[]))
    AND (%(sites)s::text[] IS NULL OR site_code = ANY (%(sites)s::text[]))
ORDER BY stockout_probability * coalesce(criticality, 1)::double precision DESC, item_id, site_id
LIMIT %(row_limit)s;
