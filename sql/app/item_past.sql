-- What was recommended for an item-site and what people decided, newest first; days of holding are left out.
-- Grain: one row per recommendation. Parameters: item_id, site_id, as_of, row_limit.
SELECT r.as_of, r.action, r.order_ref, r.quantity, r.stockout_probability, r.spend::double precision AS spend,
    r.avoided_cost::double precision AS avoided_cost, s.state, s.quantity AS decided_quantity, s.reason, s.updated_at,
    p.display_name AS decided_by
FROM analytics.recommendations AS r
LEFT JOIN support.recommendation_states AS s
    ON s.as_of = r.as_of AND s.item_id = r.item_id AND s.site_id = r.site_id AND s.action = r.action AND s.order_ref = r.order_ref
LEFT JOIN support.people() AS p ON p.user_id = s.updated_by
WHERE r.item_id = %(item_id)s AND r.site_id = %(site_id)s AND r.as_of <= %(as_of)s::date AND (r.action <> 'HOLD' OR s.state IS NOT NULL)
ORDER BY r.as_of DESC, r.action
LIMIT %(row_limit)s;
