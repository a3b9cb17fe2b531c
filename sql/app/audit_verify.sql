-- State of the newest part of the audit chain. Grain: one row.
-- Parameters: newest (rows that are read).
SELECT rows_checked, head_id, problem, problem_id FROM support.audit_verify(p_newest => %(newest)s);
