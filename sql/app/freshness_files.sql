-- Newest file of each feed in force, for the note behind the data time. Grain: one row per feed.
-- Parameters: none.
SELECT DISTINCT ON (feed) feed, path, loaded_at
FROM staging.files
WHERE status = 'LOADED'
ORDER BY feed, file_date DESC NULLS LAST, loaded_at DESC;
