-- Outcomes of the checks of one table, each in the place of the one before. Grain: table and check. Parameters: table_name,
-- starts and ends (dates of the half-open windows, empty arrays for a table without windows), rows, run_id, and arrays with
-- one element per check: checks, severities, broken (rows), details (JSON).
INSERT INTO support.check_results (
    table_name, check_name, passed, severity, windows, rows, broken, details, run_id, at
)
SELECT
    %(table_name)s, c.check_name, c.broken = 0, c.severity,
    (
        SELECT range_agg(daterange(w.starts, w.ends))
        FROM unnest(%(starts)s::date[], %(ends)s::date[]) AS w (starts, ends)
    ),
    %(rows)s, c.broken, c.details::jsonb, %(run_id)s, clock_timestamp()
FROM unnest(%(checks)s::text[], %(severities)s::text[], %(broken)s::bigint[], %(details)s::text[])
    AS c (check_name, severity, broken, details)
ORDER BY c.check_name
ON CONFLICT (table_name, check_name) DO UPDATE SET
    passed = excluded.passed,
    severity = excluded.severity,
    windows = excluded.windows,
    rows = excluded.rows,
    broken = excluded.broken,
    details = excluded.details,
    run_id = excluded.run_id,
    at = excluded.at
