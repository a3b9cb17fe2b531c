-- Forget a view of one's own. Grain: one row.
-- Parameters: session, view_id.
SELECT support.delete_view(p_session => %(session)s, p_view_id => %(view_id)s);
