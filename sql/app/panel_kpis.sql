-- Key figures of the last 90 days for one dimension's members taken together. Grain: one row per key figure and day.
-- Parameters: as_of, dimension, members.
SELECT d.kpi_code, d.position, d.name_pt, d.name_en, d.unit, d.lower_is_better, d.target, k.as_of,
    CASE WHEN d.denominator IS NULL THEN sum(k.numerator)
         ELSE sum(k.numerator) / nullif(sum(k.denominator), 0) END::double precision AS value
FROM analytics.kpi_definitions AS d
JOIN analytics.kpis_daily AS k ON k.kpi_code = d.kpi_code
WHERE k.dimension = %(dimension)s AND k.member = ANY (%(members)s::text[])
    AND k.as_of > %(as_of)s::date - 90 AND k.as_of <= %(as_of)s::date
GROUP BY d.kpi_code, d.position, d.name_pt, d.name_en, d.unit, d.lower_is_better, d.target, d.denominator, k.as_of
ORDER BY d.position, k.as_of;
