-- How far the computation of a table is, in the place of what was told before; the start stays while the same run goes on
-- with the same day. Grain: one row per table. Parameters: table_name, as_of, run_id, doing, share, failure (NULL: goes on).
INSERT INTO support.run_progress AS p (table_name, as_of, run_id, doing, share, failure, started_at, at)
VALUES (
    %(table_name)s, %(as_of)s::date, %(run_id)s, %(doing)s, %(share)s, %(failure)s, clock_timestamp(), clock_timestamp()
)
ON CONFLICT (table_name) DO UPDATE SET
    as_of = excluded.as_of,
    run_id = excluded.run_id,
    doing = excluded.doing,
    share = excluded.share,
    failure = excluded.failure,
    started_at = CASE
        WHEN p.run_id = excluded.run_id AND p.as_of IS NOT DISTINCT FROM excluded.as_of THEN p.started_at
        ELSE excluded.started_at
    END,
    at = excluded.at
