-- Keep the filters of a screen under a name. Grain: one row, the view's number.
-- Parameters: session, screen, view_name, query.
SELECT support.save_view(p_session => %(session)s, p_screen => %(screen)s, p_name => %(view_name)s, p_query => %(query)s) AS view_id;
