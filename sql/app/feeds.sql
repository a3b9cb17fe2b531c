-- Landing by feed: files and rows in force, newest file, and yesterday's load. Grain: one row per feed.
-- Parameters: none.
SELECT feed, count(*) AS files, max(file_date) AS newest, max(loaded_at) AS loaded_at, sum(rows_in)::bigint AS rows_in,
    sum(rows_accepted)::bigint AS rows_accepted, sum(rows_rejected)::bigint AS rows_rejected,
    (sum(rows_in) = sum(rows_accepted) + sum(rows_rejected)) AS adds_up
FROM staging.files
WHERE status = 'LOADED'
GROUP BY feed
ORDER BY feed;
