-- Whether the audit chain is whole, and whether a row whose hash is known from elsewhere still has it.
-- Grain: one row. Parameters: known_id, known_hash (both may be NULL).
SELECT rows_checked, head_id, head_hash, problem, problem_id
FROM support.audit_verify(%(known_id)s::bigint, %(known_hash)s::text)
