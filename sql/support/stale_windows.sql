-- Windows whose inputs were published again after they were computed. Grain: table and window (day, or first of month).
-- Parameters, arrays with one element per edge of the catalog: tables, upstreams, reaches (same, until), offsets (months),
-- monthly (the table's windows are months), upstream_monthly. A table is judged on the windows that it has.
WITH edge AS (
    SELECT *, row_number() OVER () AS edge
    FROM unnest(
        %(tables)s::text[], %(upstreams)s::text[], %(reaches)s::text[], %(offsets)s::integer[],
        %(monthly)s::boolean[], %(upstream_monthly)s::boolean[]
    ) AS e (table_name, upstream, reach, offset_months, monthly, upstream_monthly)
),
published AS (
    SELECT
        m.table_name, d::date AS day,
        max(m.materialization_id) AS published, max(coalesce(m.inputs_seen, m.materialization_id)) AS seen
    FROM support.materializations m
    CROSS JOIN unnest(m.windows) AS w (dates)
    CROSS JOIN generate_series(lower(w.dates)::timestamp, upper(w.dates)::timestamp - interval '1 day', '1 day') AS d
    WHERE m.table_name IN (SELECT table_name FROM edge UNION SELECT upstream FROM edge)
    GROUP BY m.table_name, d::date
),
-- A monthly table's window is known by its first day and stands on its last; it has seen what its latest publish saw.
own AS (
    SELECT
        e.*, p.starts, p.seen,
        CASE WHEN e.monthly THEN (p.starts + interval '1 month' - interval '1 day')::date ELSE p.starts END AS as_of
    FROM edge e
    JOIN LATERAL (
        SELECT CASE WHEN e.monthly THEN date_trunc('month', day::timestamp)::date ELSE day END AS starts, max(seen) AS seen
        FROM published
        WHERE published.table_name = e.table_name
        GROUP BY 1
    ) AS p ON true
),
same AS (
    SELECT o.table_name, o.starts
    FROM own o
    JOIN published u ON u.table_name = o.upstream
        AND CASE
            WHEN o.monthly OR o.upstream_monthly
                THEN date_trunc('month', u.day::timestamp)
                    = date_trunc('month', o.starts::timestamp) + o.offset_months * interval '1 month'
            ELSE u.day = o.starts
        END
    WHERE o.reach = 'same' AND u.published > o.seen
),
-- Newest upstream publish of any day up to each own as-of: a running maximum over both tables' days.
running AS (
    SELECT
        table_name, starts, seen,
        max(published) OVER (PARTITION BY edge ORDER BY day, of_upstream DESC ROWS UNBOUNDED PRECEDING) AS newest
    FROM (
        SELECT edge, table_name, starts, seen, as_of AS day, NULL::bigint AS published, false AS of_upstream
        FROM own WHERE reach = 'until'
        UNION ALL
        SELECT e.edge, e.table_name, NULL, NULL, u.day, u.published, true
        FROM edge e JOIN published u ON u.table_name = e.upstream
        WHERE e.reach = 'until'
    ) AS both_tables
)
SELECT table_name, starts FROM same
UNION
SELECT table_name, starts FROM running WHERE starts IS NOT NULL AND newest > seen
ORDER BY table_name, starts
