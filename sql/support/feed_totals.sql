-- What each landing feed holds, and whether what one run loaded is all there. Grain: feed with files in force.
-- Parameter: run_id, whose files are counted in the tables (new_rows, new_quarantined) against their register.
WITH loaded AS (
    SELECT file_id, feed, rows_accepted, rows_rejected
    FROM staging.files
    WHERE run_id = %(run_id)s AND status = 'LOADED'
),
present AS (
    SELECT file_id FROM staging.regions WHERE file_id IN (SELECT file_id FROM loaded)
    UNION ALL SELECT file_id FROM staging.sites WHERE file_id IN (SELECT file_id FROM loaded)
    UNION ALL SELECT file_id FROM staging.suppliers WHERE file_id IN (SELECT file_id FROM loaded)
    UNION ALL SELECT file_id FROM staging.items WHERE file_id IN (SELECT file_id FROM loaded)
    UNION ALL SELECT file_id FROM staging.item_sources WHERE file_id IN (SELECT file_id FROM loaded)
    UNION ALL SELECT file_id FROM staging.demand WHERE file_id IN (SELECT file_id FROM loaded)
    UNION ALL SELECT file_id FROM staging.inventory WHERE file_id IN (SELECT file_id FROM loaded)
    UNION ALL SELECT file_id FROM staging.purchase_orders WHERE file_id IN (SELECT file_id FROM loaded)
    UNION ALL SELECT file_id FROM staging.planned_work WHERE file_id IN (SELECT file_id FROM loaded)
    UNION ALL SELECT file_id FROM staging.external_daily WHERE file_id IN (SELECT file_id FROM loaded)
    UNION ALL SELECT file_id FROM staging.planning_rules WHERE file_id IN (SELECT file_id FROM loaded)
),
new AS (
    SELECT
        feed, sum(rows_accepted) AS new_accepted, sum(rows_rejected) AS new_rejected,
        (SELECT count(*) FROM present JOIN loaded AS mine USING (file_id) WHERE mine.feed = loaded.feed) AS new_rows,
        (SELECT count(*) FROM staging.rejects AS r JOIN loaded AS mine USING (file_id) WHERE mine.feed = loaded.feed)
            AS new_quarantined
    FROM loaded
    GROUP BY feed
)
SELECT
    f.feed, count(*)::bigint AS files, sum(f.rows_in)::bigint AS rows_in, sum(f.rows_accepted)::bigint AS rows_accepted,
    sum(f.rows_rejected)::bigint AS rows_rejected, coalesce(max(n.new_accepted), 0)::bigint AS new_accepted,
    coalesce(max(n.new_rejected), 0)::bigint AS new_rejected, coalesce(max(n.new_rows), 0)::bigint AS new_rows,
    coalesce(max(n.new_quarantined), 0)::bigint AS new_quarantined
FROM staging.files f
LEFT JOIN new n USING (feed)
WHERE f.status = 'LOADED'
GROUP BY f.feed
ORDER BY f.feed
