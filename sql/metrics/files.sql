-- Files and rows in force by feed. Grain: one row per feed and status. No parameters.
SELECT feed, status, count(*) AS files, coalesce(sum(rows_accepted), 0)::bigint AS rows_accepted,
       coalesce(sum(rows_rejected), 0)::bigint AS rows_rejected, max(file_date) AS last_date
FROM staging.files
GROUP BY feed, status
ORDER BY feed, status
