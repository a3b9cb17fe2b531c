-- Ask for a replay of history through candidate policies. Grain: one row, the request's number.
-- Parameters: session, as_of, parameters.
SELECT support.request_scenario(p_session => %(session)s, p_as_of => %(as_of)s, p_parameters => %(parameters)s) AS request_id;
