-- Comments on a material at a site, and the views that a person keeps under a name.

CREATE FUNCTION support.add_comment(p_session bytea, p_item_id bigint, p_site_id bigint, p_body text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    item text;
    id bigint;
BEGIN
    SELECT i.item_code INTO item FROM core.dim_item i WHERE i.item_id = p_item_id;
    IF NOT FOUND OR (p_site_id IS NOT NULL AND NOT EXISTS (SELECT FROM core.dim_site s WHERE s.site_id = p_site_id)) THEN
        RAISE EXCEPTION 'item_site_unknown' USING ERRCODE = 'NV404';
    END IF;
    IF length(trim(coalesce(p_body, ''))) NOT BETWEEN 1 AND 4000 THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.comments (item_id, site_id, body, created_by)
    VALUES (p_item_id, p_site_id, trim(p_body), person.user_id)
    RETURNING comment_id INTO id;
    PERFORM support.append_audit(
        person.username, 'comment.added', item, 'DONE', jsonb_build_object('comment_id', id, 'site_id', p_site_id));
    RETURN id;
END $$;

CREATE FUNCTION support.save_view(p_session bytea, p_screen text, p_name text, p_query text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
    id bigint;
BEGIN
    IF length(trim(coalesce(p_name, ''))) NOT BETWEEN 1 AND 80 OR trim(coalesce(p_screen, '')) = ''
        OR length(p_query) > 4000
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.saved_views AS v (user_id, screen, name, query)
    VALUES (person.user_id, p_screen, trim(p_name), coalesce(p_query, ''))
    ON CONFLICT (user_id, screen, name) DO UPDATE SET query = excluded.query
    RETURNING v.view_id INTO id;
    PERFORM support.append_audit(
        person.username, 'view.saved', p_screen, 'DONE', jsonb_build_object('view_id', id, 'name', trim(p_name)));
    RETURN id;
END $$;

CREATE FUNCTION support.delete_view(p_session bytea, p_view_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
    gone support.saved_views;
BEGIN
    DELETE FROM support.saved_views v WHERE v.view_id = p_view_id AND v.user_id = person.user_id RETURNING * INTO gone;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'view_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.append_audit(
        person.username, 'view.deleted', gone.screen, 'DONE',
        jsonb_build_object('view_id', p_view_id, 'name', gone.name));
END $$;

CREATE FUNCTION support.saved_views_list(p_session bytea, p_screen text)
RETURNS TABLE (view_id bigint, name text, query text, created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
BEGIN
    RETURN QUERY
    SELECT v.view_id, v.name, v.query, v.created_at
    FROM support.saved_views v
    WHERE v.user_id = person.user_id AND v.screen = p_screen
    ORDER BY v.name;
END $$;
