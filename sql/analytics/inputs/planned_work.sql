-- Planned work with the day on which each plan was told and the day on which a newer one took its place.
-- Grain: one row per plan line told by the date. Parameter: as_of (date; nothing told after it is read).
SELECT i.item_code || chr(31) || s.site_code AS series_id, p.full_date AS day, p.known_on,
       lead(p.known_on) OVER (
           PARTITION BY p.full_date, p.item_id, p.site_id, p.work_type, p.contract_code ORDER BY p.known_on
       ) AS replaced_on,
       p.quantity::double precision AS quantity
FROM core.fact_planned_work AS p
JOIN core.dim_item AS i ON i.item_id = p.item_id AND i.item_kind = 'MATERIAL'
JOIN core.dim_site AS s ON s.site_id = p.site_id
WHERE p.known_on <= %(as_of)s
ORDER BY series_id, p.full_date, p.known_on
