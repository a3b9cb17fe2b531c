-- Versions in force that give way to newer ones of the same paths. Their rows are deleted in the same transaction.
-- Grain: one row per retired version. Parameters: feed text, paths text[].
UPDATE staging.files
SET status = 'REPLACED'
WHERE feed = %(feed)s AND path = ANY(%(paths)s::text[]) AND status = 'LOADED'
RETURNING file_id, path, dates
