-- People and the one-time link that creates the first ADMIN. The last active ADMIN can be neither demoted nor closed.

CREATE FUNCTION support.known_user(p_username text) RETURNS support.users
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
BEGIN
    SELECT * INTO person FROM support.users u WHERE u.username = lower(trim(p_username));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'user_unknown' USING ERRCODE = 'NV404', DETAIL = coalesce(p_username, '');
    END IF;
    RETURN person;
END $$;

CREATE FUNCTION support.insert_user(
    p_username text, p_display_name text, p_email text, p_password_hash text, p_role text, p_locale text
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := lower(trim(p_username));
    id bigint;
BEGIN
    IF name !~ '^[a-z0-9][a-z0-9._@-]{1,63}$' OR name IN ('cli', 'pipeline', 'anonymous') THEN
        RAISE EXCEPTION 'username_invalid' USING ERRCODE = 'NV422';
    END IF;
    PERFORM support.require_hash(p_password_hash);
    IF p_role NOT IN ('ADMIN', 'ANALYST', 'VIEWER') OR p_locale NOT IN ('pt-BR', 'en') THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.users (username, display_name, email, password_hash, role, locale)
    VALUES (
        name, coalesce(nullif(trim(p_display_name), ''), name), nullif(trim(p_email), ''), p_password_hash, p_role,
        p_locale)
    ON CONFLICT DO NOTHING
    RETURNING user_id INTO id;
    IF id IS NULL THEN
        RAISE EXCEPTION 'user_exists' USING ERRCODE = 'NV409', DETAIL = name;
    END IF;
    RETURN id;
END $$;

-- A password in clear must never get here by mistake.
CREATE FUNCTION support.require_hash(p_password_hash text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_password_hash IS NULL OR p_password_hash !~ '^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$' THEN
        RAISE EXCEPTION 'password_hash_invalid' USING ERRCODE = 'NV422';
    END IF;
END $$;

-- Called with the table locked, after the change.
CREATE FUNCTION support.require_admin_left() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM support.users u WHERE u.role = 'ADMIN' AND u.active) THEN
        RAISE EXCEPTION 'last_admin' USING ERRCODE = 'NV409';
    END IF;
END $$;

-- A demonstration account is nobody's administrator: the link works beside it.
CREATE FUNCTION support.create_setup_token(p_token bytea, p_valid interval DEFAULT '24 hours') RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM support.users u WHERE u.role = 'ADMIN' AND u.active AND NOT u.demo) THEN
        RETURN false;
    END IF;
    DELETE FROM support.setup_tokens t WHERE t.used_at IS NULL;
    INSERT INTO support.setup_tokens (token_hash, expires_at) VALUES (p_token, now() + p_valid);
    PERFORM support.append_audit('cli', 'setup.link_created', NULL, 'DONE');
    RETURN true;
END $$;

CREATE FUNCTION support.setup_open(p_token bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM support.setup_tokens t
        WHERE t.token_hash = p_token AND t.used_at IS NULL AND t.expires_at > clock_timestamp()
    ) AND NOT EXISTS (SELECT FROM support.users u WHERE u.role = 'ADMIN' AND u.active AND NOT u.demo)
$$;

