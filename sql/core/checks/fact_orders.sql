-- Days whose extracts tell other order lines than core has versions of.
-- Grain: one row per day that differs; none when all is well. Parameters: window_start, window_end (dates, half-open).
WITH landed AS (
    SELECT known_on AS day, count(DISTINCT (order_no, line_no))::numeric AS lines
    FROM staging.purchase_orders
    WHERE known_on >= %(window_start)s::date AND known_on < %(window_end)s::date
    GROUP BY known_on
),
published AS (
    SELECT known_on AS day, count(*)::numeric AS lines
    FROM core.fact_orders
    WHERE known_on >= %(window_start)s::date AND known_on < %(window_end)s::date
    GROUP BY known_on
)
SELECT day, 'order lines' AS measure, coalesce(landed.lines, 0) AS landed, coalesce(published.lines, 0) AS published
FROM landed
FULL JOIN published USING (day)
WHERE landed.lines IS DISTINCT FROM published.lines
ORDER BY day
