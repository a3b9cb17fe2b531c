-- Days on which a material at a site has stock in staging and none in core, or the other way round, and days on which
-- core's stock is none of those that files tell.
-- Grain: one row per day and measure that differ; none when all is well.
-- Parameters: window_start, window_end (dates, half-open).
WITH landed AS (
    SELECT date AS day, item_code, site_code, array_agg(on_hand) AS told
    FROM staging.inventory
    WHERE date >= %(window_start)s::date AND date < %(window_end)s::date
    GROUP BY date, item_code, site_code
),
published AS (
    SELECT f.full_date AS day, i.item_code, s.site_code, f.on_hand
    FROM core.fact_inventory_daily f
    JOIN core.dim_item i USING (item_id)
    JOIN core.dim_site s USING (site_id)
    WHERE f.full_date >= %(window_start)s::date AND f.full_date < %(window_end)s::date
),
counted AS (
    SELECT
        day, count(landed.told)::numeric AS landed, count(published.on_hand)::numeric AS published,
        count(*) FILTER (WHERE published.on_hand = ANY(landed.told))::numeric AS agreed
    FROM landed
    FULL JOIN published USING (day, item_code, site_code)
    GROUP BY day
)
SELECT day, measure, compared.landed, compared.published
FROM counted
CROSS JOIN LATERAL (
    VALUES ('stocks', counted.landed, counted.published), ('agreeing stocks', counted.landed, counted.agreed)
) AS compared (measure, landed, published)
WHERE compared.landed <> compared.published
ORDER BY day, measure
