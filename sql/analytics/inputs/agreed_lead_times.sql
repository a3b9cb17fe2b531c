-- Material-supplier pairs with terms of sale in force on a date, and the shortest lead time agreed.
-- Grain: one row per material and supplier. Parameter: as_of (date).
SELECT t.item_id, t.supplier_id, i.family, min(t.lead_time_days) AS agreed_days
FROM core.item_source AS t
JOIN core.dim_item AS i ON i.item_id = t.item_id AND i.item_kind = 'MATERIAL'
WHERE t.valid_from <= %(as_of)s AND (t.valid_to >= %(as_of)s OR t.valid_to IS NULL)
GROUP BY t.item_id, t.supplier_id, i.family
ORDER BY t.item_id, t.supplier_id
