-- Stock on a date: each item-site's latest close of the last seven days (weekly extracts are as good as daily ones).
-- Grain: one row per material and site. Parameter: as_of (date).
SELECT DISTINCT ON (f.item_id, f.site_id) f.item_id, f.site_id, f.full_date AS stock_date, f.on_hand, f.reserved, f.backorder
FROM core.fact_inventory_daily AS f
JOIN core.dim_item AS i ON i.item_id = f.item_id AND i.item_kind = 'MATERIAL'
WHERE f.full_date <= %(as_of)s AND f.full_date > %(as_of)s::date - 7
ORDER BY f.item_id, f.site_id, f.full_date DESC
