-- Demand history of every material at every site as known on a date, for the forecasting panel.
-- Rows: series, day, quantity, whether demand could be seen that day, family. A series' first row is its first day in
-- stock or with demand; days without a row are days without demand. A day that closed without stock and on which nothing
-- was handed out comes with available = false. The series id is item code + unit separator + site code.
-- Parameter: as_of (date; nothing after it is read).
WITH demand AS (
    SELECT item_id, site_id, full_date, sum(quantity) AS quantity,
           sum(coalesce(fulfilled_quantity, quantity)) AS fulfilled
    FROM core.fact_demand_daily
    WHERE full_date <= %(as_of)s AND quantity > 0
    GROUP BY item_id, site_id, full_date
),
marks AS (
    SELECT item_id, site_id, full_date AS date, quantity, true AS available
    FROM demand
    UNION ALL
    SELECT item_id, site_id, min(full_date), 0, true
    FROM core.fact_inventory_daily
    WHERE full_date <= %(as_of)s
    GROUP BY item_id, site_id
    UNION ALL
    SELECT i.item_id, i.site_id, i.full_date, 0, false
    FROM core.fact_inventory_daily AS i
    LEFT JOIN demand AS d USING (item_id, site_id, full_date)
    WHERE i.full_date <= %(as_of)s AND i.on_hand = 0 AND coalesce(d.fulfilled, 0) = 0
)
SELECT i.item_code || chr(31) || s.site_code AS series_id, m.date, m.quantity, m.available,
       coalesce(i.family, '') AS family
FROM marks AS m
JOIN core.dim_item AS i ON i.item_id = m.item_id AND i.item_kind = 'MATERIAL'
JOIN core.dim_site AS s ON s.site_id = m.site_id
