-- The second factor: a TOTP secret (encrypted by the app, whose key is not in the database) and recovery codes by their hash.

CREATE FUNCTION support.begin_totp(p_session bytea, p_secret bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
BEGIN
    IF p_secret IS NULL OR octet_length(p_secret) NOT BETWEEN 32 AND 1000 THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.second_factors AS f (user_id, secret) VALUES (person.user_id, p_secret)
    ON CONFLICT (user_id) DO UPDATE SET secret = p_secret, created_at = clock_timestamp(), last_step = 0
    WHERE f.confirmed_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'second_factor_active' USING ERRCODE = 'NV409';
    END IF;
    PERFORM support.append_audit(person.username, 'second_factor.begun', person.username, 'DONE');
END $$;

CREATE FUNCTION support.own_totp(p_session bytea)
RETURNS TABLE (secret bytea, last_step bigint, confirmed_at timestamptz, codes_left bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
BEGIN
    RETURN QUERY
    SELECT
        f.secret, f.last_step, f.confirmed_at,
        (SELECT count(*) FROM support.recovery_codes r WHERE r.user_id = f.user_id AND r.used_at IS NULL)
    FROM support.second_factors f WHERE f.user_id = person.user_id;
END $$;

-- p_step proves that the person's device knows the secret; from now on signing in asks for a code.
CREATE FUNCTION support.confirm_totp(p_session bytea, p_step bigint, p_codes bytea[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
BEGIN
    IF p_step IS NULL OR coalesce(array_length(p_codes, 1), 0) < 5 THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    UPDATE support.second_factors f SET confirmed_at = clock_timestamp(), last_step = p_step
    WHERE f.user_id = person.user_id AND f.confirmed_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'second_factor_active' USING ERRCODE = 'NV409';
    END IF;
    DELETE FROM support.recovery_codes r WHERE r.user_id = person.user_id;
    INSERT INTO support.recovery_codes (user_id, code_hash) SELECT person.user_id, c FROM unnest(p_codes) AS c;
    PERFORM support.close_sessions(person.user_id, p_session);
    PERFORM support.append_audit(person.username, 'second_factor.confirmed', person.username, 'DONE');
END $$;

-- Takes the second factor away: one's own (the app asks for the password first), or as an ADMIN that of somebody who lost it.
CREATE FUNCTION support.reset_totp(p_session bytea, p_username text) RETURNS void
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
    DELETE FROM support.second_factors f WHERE f.user_id = target.user_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'second_factor_absent' USING ERRCODE = 'NV404';
    END IF;
    DELETE FROM support.recovery_codes r WHERE r.user_id = target.user_id;
    PERFORM support.close_sessions(target.user_id, p_session);
    PERFORM support.append_audit(person.username, 'second_factor.removed', target.username, 'DONE');
END $$;
