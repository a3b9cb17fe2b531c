-- What-ifs asked for on a date. Grain: one row per request. Parameter: as_of (date).
SELECT request_id, parameters FROM support.scenario_requests WHERE as_of = %(as_of)s ORDER BY request_id
