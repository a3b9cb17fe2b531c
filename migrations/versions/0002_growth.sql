-- What changed since revision 0001. Generated from the catalog; not edited by hand.
-- Tables of schema analytics are derived: where rows do not fit the new shape they are emptied, and the next run
-- computes them again. Rows of staging, core and support stay.

DROP FUNCTION support.check_api_token;

DROP FUNCTION support.finish_login;

DROP FUNCTION support.check_session;

DROP FUNCTION support.sessions_list;

DROP FUNCTION support.create_user;

DROP FUNCTION support.users_list;

CREATE TABLE support.second_factors (
    user_id bigint NOT NULL CONSTRAINT second_factors_user_id_fkey REFERENCES support.users (user_id),
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    CONSTRAINT second_factors_pkey PRIMARY KEY (user_id)
);
COMMENT ON TABLE support.second_factors IS 'TOTP secrets, encrypted by the app, whose key is not in the database. Grain: one row per person who has begun to use one.';
COMMENT ON COLUMN support.second_factors.user_id IS 'Whose.';
COMMENT ON COLUMN support.second_factors.secret IS 'Encrypted secret.';
COMMENT ON COLUMN support.second_factors.created_at IS 'When it was made.';
COMMENT ON COLUMN support.second_factors.confirmed_at IS 'When a first code was right; signing in asks for codes from then on.';
COMMENT ON COLUMN support.second_factors.last_step IS 'Time step of the last code that was used; older ones are refused.';

CREATE TABLE support.recovery_codes (
    user_id bigint NOT NULL CONSTRAINT recovery_codes_user_id_fkey REFERENCES support.users (user_id),
    code_hash bytea NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash)
);
COMMENT ON TABLE support.recovery_codes IS 'Codes that stand in once each for a lost second factor; only hashes. Grain: one row per code.';
COMMENT ON COLUMN support.recovery_codes.user_id IS 'Whose.';
COMMENT ON COLUMN support.recovery_codes.code_hash IS 'SHA-256 of the code.';
COMMENT ON COLUMN support.recovery_codes.used_at IS 'When it was used.';

CREATE TABLE support.login_challenges (
    challenge_hash bytea NOT NULL,
    user_id bigint NOT NULL CONSTRAINT login_challenges_user_id_fkey REFERENCES support.users (user_id),
    attempts integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT login_challenges_pkey PRIMARY KEY (challenge_hash),
    CONSTRAINT login_challenges_attempts_range CHECK (attempts >= 0)
);
CREATE INDEX login_challenges_expires_at_idx ON support.login_challenges USING btree (expires_at);
COMMENT ON TABLE support.login_challenges IS 'Right passwords that wait for a code of the second factor. Grain: one row per challenge.';
COMMENT ON COLUMN support.login_challenges.challenge_hash IS 'SHA-256 of the challenge that the browser holds.';
COMMENT ON COLUMN support.login_challenges.user_id IS 'Whose password was right.';
COMMENT ON COLUMN support.login_challenges.attempts IS 'Codes that were tried.';
COMMENT ON COLUMN support.login_challenges.expires_at IS 'When it stops working.';
COMMENT ON COLUMN support.login_challenges.used_at IS 'When it became a session.';

CREATE TABLE support.identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id bigint NOT NULL CONSTRAINT identities_user_id_fkey REFERENCES support.users (user_id),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT identities_pkey PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX identities_issuer_user_id_key ON support.identities USING btree (issuer, user_id);
COMMENT ON TABLE support.identities IS 'Accounts at an identity provider and the person each stands for. Grain: one row per account at a provider.';
COMMENT ON COLUMN support.identities.issuer IS 'The provider''s issuer address.';
COMMENT ON COLUMN support.identities.subject IS 'The provider''s own key of the account.';
COMMENT ON COLUMN support.identities.user_id IS 'Who it is here.';
COMMENT ON COLUMN support.identities.created_at IS 'When it was tied to the person.';

