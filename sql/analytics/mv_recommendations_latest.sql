-- analytics.mv_recommendations_latest: the keys of the latest day's recommendations in the order of the queue, with the codes
-- that they are looked for by, so that a page of it is found without reading anything else: terms and explanations are
-- most of a recommendation.
-- Grain: one row per recommendation, on the latest date for which policies exist. No parameters.
SELECT r.item_id, r.site_id, r.action, r.order_ref, r.as_of, r.priority, r.supplier_id,
       row_number() OVER (
           ORDER BY r.action <> 'HOLD' DESC, r.avoided_cost DESC, r.item_id, r.site_id, r.action, r.order_ref) AS queue_rank,
       i.item_code, i.name AS item_name, s.site_code
FROM analytics.recommendations AS r
JOIN core.dim_item AS i USING (item_id)
JOIN core.dim_site AS s USING (site_id)
WHERE r.as_of = (SELECT max(as_of) FROM analytics.stock_policies)
