-- Quarantine by feed and reason, of files in force. Grain: one row per feed, reason and column.
-- Parameters: feed (NULL: all).
SELECT r.feed, r.reason_code, r.column_name, count(*) AS rows, max(f.file_date) AS newest, min(r.detail) AS example
FROM staging.rejects AS r
JOIN staging.files AS f USING (file_id)
WHERE f.status = 'LOADED' AND (%(feed)s::text IS NULL OR r.feed = %(feed)s)
GROUP BY r.feed, r.reason_code, r.column_name
ORDER BY rows DESC, r.feed, r.reason_code;
