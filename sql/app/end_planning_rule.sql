-- End a planning rule that was set on the screens. Grain: one row.
-- Parameters: session, edit_id.
SELECT support.end_planning_rule(p_session => %(session)s, p_edit_id => %(edit_id)s);
