-- Days whose plans lost or gained quantity on the way from staging to core.
-- Grain: one row per day that differs; none when all is well. Parameters: window_start, window_end (dates, half-open).
WITH landed AS (
    SELECT known_on AS day, sum(quantity) AS quantity
    FROM staging.planned_work
    WHERE known_on >= %(window_start)s::date AND known_on < %(window_end)s::date
    GROUP BY known_on
),
published AS (
    SELECT known_on AS day, sum(quantity) AS quantity
    FROM core.fact_planned_work
    WHERE known_on >= %(window_start)s::date AND known_on < %(window_end)s::date
    GROUP BY known_on
)
SELECT day, 'quantity' AS measure, coalesce(landed.quantity, 0) AS landed, coalesce(published.quantity, 0) AS published
FROM landed
FULL JOIN published USING (day)
WHERE landed.quantity IS DISTINCT FROM published.quantity
ORDER BY day
