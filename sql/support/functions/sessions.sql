-- Sessions: the browser's random id is known here by its SHA-256 only. Idle for 30 minutes or 8 hours old: dead, whatever
-- the browser still sends. Rights are read anew at every call, so that a change counts at once.
-- Sessions of the REST API (kind API) have no idle limit, and no function that acts takes one.

CREATE FUNCTION support.live_session(p_session bytea) RETURNS support.users
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT u
    FROM support.sessions s
    JOIN support.users u ON u.user_id = s.user_id
    WHERE s.session_hash = p_session AND s.revoked_at IS NULL AND u.active
      AND s.expires_at > clock_timestamp()
      AND (s.kind = 'API' OR s.last_seen_at > clock_timestamp() - interval '30 minutes')
$$;

-- Who acts, if he may: the third gate, beneath the app's two. Without a session only the owner of the database acts
-- (the command line), and only where `p_cli` allows it.
CREATE FUNCTION support.acting(p_session bytea, p_roles text[], p_cli boolean DEFAULT false) RETURNS support.users
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
BEGIN
    IF p_session IS NULL AND p_cli AND pg_has_role(session_user, 'nova_owner', 'MEMBER') THEN
        person.username := 'cli';
        person.role := 'ADMIN';
        RETURN person;
    END IF;
    person := support.live_session(p_session);
    IF person.user_id IS NULL OR EXISTS (
        SELECT FROM support.sessions s WHERE s.session_hash = p_session AND s.kind = 'API'
    ) THEN
        RAISE EXCEPTION 'no_live_session' USING ERRCODE = 'NV401';
    END IF;
    IF person.role <> ALL (p_roles) THEN
        RAISE EXCEPTION 'role_refused' USING ERRCODE = 'NV403', DETAIL = person.role;
    END IF;
    RETURN person;
END $$;

CREATE FUNCTION support.check_session(p_session bytea) RETURNS TABLE (
    user_id bigint, username text, display_name text, role text, locale text, created_at timestamptz,
    expires_at timestamptz, last_seen_at timestamptz, kind text, password_temporary boolean, password_alone boolean
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.live_session(p_session);
BEGIN
    IF person.user_id IS NULL THEN
        RETURN;
    END IF;
    UPDATE support.sessions s SET last_seen_at = clock_timestamp()
    WHERE s.session_hash = p_session AND s.last_seen_at < clock_timestamp() - interval '1 minute';
    RETURN QUERY
    SELECT
        person.user_id, person.username, person.display_name, person.role, person.locale,
        s.created_at, s.expires_at, s.last_seen_at, s.kind, person.password_temporary,
        person.password_hash IS NOT NULL AND NOT EXISTS (
            SELECT FROM support.second_factors f WHERE f.user_id = person.user_id AND f.confirmed_at IS NOT NULL)
    FROM support.sessions s WHERE s.session_hash = p_session;
END $$;

CREATE FUNCTION support.end_session(p_session bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    who text;
BEGIN
    UPDATE support.sessions s SET revoked_at = clock_timestamp()
    FROM support.users u
    WHERE s.session_hash = p_session AND s.revoked_at IS NULL AND u.user_id = s.user_id
    RETURNING u.username INTO who;
    IF FOUND THEN
        PERFORM support.append_audit(who, 'session.ended', who, 'DONE');
    END IF;
END $$;

-- Ends every session of a person but the calling one; returns how many there were.
CREATE FUNCTION support.close_sessions(p_user_id bigint, p_but bytea) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended integer;
BEGIN
    UPDATE support.sessions s SET revoked_at = clock_timestamp()
    WHERE s.user_id = p_user_id AND s.revoked_at IS NULL AND s.session_hash IS DISTINCT FROM p_but;
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;

CREATE FUNCTION support.revoke_sessions(p_session bytea, p_username text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
    target support.users := support.known_user(p_username);
    ended integer;
BEGIN
    person := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
    IF person.role <> 'ADMIN' AND target.user_id <> person.user_id THEN
        RAISE EXCEPTION 'role_refused' USING ERRCODE = 'NV403', DETAIL = person.role;
    END IF;
    ended := support.close_sessions(target.user_id, p_session);
    PERFORM support.append_audit(
        person.username, 'session.revoked', target.username, 'DONE', jsonb_build_object('sessions', ended));
    RETURN ended;
END $$;

-- Ends one session by the number that sessions_list shows: an ADMIN anybody's, everybody his own.
CREATE FUNCTION support.revoke_session(p_session bytea, p_session_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
    whose text;
BEGIN
    UPDATE support.sessions s SET revoked_at = clock_timestamp()
    FROM support.users u
    WHERE left(encode(s.session_hash, 'hex'), 16) = p_session_id AND s.revoked_at IS NULL AND u.user_id = s.user_id
      AND (person.role = 'ADMIN' OR s.user_id = person.user_id)
    RETURNING u.username INTO whose;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'session_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.append_audit(
        person.username, 'session.revoked', whose, 'DONE', jsonb_build_object('session_id', p_session_id));
END $$;

-- Only the beginning of a hash is shown: the whole of it would serve as the session.
CREATE FUNCTION support.sessions_list(p_session bytea) RETURNS TABLE (
    session_id text, username text, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, ip text,
    user_agent text, is_own boolean, kind text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
BEGIN
    RETURN QUERY
    SELECT
        left(encode(s.session_hash, 'hex'), 16), u.username, s.created_at, s.last_seen_at, s.expires_at, s.ip,
        s.user_agent, s.session_hash IS NOT DISTINCT FROM p_session, s.kind
    FROM support.sessions s
    JOIN support.users u ON u.user_id = s.user_id
    WHERE (person.role = 'ADMIN' OR s.user_id = person.user_id) AND (support.live_session(s.session_hash)).user_id = u.user_id
    ORDER BY s.last_seen_at DESC;
END $$;
