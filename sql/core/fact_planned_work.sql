-- core.fact_planned_work: what planned work will need, by the day on which the plan was told.
-- Grain: one row per known_on in [window_start, window_end), work day, material, site, kind of work and contract.
-- Parameters: window_start, window_end (dates, half-open).
SELECT
    known_on,
    date AS full_date,
    core.surrogate_key(item_code) AS item_id,
    core.surrogate_key(site_code) AS site_id,
    coalesce(work_type, 'UNSPECIFIED') AS work_type,
    coalesce(contract_code, '') AS contract_code,
    sum(quantity) AS quantity
FROM staging.planned_work
WHERE known_on >= %(window_start)s::date AND known_on < %(window_end)s::date
GROUP BY known_on, date, item_code, site_code, coalesce(work_type, 'UNSPECIFIED'), coalesce(contract_code, '')
