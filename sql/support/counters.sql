-- Last number that each sequence has given, 0 before the first. Grain: sequence. No parameters.
SELECT schemaname || '.' || sequencename AS name, coalesce(last_value, 0) AS given
FROM pg_sequences
ORDER BY name
