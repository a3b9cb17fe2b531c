-- Whether the audit chain is whole. Grain: one row; problem is NULL when it is.
-- Parameters: none.
SELECT rows_checked, head_id, problem, problem_id FROM support.audit_verify();
