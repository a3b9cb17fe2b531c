-- Newest business date of which any analytics were published. Grain: one row, null before the first. No parameters.
SELECT max(upper(windows)) - 1 AS as_of FROM support.materializations WHERE table_name LIKE 'analytics.%%' AND rows > 0