CREATE TABLE support.check_results (
    table_name text NOT NULL,
    check_name text NOT NULL,
    passed boolean NOT NULL,
    severity text NOT NULL,
    windows datemultirange,
    rows bigint NOT NULL,
    broken bigint NOT NULL,
    details jsonb NOT NULL DEFAULT '[]',
    run_id text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT check_results_pkey PRIMARY KEY (table_name, check_name),
    CONSTRAINT check_results_check_name_values CHECK (check_name IN ('rules', 'reconciliation')),
    CONSTRAINT check_results_severity_values CHECK (severity IN ('ERROR', 'WARN')),
    CONSTRAINT check_results_rows_range CHECK (rows >= 0),
    CONSTRAINT check_results_broken_range CHECK (broken >= 0)
);
COMMENT ON TABLE support.check_results IS 'Latest outcome of each check of a table: of what was published, or of what was refused. Grain: one row per table and check.';
COMMENT ON COLUMN support.check_results.table_name IS 'Table, as schema.name.';
COMMENT ON COLUMN support.check_results.check_name IS 'Check.';
COMMENT ON COLUMN support.check_results.passed IS 'False when a rule is broken.';
COMMENT ON COLUMN support.check_results.severity IS 'ERROR: nothing may be computed with it. WARN: look at it.';
COMMENT ON COLUMN support.check_results.windows IS 'Business dates looked at; NULL for a table without windows.';
COMMENT ON COLUMN support.check_results.rows IS 'Rows looked at.';
COMMENT ON COLUMN support.check_results.broken IS 'Rows that break a rule; one that breaks two counts twice.';
COMMENT ON COLUMN support.check_results.details IS 'Window, rule, rows and samples of what is broken.';
COMMENT ON COLUMN support.check_results.run_id IS 'Run that looked.';
COMMENT ON COLUMN support.check_results.at IS 'When.';

ALTER TABLE support.users
    ADD COLUMN password_temporary boolean NOT NULL DEFAULT false;

ALTER TABLE support.sessions
    ADD COLUMN kind text NOT NULL DEFAULT 'BROWSER',
    ADD CONSTRAINT sessions_kind_values CHECK (kind IN ('BROWSER', 'API'));

COMMENT ON COLUMN support.users.password_temporary IS 'True while the password is one that somebody else chose; its owner must replace it.';

COMMENT ON COLUMN support.sessions.kind IS 'BROWSER, or API for one that a signed token stands for and that only reads.';

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

CREATE OR REPLACE FUNCTION support.begin_login(p_username text, p_source text)
RETURNS TABLE (password_hash text, wait_seconds integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := left(lower(trim(p_username)), 100);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('nova.login.' || name, 0));
    wait_seconds := support.login_wait(name, p_source);
    IF wait_seconds = 0 THEN
        -- A password that somebody else chose is for the first days only.
        SELECT u.password_hash INTO password_hash
        FROM support.users u
        WHERE u.username = name AND u.active
          AND NOT (u.password_temporary AND u.password_changed_at < now() - interval '7 days');
        INSERT INTO support.login_attempts (username, source, succeeded, at)
        VALUES (name, left(p_source, 100), false, clock_timestamp());
        UPDATE support.users u SET
            failed_logins = u.failed_logins + 1,
            blocked_until = clock_timestamp() + make_interval(secs => nullif(support.login_wait(name, p_source), 0))
        WHERE u.username = name;
    END IF;
    RETURN NEXT;
END $$;

CREATE FUNCTION support.open_session(
    p_person support.users, p_source text, p_user_agent text, p_session bytea, p_kind text, p_details jsonb
) RETURNS timestamptz
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ends timestamptz := clock_timestamp() + interval '8 hours';
BEGIN
    IF octet_length(p_session) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'session_hash_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.login_attempts (username, source, succeeded, at)
    VALUES (p_person.username, left(p_source, 100), true, clock_timestamp());
    DELETE FROM support.login_attempts a WHERE a.at < now() - interval '31 days';
    UPDATE support.users u SET failed_logins = 0, blocked_until = NULL, last_login_at = clock_timestamp()
    WHERE u.user_id = p_person.user_id;
    INSERT INTO support.sessions (session_hash, user_id, kind, created_at, last_seen_at, expires_at, ip, user_agent)
    VALUES (
        p_session, p_person.user_id, p_kind, clock_timestamp(), clock_timestamp(), ends, left(p_source, 100),
        left(p_user_agent, 400));
    DELETE FROM support.sessions s WHERE s.expires_at < now() - interval '30 days';
    PERFORM support.append_audit(
        p_person.username, 'login.succeeded', p_person.username, 'DONE', p_details || jsonb_build_object('kind', p_kind),
        p_source, p_user_agent);
    RETURN ends;
END $$;

