-- Everything in the database that holds rows: tables (partitions count in their parents), filled materialized views and
-- sequences. Grain: relation. No parameters.
SELECT n.nspname AS schema_name, c.relname AS relation_name, c.relkind = 'S' AS is_sequence
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%%'
    AND c.relkind IN ('r', 'p', 'm', 'S') AND NOT c.relispartition AND c.relispopulated
ORDER BY n.nspname, c.relname
