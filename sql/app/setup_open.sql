-- Whether a one-time link may still create the first ADMIN. Grain: one row.
-- Parameters: token.
SELECT support.setup_open(p_token => %(token)s) AS is_open;
