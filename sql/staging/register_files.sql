-- New versions of files, entered before their rows so that these can carry the number; settle_files fills the counts.
-- Grain: one row per file. Parameters: feed text, run_id text, mapping text, files jsonb (array of objects).
INSERT INTO staging.files (
    feed, path, file_date, part, checksum, size_bytes, modified_at, format, mapping,
    rows_in, rows_accepted, rows_rejected, status, run_id
)
SELECT
    %(feed)s, f.path, f.file_date, f.part, f.checksum, f.size_bytes, f.modified_at, f.format, %(mapping)s::text,
    0, 0, 0, 'LOADED', %(run_id)s
FROM jsonb_to_recordset(%(files)s::jsonb) AS f(
    path text, file_date date, part text, checksum text, size_bytes bigint, modified_at timestamptz, format text
)
RETURNING file_id, path
