-- Tokens of other systems for the REST API: the rights of the person who made them, for a year at most.

CREATE FUNCTION support.create_api_token(p_session bytea, p_token bytea, p_label text, p_valid interval)
RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
    ends timestamptz := now() + p_valid;
BEGIN
    IF octet_length(p_token) IS DISTINCT FROM 32 OR trim(coalesce(p_label, '')) = '' OR ends IS NULL
        OR ends NOT BETWEEN now() AND now() + interval '366 days'
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.api_tokens (token_hash, user_id, label, expires_at)
    VALUES (p_token, person.user_id, left(trim(p_label), 100), ends);
    PERFORM support.append_audit(
        person.username, 'api_token.created', left(trim(p_label), 100), 'DONE',
        jsonb_build_object('token_id', left(encode(p_token, 'hex'), 16), 'expires_at', ends));
    RETURN ends;
END $$;

CREATE FUNCTION support.check_api_token(p_token bytea)
RETURNS TABLE (
    user_id bigint, username text, display_name text, role text, locale text, expires_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT u.user_id, u.username, u.display_name, u.role, u.locale, t.expires_at
    FROM support.api_tokens t
    JOIN support.users u ON u.user_id = t.user_id
    WHERE t.token_hash = p_token AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp() AND u.active;
    IF FOUND THEN
        UPDATE support.api_tokens t SET last_used_at = clock_timestamp()
        WHERE t.token_hash = p_token
          AND (t.last_used_at IS NULL OR t.last_used_at < clock_timestamp() - interval '1 minute');
    END IF;
END $$;

-- One call of the REST API in the audit trail, under the name that its session or token stands for. Calls are many and
-- change nothing: their rows may be lost with the last half second before a crash of the server, the chain never breaks.
CREATE FUNCTION support.audit_api_call(
    p_session bytea, p_token bytea, p_entity text, p_outcome text, p_details jsonb, p_source text, p_user_agent text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    actor text;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT u.username INTO actor
    FROM support.users u
    WHERE u.user_id = coalesce(
        (SELECT s.user_id FROM support.sessions s WHERE s.session_hash = p_session),
        (SELECT t.user_id FROM support.api_tokens t WHERE t.token_hash = p_token));
    RETURN support.append_audit(
        coalesce(actor, 'anonymous'), 'api.called', p_entity, p_outcome, p_details, p_source, p_user_agent);
END $$;

CREATE FUNCTION support.revoke_api_token(p_session bytea, p_token_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
    what text;
BEGIN
    UPDATE support.api_tokens t SET revoked_at = clock_timestamp()
    WHERE left(encode(t.token_hash, 'hex'), 16) = p_token_id AND t.revoked_at IS NULL
      AND (person.role = 'ADMIN' OR t.user_id = person.user_id)
    RETURNING t.label INTO what;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'token_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.append_audit(
        person.username, 'api_token.revoked', what, 'DONE', jsonb_build_object('token_id', p_token_id));
END $$;

CREATE FUNCTION support.api_tokens_list(p_session bytea) RETURNS TABLE (
    token_id text, username text, label text, created_at timestamptz, expires_at timestamptz, last_used_at timestamptz
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER'], true);
BEGIN
    RETURN QUERY
    SELECT
        left(encode(t.token_hash, 'hex'), 16), u.username, t.label, t.created_at, t.expires_at, t.last_used_at
    FROM support.api_tokens t
    JOIN support.users u ON u.user_id = t.user_id
    WHERE t.revoked_at IS NULL AND t.expires_at > clock_timestamp()
      AND (person.role = 'ADMIN' OR t.user_id = person.user_id)
    ORDER BY t.created_at DESC;
END $$;
