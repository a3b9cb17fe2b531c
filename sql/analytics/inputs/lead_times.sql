-- Lead-time profiles of a date that end with the receipt. Grain: material, supplier and stage. Parameter: as_of (date).
SELECT item_id, supplier_id, stage, mean_days, sd_days, quantile_values, receipts, open_orders, pooled_level
FROM analytics.lead_time_profiles
WHERE as_of = %(as_of)s AND stage IN ('REQUEST_TO_RECEIPT', 'ORDER_TO_RECEIPT')
ORDER BY item_id, supplier_id, stage
