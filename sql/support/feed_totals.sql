-- What each landing feed holds, and whether what one run loaded is all there. Grain: feed with files in force.
-- Parameter: run_id, whose files are counted in the tables (new_rows, new_quarantined) against their register.
WITH loaded AS MATERIALIZED (
    SELECT file_id FROM staging.files WHERE run_id = %(run_id)s AND status = 'LOADED'
),
present AS (
    SELECT file_id, count(*) AS rows
    FROM (
        SELECT file_id FROM staging.regions
        UNION ALL SELECT file_id FROM staging.sites
        UNION ALL SELECT file_id FROM staging.suppliers
        UNION ALL SELECT file_id FROM staging.items
        UNION ALL SELECT file_id FROM staging.item_sources
        UNION ALL SELECT file_id FROM staging.demand
        UNION ALL SELECT file_id FROM staging.inventory
        UNION ALL SELECT file_id FROM staging.purchase_orders
        UNION ALL SELECT file_id FROM staging.planned_work
        UNION ALL SELECT file_id FROM staging.external_daily
        UNION ALL SELECT file_id FROM staging.planning_rules
    ) AS every_feed
    WHERE file_id = ANY (ARRAY(SELECT file_id FROM loaded))
    GROUP BY file_id
),
quarantined AS (
    SELECT file_id, count(*) AS rows
    FROM staging.rejects
    WHERE file_id = ANY (ARRAY(SELECT file_id FROM loaded))
    GROUP BY file_id
)
SELECT
    f.feed,
    count(*)::bigint AS files,
    sum(f.rows_in)::bigint AS rows_in,
    sum(f.rows_accepted)::bigint AS rows_accepted,
    sum(f.rows_rejected)::bigint AS rows_rejected,
    coalesce(sum(f.rows_accepted) FILTER (WHERE l.file_id IS NOT NULL), 0)::bigint AS new_accepted,
    coalesce(sum(f.rows_rejected) FILTER (WHERE l.file_id IS NOT NULL), 0)::bigint AS new_rejected,
    coalesce(sum(p.rows), 0)::bigint AS new_rows,
    coalesce(sum(q.rows), 0)::bigint AS new_quarantined
FROM staging.files f
LEFT JOIN loaded l USING (file_id)
LEFT JOIN present p USING (file_id)
LEFT JOIN quarantined q USING (file_id)
WHERE f.status = 'LOADED'
GROUP BY f.feed
ORDER BY f.feed
