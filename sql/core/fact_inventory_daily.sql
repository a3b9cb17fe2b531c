-- core.fact_inventory_daily: stock at the close of each day; where two files tell the same day, the newer one wins.
-- Grain: one row per day in [window_start, window_end), material and site.
-- Parameters: window_start, window_end (dates, half-open).
SELECT DISTINCT ON (date, item_code, site_code)
    date AS full_date,
    core.surrogate_key(item_code) AS item_id,
    core.surrogate_key(site_code) AS site_id,
    on_hand,
    coalesce(reserved, 0) AS reserved,
    coalesce(backorder, 0) AS backorder
FROM staging.inventory
WHERE date >= %(window_start)s::date AND date < %(window_end)s::date
ORDER BY date, item_code, site_code, file_id DESC, source_line DESC
