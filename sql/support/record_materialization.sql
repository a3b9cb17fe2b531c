-- One entry of the ledger. Grain: one publish of a table. Parameters: table_name, starts and ends (dates of the half-open
-- windows, empty arrays for a table without windows), run_id, code_version, rows, mode, inputs_seen, details (JSON).
INSERT INTO support.materializations (
    table_name, windows, run_id, code_version, rows, mode, inputs_seen, details, at
)
SELECT
    %(table_name)s,
    (
        SELECT range_agg(daterange(w.starts, w.ends))
        FROM unnest(%(starts)s::date[], %(ends)s::date[]) AS w (starts, ends)
    ),
    %(run_id)s, %(code_version)s, %(rows)s, %(mode)s, %(inputs_seen)s, %(details)s::jsonb, clock_timestamp()
RETURNING materialization_id
