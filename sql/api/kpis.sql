-- Key figures of the day served beside those of the day before and of 30 days before, with their definitions.
-- Grain: one row: the number of matching figures, and a page of them as JSON.
-- Parameters: kpi_code, dimension, member, limit, offset, total (NULL when it is not known yet).
WITH found AS NOT MATERIALIZED (
    SELECT k.kpi_code, d.position, d.name_pt, d.name_en, d.unit, d.lower_is_better, d.target, k.dimension, k.member,
        k.as_of, k.numerator, k.denominator, k.value, k.value_previous, k.value_30, k.trend
    FROM analytics.mv_kpis_latest AS k
    JOIN analytics.kpi_definitions AS d USING (kpi_code)
    WHERE (%(kpi_code)s::text IS NULL OR k.kpi_code = %(kpi_code)s)
        AND k.dimension = %(dimension)s
        AND (%(member)s::text IS NULL OR k.member = %(member)s)
), page AS (
    SELECT * FROM found ORDER BY position, kpi_code, member LIMIT %(limit)s OFFSET %(offset)s
)
SELECT coalesce(%(total)s::bigint, (SELECT count(*) FROM found)) AS total,
    coalesce((SELECT json_agg(page ORDER BY position, kpi_code, member) FROM page), '[]')::text AS rows;
