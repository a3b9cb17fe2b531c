-- Some key figures over some months, one point a week. Grain: one row per key figure and week.
-- Parameters: as_of, dimension, members, months, codes.
SELECT k.kpi_code, k.as_of,
    CASE WHEN bool_and(k.denominator IS NULL) THEN sum(k.numerator)
         ELSE sum(k.numerator) / nullif(sum(k.denominator), 0) END::double precision AS value
FROM analytics.kpis_daily AS k
WHERE k.as_of > %(as_of)s::date - %(months)s::integer * 30 AND k.as_of <= %(as_of)s::date
    AND (%(as_of)s::date - k.as_of) %% 7 = 0
    AND k.dimension = %(dimension)s AND k.member = ANY (%(members)s::text[])
    AND k.kpi_code = ANY (%(codes)s::text[])
GROUP BY k.kpi_code, k.as_of
ORDER BY k.kpi_code, k.as_of;
