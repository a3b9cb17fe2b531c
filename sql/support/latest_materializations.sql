-- Newest ledger entry of each table. Grain: table. Parameters: tables (text array; NULL for all).
SELECT DISTINCT ON (table_name)
    materialization_id, table_name, windows::text AS windows, run_id, code_version, rows, mode, inputs_seen, details, at
FROM support.materializations
WHERE %(tables)s::text[] IS NULL OR table_name = ANY (%(tables)s::text[])
ORDER BY table_name, materialization_id DESC
