-- Everything in the database that holds rows: tables (partitions count in their parents) and filled materialized views.
-- Grain: relation. No parameters.
SELECT n.nspname AS schema_name, c.relname AS relation_name
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%%'
    AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND c.relispopulated
ORDER BY n.nspname, c.relname
