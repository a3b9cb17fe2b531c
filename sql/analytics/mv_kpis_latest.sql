-- Key figures of the latest day beside those of the day before and 30 days before, with 90 days of trend.
-- Grain: key figure, dimension, member. No parameters: text of a materialized view.
WITH latest AS (SELECT max(as_of) AS as_of FROM analytics.kpis_daily),
span AS (
    SELECT k.kpi_code, k.dimension, k.member, k.as_of, k.numerator, k.denominator, k.value, latest.as_of AS today
    FROM analytics.kpis_daily k, latest
    WHERE k.as_of > latest.as_of - 90
)
SELECT
    kpi_code,
    dimension,
    member,
    today AS as_of,
    (max(numerator) FILTER (WHERE as_of = today))::numeric AS numerator,
    (max(denominator) FILTER (WHERE as_of = today))::numeric AS denominator,
    (max(value) FILTER (WHERE as_of = today))::numeric AS value,
    (max(value) FILTER (WHERE as_of = today - 1))::numeric AS value_previous,
    (max(value) FILTER (WHERE as_of = today - 30))::numeric AS value_30,
    array_agg(value::double precision ORDER BY as_of) AS trend
FROM span
GROUP BY kpi_code, dimension, member, today
HAVING bool_or(as_of = today)
