-- Rows that went to the quarantine since a moment. Grain: one row per feed. Parameters: since.
SELECT feed, sum(rows_rejected)::bigint AS rejected
FROM staging.files
WHERE loaded_at >= %(since)s AND status = 'LOADED'
GROUP BY feed
HAVING sum(rows_rejected) > 0
ORDER BY feed
