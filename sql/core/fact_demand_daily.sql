-- core.fact_demand_daily: lines of the demand feed added up.
-- Grain: one row per day in [window_start, window_end), material, site and kind of demand.
-- Parameters: window_start, window_end (dates, half-open).
SELECT
    date AS full_date,
    core.surrogate_key(item_code) AS item_id,
    core.surrogate_key(site_code) AS site_id,
    coalesce(demand_type, 'UNSPECIFIED') AS demand_type,
    sum(quantity) AS quantity,
    -- Unknown as soon as one line does not tell it: a part would pass for the whole.
    CASE WHEN count(fulfilled_quantity) = count(*) THEN sum(fulfilled_quantity) END AS fulfilled_quantity,
    count(*)::integer AS movements
FROM staging.demand
WHERE date >= %(window_start)s::date AND date < %(window_end)s::date
GROUP BY date, item_code, site_code, coalesce(demand_type, 'UNSPECIFIED')
