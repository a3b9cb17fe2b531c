-- What was found in the files of this load, and which versions they replaced.
-- Parameters: feed text, files jsonb (array of objects: file_id, path, counts, dates as text, dialect), retired bigint[].
WITH settled AS (
    UPDATE staging.files AS t
    SET rows_in = f.rows_accepted + f.rows_rejected,
        rows_accepted = f.rows_accepted,
        rows_rejected = f.rows_rejected,
        dates = f.dates::datemultirange,
        dialect = f.dialect
    FROM jsonb_to_recordset(%(files)s::jsonb) AS f(
        file_id bigint, rows_accepted bigint, rows_rejected bigint, dates text, dialect jsonb
    )
    WHERE t.file_id = f.file_id
    RETURNING t.file_id, t.path
)
UPDATE staging.files AS old
SET replaced_by = settled.file_id
FROM settled
WHERE old.file_id = ANY(%(retired)s::bigint[]) AND old.feed = %(feed)s AND old.path = settled.path
