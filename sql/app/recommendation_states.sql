-- What people decided about the recommendations of a day. Grain: one row per decided recommendation.
-- Parameters: as_of.
SELECT s.item_id, s.site_id, s.action, s.order_ref, s.state, s.quantity AS decided_quantity, s.reason, s.version, s.updated_at,
    p.display_name AS decided_by
FROM support.recommendation_states AS s
LEFT JOIN support.people() AS p ON p.user_id = s.updated_by
WHERE s.as_of = %(as_of)s;
