-- core.fact_inventory_daily: stock at the close of each day; where two files tell the same day, the newer one wins.
-- Grain: one row per day in [window_start, window_end), material and site.
-- Parameters: window_start, window_end (dates, half-open).
WITH newest AS (
    SELECT DISTINCT ON (t.date, t.item_code, t.site_code)
        t.date, t.item_code, t.site_code, t.on_hand, t.reserved, t.backorder
    FROM staging.inventory AS t
    JOIN staging.files AS f USING (file_id)
    WHERE t.date >= %(window_start)s::date AND t.date < %(window_end)s::date
    ORDER BY t.date, t.item_code, t.site_code, f.file_date DESC NULLS LAST, t.file_id DESC, t.source_line DESC
)
SELECT
    date AS full_date,
    core.surrogate_key(item_code) AS item_id,
    core.surrogate_key(site_code) AS site_id,
    on_hand,
    coalesce(reserved, 0) AS reserved,
    coalesce(backorder, 0) AS backorder
FROM newest
