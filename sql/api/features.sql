-- Features of item-sites as the models see them, on the day served or on an earlier one.
-- Grain: one row: the number of matching item-sites, and a page of them as JSON.
-- Parameters: item_code, site_code, as_of, limit, offset, total (NULL when it is not known yet).
WITH found AS NOT MATERIALIZED (
    SELECT l.item_code, l.site_code, f.as_of, f.schema_version, f.features
    FROM analytics.mv_item_sites_latest AS l
    JOIN analytics.features_store AS f
        ON f.item_id = l.item_id AND f.site_id = l.site_id AND f.as_of = coalesce(%(as_of)s::date, l.as_of)
    WHERE (%(item_code)s::text IS NULL OR l.item_code = %(item_code)s)
        AND (%(site_code)s::text IS NULL OR l.site_code = %(site_code)s)
), page AS (
    SELECT * FROM found ORDER BY item_code, site_code LIMIT %(limit)s OFFSET %(offset)s
)
SELECT coalesce(%(total)s::bigint, (SELECT count(*) FROM found)) AS total,
    coalesce((SELECT json_agg(page ORDER BY item_code, site_code) FROM page), '[]')::text AS rows;
