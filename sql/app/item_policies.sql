-- How the policy of an item-site has moved: the days on which a level changed, newest first. Grain: one row per day.
-- Parameters: item_id, site_id, as_of, row_limit.
WITH days AS (
    SELECT as_of, service_level, lead_time_days, protection_days, reorder_point, safety_stock, order_up_to,
        lag((reorder_point, order_up_to, service_level)) OVER (ORDER BY as_of) IS DISTINCT FROM
            (reorder_point, order_up_to, service_level) AS changed
    FROM analytics.stock_policies
    WHERE item_id = %(item_id)s AND site_id = %(site_id)s AND as_of <= %(as_of)s::date
)
SELECT as_of, service_level, lead_time_days, protection_days, reorder_point, safety_stock, order_up_to
FROM days
WHERE changed
ORDER BY as_of DESC
LIMIT %(row_limit)s;
