-- Newest business date with rows of a table. Grain: one row. Parameter: table_name.
SELECT max(upper(windows)) - 1 AS as_of FROM support.materializations WHERE table_name = %(table_name)s AND rows > 0
