-- Keep the digest of a new one-time link; false when there is an ADMIN already. Grain: one row.
-- Parameters: token (SHA-256).
SELECT support.create_setup_token(p_token => %(token)s) AS created
