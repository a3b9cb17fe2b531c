-- Set the planning rule of a scope. Grain: one row, the number of the rule.
-- Parameters: session, rule (its columns as JSON), reason.
SELECT support.set_planning_rule(p_session => %(session)s, p_rule => %(rule)s, p_reason => %(reason)s) AS edit_id;