CREATE FUNCTION support.finish_login(
    p_username text, p_source text, p_user_agent text, p_succeeded boolean, p_session bytea,
    p_kind text DEFAULT 'BROWSER'
) RETURNS TABLE (
    user_id bigint, username text, display_name text, role text, locale text, expires_at timestamptz,
    second_factor boolean
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := left(lower(trim(p_username)), 100);
    person support.users;
    ends timestamptz := clock_timestamp() + interval '5 minutes';
BEGIN
    SELECT * INTO person FROM support.users u WHERE u.username = name AND u.active FOR UPDATE;
    IF NOT p_succeeded OR person.user_id IS NULL THEN
        PERFORM support.append_audit(
            CASE WHEN person.user_id IS NULL THEN 'anonymous' ELSE name END, 'login.failed', name, 'REFUSED', '{}',
            p_source, p_user_agent);
        RETURN;
    END IF;
    second_factor := EXISTS (
        SELECT FROM support.second_factors f WHERE f.user_id = person.user_id AND f.confirmed_at IS NOT NULL);
    IF second_factor THEN
        DELETE FROM support.login_challenges c WHERE c.expires_at < now() - interval '1 day';
        INSERT INTO support.login_challenges (challenge_hash, user_id, expires_at)
        VALUES (p_session, person.user_id, ends);
        PERFORM support.append_audit(name, 'login.code_asked', name, 'DONE', '{}', p_source, p_user_agent);
    ELSE
        ends := support.open_session(person, p_source, p_user_agent, p_session, p_kind, '{}');
    END IF;
    RETURN QUERY SELECT
        person.user_id, person.username, person.display_name, person.role, person.locale, ends, second_factor;
END $$;

CREATE FUNCTION support.begin_second_factor(p_challenge bytea, p_source text)
RETURNS TABLE (secret bytea, last_step bigint, wait_seconds integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
BEGIN
    SELECT u.* INTO person
    FROM support.login_challenges c
    JOIN support.users u ON u.user_id = c.user_id AND u.active
    WHERE c.challenge_hash = p_challenge AND c.expires_at > clock_timestamp() AND c.attempts < 5 AND c.used_at IS NULL
    FOR UPDATE OF c;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('nova.login.' || person.username, 0));
    wait_seconds := support.login_wait(person.username, p_source);
    IF wait_seconds = 0 THEN
        UPDATE support.login_challenges c SET attempts = c.attempts + 1 WHERE c.challenge_hash = p_challenge;
        INSERT INTO support.login_attempts (username, source, succeeded, at)
        VALUES (person.username, left(p_source, 100), false, clock_timestamp());
        SELECT f.secret, f.last_step INTO secret, last_step
        FROM support.second_factors f WHERE f.user_id = person.user_id AND f.confirmed_at IS NOT NULL;
    END IF;
    RETURN NEXT;
END $$;

CREATE FUNCTION support.finish_second_factor(
    p_challenge bytea, p_source text, p_user_agent text, p_step bigint, p_recovery bytea, p_session bytea,
    p_kind text DEFAULT 'BROWSER'
) RETURNS TABLE (
    user_id bigint, username text, display_name text, role text, locale text, expires_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
    factor text;
BEGIN
    SELECT u.* INTO person
    FROM support.login_challenges c
    JOIN support.users u ON u.user_id = c.user_id AND u.active
    WHERE c.challenge_hash = p_challenge AND c.expires_at > clock_timestamp() AND c.used_at IS NULL
    FOR UPDATE OF c;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE support.second_factors f SET last_step = p_step
    WHERE f.user_id = person.user_id AND f.confirmed_at IS NOT NULL AND p_step > f.last_step;
    IF FOUND THEN
        factor := 'totp';
    ELSE
        UPDATE support.recovery_codes r SET used_at = clock_timestamp()
        WHERE r.user_id = person.user_id AND r.code_hash = p_recovery AND r.used_at IS NULL;
        IF FOUND THEN
            factor := 'recovery_code';
        END IF;
    END IF;
    IF factor IS NULL THEN
        PERFORM support.append_audit(
            person.username, 'login.failed', person.username, 'REFUSED', '{"factor": "second"}', p_source, p_user_agent);
        RETURN;
    END IF;
    UPDATE support.login_challenges c SET used_at = clock_timestamp() WHERE c.challenge_hash = p_challenge;
    expires_at := support.open_session(
        person, p_source, p_user_agent, p_session, p_kind, jsonb_build_object('factor', factor));
    RETURN QUERY SELECT
        person.user_id, person.username, person.display_name, person.role, person.locale, expires_at;
END $$;

CREATE FUNCTION support.identity_login(
    p_issuer text, p_subject text, p_email text, p_source text, p_user_agent text, p_session bytea
) RETURNS TABLE (
    user_id bigint, username text, display_name text, role text, locale text, expires_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users;
    candidates integer;
BEGIN
    SELECT u.* INTO person
    FROM support.identities i
    JOIN support.users u ON u.user_id = i.user_id
    WHERE i.issuer = p_issuer AND i.subject = p_subject AND u.active;
    IF NOT FOUND AND NOT EXISTS (
        SELECT FROM support.identities i WHERE i.issuer = p_issuer AND i.subject = p_subject
    ) THEN
        SELECT count(*) INTO candidates FROM support.users u WHERE u.active AND lower(u.email) = lower(p_email);
        IF candidates = 1 THEN
            SELECT u.* INTO person FROM support.users u WHERE u.active AND lower(u.email) = lower(p_email);
            -- A second identity of one provider for one account is refused: it would be somebody else's.
            INSERT INTO support.identities (issuer, subject, user_id)
            SELECT p_issuer, p_subject, person.user_id
            WHERE NOT EXISTS (
                SELECT FROM support.identities i WHERE i.issuer = p_issuer AND i.user_id = person.user_id);
            IF NOT FOUND THEN
                person := NULL;
            ELSE
                PERFORM support.append_audit(
                    person.username, 'identity.linked', person.username, 'DONE',
                    jsonb_build_object('issuer', p_issuer, 'subject', p_subject), p_source, p_user_agent);
            END IF;
        END IF;
    END IF;
    IF person.user_id IS NULL THEN
        PERFORM support.append_audit(
            'anonymous', 'login.failed', left(p_email, 200), 'REFUSED',
            jsonb_build_object('issuer', p_issuer, 'subject', p_subject), p_source, p_user_agent);
        RETURN;
    END IF;
    expires_at := support.open_session(
        person, p_source, p_user_agent, p_session, 'BROWSER', jsonb_build_object('issuer', p_issuer));
    RETURN QUERY SELECT
        person.user_id, person.username, person.display_name, person.role, person.locale, expires_at;
END $$;

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

CREATE OR REPLACE FUNCTION support.live_session(p_session bytea) RETURNS support.users
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

CREATE OR REPLACE FUNCTION support.acting(p_session bytea, p_roles text[], p_cli boolean DEFAULT false) RETURNS support.users
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
    expires_at timestamptz, last_seen_at timestamptz, kind text, password_temporary boolean
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
        s.created_at, s.expires_at, s.last_seen_at, s.kind, person.password_temporary
    FROM support.sessions s WHERE s.session_hash = p_session;
END $$;

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

CREATE OR REPLACE FUNCTION support.set_password(p_session bytea, p_username text, p_password_hash text) RETURNS void
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

GRANT SELECT, INSERT, UPDATE ON support.check_results TO nova_etl;

GRANT SELECT ON support.check_results TO nova_app;

REVOKE ALL ON FUNCTION support.finish_login FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.finish_login TO nova_app;

REVOKE ALL ON FUNCTION support.begin_second_factor FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.begin_second_factor TO nova_app;

REVOKE ALL ON FUNCTION support.finish_second_factor FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.finish_second_factor TO nova_app;

REVOKE ALL ON FUNCTION support.identity_login FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.identity_login TO nova_app;

REVOKE ALL ON FUNCTION support.check_session FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.check_session TO nova_app;

REVOKE ALL ON FUNCTION support.revoke_session FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.revoke_session TO nova_app;

REVOKE ALL ON FUNCTION support.sessions_list FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.sessions_list TO nova_app;

REVOKE ALL ON FUNCTION support.create_user FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.create_user TO nova_app;

REVOKE ALL ON FUNCTION support.users_list FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.users_list TO nova_app;

REVOKE ALL ON FUNCTION support.begin_totp FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.begin_totp TO nova_app;

REVOKE ALL ON FUNCTION support.own_totp FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.own_totp TO nova_app;

REVOKE ALL ON FUNCTION support.confirm_totp FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.confirm_totp TO nova_app;

REVOKE ALL ON FUNCTION support.reset_totp FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.reset_totp TO nova_app;

REVOKE ALL ON FUNCTION support.check_api_token FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.check_api_token TO nova_app;

REVOKE ALL ON FUNCTION support.audit_api_call FROM PUBLIC;

GRANT EXECUTE ON FUNCTION support.audit_api_call TO nova_app;

REVOKE ALL ON FUNCTION support.open_session FROM PUBLIC;
