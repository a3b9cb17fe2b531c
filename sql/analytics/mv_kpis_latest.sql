-- analytics.mv_kpis_latest: key figures of the latest day, of the day before, of 30 days before, and 90 days of trend.
-- Grain: one row per key figure, dimension and member that has a row on the latest day. No parameters.
WITH latest AS (
    SELECT max(as_of) AS as_of FROM analytics.kpis_daily
),
recent AS (
    SELECT k.*, latest.as_of AS latest
    FROM analytics.kpis_daily AS k
    JOIN latest ON k.as_of > latest.as_of - 90 AND k.as_of <= latest.as_of
)
SELECT kpi_code, dimension, member, latest AS as_of,
       min(numerator) FILTER (WHERE as_of = latest) AS numerator,
       min(denominator) FILTER (WHERE as_of = latest) AS denominator,
       min(value) FILTER (WHERE as_of = latest) AS value,
       min(value) FILTER (WHERE as_of = latest - 1) AS value_previous,
       min(value) FILTER (WHERE as_of = latest - 30) AS value_30,
       array_agg(value::double precision ORDER BY as_of) AS trend
FROM recent
GROUP BY kpi_code, dimension, member, latest
HAVING bool_or(as_of = latest)
