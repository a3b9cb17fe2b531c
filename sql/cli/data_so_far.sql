-- How far a platform's first data have come. Grain: one row. No parameters.
SELECT
    EXISTS (SELECT FROM staging.files) AS has_files,
    EXISTS (SELECT FROM support.materializations WHERE table_name LIKE 'analytics.%%') AS has_analytics
