-- Files of a feed, newest first. Grain: one row per version of a file.
-- Parameters: feed (NULL: all), row_limit.
SELECT feed, path, file_date, format, mapping, rows_in, rows_accepted, rows_rejected, status, loaded_at, run_id
FROM staging.files
WHERE %(feed)s::text IS NULL OR feed = %(feed)s
ORDER BY loaded_at DESC, file_id DESC
LIMIT %(row_limit)s;
