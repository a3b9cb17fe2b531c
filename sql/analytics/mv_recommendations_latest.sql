-- analytics.mv_recommendations_latest: the keys of the latest day's recommendations in the order of the queue, so that a
-- page of it is found without reading terms and explanations, which are most of a recommendation.
-- Grain: one row per recommendation, on the latest date for which policies exist. No parameters.
SELECT item_id, site_id, action, order_ref, as_of, priority, supplier_id,
       row_number() OVER (
           ORDER BY action <> 'HOLD' DESC, avoided_cost DESC, item_id, site_id, action, order_ref) AS queue_rank
FROM analytics.recommendations
WHERE as_of = (SELECT max(as_of) FROM analytics.stock_policies)
