-- Materials. Grain: one row: the number of matching materials, and a page of them as JSON.
-- Parameters: search, family, active, limit, offset, total (NULL when it is not known yet).
WITH found AS NOT MATERIALIZED (
    SELECT i.item_code, i.name, i.family, i.category, i.unit_measure, i.unit_cost, i.criticality, i.item_kind,
        i.successor_code, i.active, i.inferred
    FROM core.dim_item AS i
    WHERE (%(search)s::text IS NULL OR i.item_code ILIKE %(search)s OR i.name ILIKE %(search)s)
        AND (%(family)s::text IS NULL OR i.family = %(family)s)
        AND (%(active)s::boolean IS NULL OR i.active = %(active)s)
), page AS (
    SELECT * FROM found ORDER BY item_code LIMIT %(limit)s OFFSET %(offset)s
)
SELECT coalesce(%(total)s::bigint, (SELECT count(*) FROM found)) AS total,
    coalesce((SELECT json_agg(page ORDER BY item_code) FROM page), '[]')::text AS rows;
