-- Whether every daemon that ever reported has done so in the last five minutes. Dagster keeps UTC without a zone.
SELECT count(*) > 0 AND min("timestamp") > (now() AT TIME ZONE 'UTC') - INTERVAL '5 minutes' FROM daemon_heartbeats
