-- Views that the reader keeps of a screen. Grain: one row per view.
-- Parameters: session, screen.
SELECT view_id, name, query FROM support.saved_views_list(p_session => %(session)s, p_screen => %(screen)s) ORDER BY name;
