-- Versions of files that are in force, for telling new and changed files from known ones.
-- Grain: one row per feed and path. Parameters: feeds text[].
SELECT feed, path, checksum, size_bytes, modified_at
FROM staging.files
WHERE status = 'LOADED' AND feed = ANY(%(feeds)s::text[])
