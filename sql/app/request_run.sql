-- Ask for a run of the pipeline. Grain: one row, the request's number.
-- Parameters: session, kind, first_day, last_day, failed_run (NULL where the kind has none).
SELECT support.request_run(
    p_session => %(session)s, p_kind => %(kind)s, p_first => %(first_day)s, p_last => %(last_day)s,
    p_failed_run => %(failed_run)s) AS request_id;
