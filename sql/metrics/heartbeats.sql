-- Last sign of life of each of Dagster's daemons. Grain: one row per daemon. No parameters.
SELECT daemon_type, extract(epoch FROM "timestamp" AT TIME ZONE 'UTC')::double precision AS beat FROM daemon_heartbeats