CREATE FUNCTION support.create_first_admin(
    p_token bytea, p_username text, p_display_name text, p_password_hash text, p_source text, p_user_agent text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := lower(trim(p_username));
BEGIN
    LOCK TABLE support.users IN SHARE ROW EXCLUSIVE MODE;
    IF NOT support.setup_open(p_token) THEN
        PERFORM support.append_audit('anonymous', 'setup.redeemed', NULL, 'REFUSED', '{}', p_source, p_user_agent);
        RETURN false;
    END IF;
    PERFORM support.insert_user(name, p_display_name, NULL, p_password_hash, 'ADMIN', 'pt-BR');
    UPDATE support.setup_tokens t SET used_at = clock_timestamp() WHERE t.token_hash = p_token;
    PERFORM support.append_audit(name, 'setup.redeemed', name, 'DONE', '{}', p_source, p_user_agent);
    RETURN true;
END $$;

CREATE FUNCTION support.create_user(
    p_session bytea, p_username text, p_display_name text, p_email text, p_password_hash text, p_role text,
    p_locale text DEFAULT 'pt-BR', p_demo boolean DEFAULT false, p_temporary boolean DEFAULT false
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN'], true);
    id bigint;
BEGIN
    id := support.insert_user(p_username, p_display_name, p_email, p_password_hash, p_role, p_locale);
    UPDATE support.users u SET demo = p_demo, password_temporary = p_temporary WHERE u.user_id = id;
    PERFORM support.append_audit(
        person.username, 'user.created', lower(trim(p_username)), 'DONE', jsonb_build_object('role', p_role));
    RETURN id;
END $$;

-- A password that somebody else sets is temporary: its owner must replace it before he sees anything.
CREATE FUNCTION support.set_password(p_session bytea, p_username text, p_password_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
    target support.users := support.known_user(p_username);
BEGIN
    IF person.role <> 'ADMIN' AND target.user_id <> person.user_id THEN
        RAISE EXCEPTION 'role_refused' USING ERRCODE = 'NV403', DETAIL = person.role;
    END IF;
    PERFORM support.require_hash(p_password_hash);
    UPDATE support.users u SET
        password_hash = p_password_hash, password_changed_at = clock_timestamp(), failed_logins = 0, blocked_until = NULL,
        password_temporary = target.user_id IS DISTINCT FROM person.user_id AND NOT target.demo
    WHERE u.user_id = target.user_id;
    PERFORM support.close_sessions(target.user_id, p_session);
    PERFORM support.append_audit(person.username, 'user.password_set', target.username, 'DONE');
END $$;

CREATE FUNCTION support.set_role(p_session bytea, p_username text, p_role text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN'], true);
    target support.users;
BEGIN
    IF p_role IS NULL OR p_role NOT IN ('ADMIN', 'ANALYST', 'VIEWER') THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    LOCK TABLE support.users IN SHARE ROW EXCLUSIVE MODE;
    target := support.known_user(p_username);
    UPDATE support.users u SET role = p_role WHERE u.user_id = target.user_id;
    PERFORM support.require_admin_left();
    PERFORM support.append_audit(
        person.username, 'user.role_set', target.username, 'DONE',
        jsonb_build_object('before', target.role, 'after', p_role));
END $$;

CREATE FUNCTION support.set_active(p_session bytea, p_username text, p_active boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN'], true);
    target support.users;
BEGIN
    LOCK TABLE support.users IN SHARE ROW EXCLUSIVE MODE;
    target := support.known_user(p_username);
    UPDATE support.users u SET active = p_active WHERE u.user_id = target.user_id;
    PERFORM support.require_admin_left();
    IF NOT p_active THEN
        PERFORM support.close_sessions(target.user_id, NULL);
        UPDATE support.api_tokens t SET revoked_at = clock_timestamp()
        WHERE t.user_id = target.user_id AND t.revoked_at IS NULL;
    END IF;
    PERFORM support.append_audit(
        person.username, CASE WHEN p_active THEN 'user.opened' ELSE 'user.closed' END, target.username, 'DONE');
END $$;

CREATE FUNCTION support.set_locale(p_session bytea, p_locale text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
BEGIN
    IF p_locale IS NULL OR p_locale NOT IN ('pt-BR', 'en') THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    UPDATE support.users u SET locale = p_locale WHERE u.user_id = person.user_id;
    PERFORM support.append_audit(
        person.username, 'user.locale_set', person.username, 'DONE', jsonb_build_object('locale', p_locale));
END $$;

CREATE FUNCTION support.users_list(p_session bytea) RETURNS TABLE (
    user_id bigint, username text, display_name text, email text, role text, active boolean, locale text,
    failed_logins integer, blocked_until timestamptz, created_at timestamptz, last_login_at timestamptz,
    live_sessions bigint, password_temporary boolean, second_factor boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM support.acting(p_session, ARRAY['ADMIN'], true);
    RETURN QUERY
    SELECT
        u.user_id, u.username, u.display_name, u.email, u.role, u.active, u.locale, u.failed_logins, u.blocked_until,
        u.created_at, u.last_login_at,
        (
            SELECT count(*) FROM support.sessions s
            WHERE s.user_id = u.user_id AND (support.live_session(s.session_hash)).user_id IS NOT NULL
        ),
        u.password_temporary,
        EXISTS (SELECT FROM support.second_factors f WHERE f.user_id = u.user_id AND f.confirmed_at IS NOT NULL)
    FROM support.users u
    ORDER BY u.username;
END $$;

-- Names for "decided by" on screens; nothing else about people is open to every reader.
CREATE FUNCTION support.people() RETURNS TABLE (user_id bigint, username text, display_name text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT u.user_id, u.username, u.display_name FROM support.users u
$$;
