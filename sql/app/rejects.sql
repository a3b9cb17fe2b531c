-- Refused rows of files in force, newest files first. Grain: one row per refused line.
-- Parameters: feed (NULL: all), reason (NULL: all), row_limit.
SELECT r.feed, f.path, r.line_no, r.reason_code, r.column_name, r.detail, r.raw
FROM staging.rejects AS r
JOIN staging.files AS f USING (file_id)
WHERE f.status = 'LOADED' AND (%(feed)s::text IS NULL OR r.feed = %(feed)s)
    AND (%(reason)s::text IS NULL OR r.reason_code = %(reason)s)
ORDER BY f.loaded_at DESC, r.file_id, r.line_no
LIMIT %(row_limit)s;
