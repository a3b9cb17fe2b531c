-- Take a planner's number back. Grain: one row.
-- Parameters: session, override_id.
SELECT support.withdraw_override(p_session => %(session)s, p_override_id => %(override_id)s);
