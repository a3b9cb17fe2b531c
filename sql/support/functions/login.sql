-- Signing in. An attempt counts as failed from its begin until finish_login says otherwise, so that many at once are
-- counted too. From the 5th failure in a row the name waits 30 s, then twice as long each time, 15 min at most. An address
-- that a person signed in from in the last 30 days is judged by its own failures only: guessing from elsewhere does
-- not lock him out. Unknown names wait exactly like known ones.
-- A person with a second factor gets a challenge for the right password, and a session for the code that answers it; the
-- attempt counts as failed until then, so that codes are guessed no faster than passwords.

CREATE FUNCTION support.login_wait(p_username text, p_source text) RETURNS integer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    trusted boolean;
    failures integer;
    last_at timestamptz;
    wait interval := '0';
BEGIN
    trusted := EXISTS (
        SELECT FROM support.login_attempts a
        WHERE a.username = p_username AND a.source = p_source AND a.succeeded AND a.at > now() - interval '30 days');
    SELECT count(*), max(a.at) INTO failures, last_at
    FROM support.login_attempts a
    WHERE a.username = p_username AND NOT a.succeeded AND a.at > now() - interval '1 day'
      AND (NOT trusted OR a.source = p_source)
      AND a.attempt_id > coalesce((
          SELECT max(s.attempt_id) FROM support.login_attempts s
          WHERE s.username = p_username AND s.succeeded AND (NOT trusted OR s.source = p_source)), 0);
    IF failures >= 5 THEN
        wait := least(interval '15 minutes', interval '30 seconds' * 2 ^ least(failures - 5, 10))
            - (clock_timestamp() - last_at);
    END IF;
    -- One address that tries many names. A success takes its own begin back: an office behind one address is no attack.
    IF NOT trusted AND (
        SELECT count(*) FILTER (WHERE NOT a.succeeded) - count(*) FILTER (WHERE a.succeeded)
        FROM support.login_attempts a
        WHERE a.source = p_source AND a.at > now() - interval '15 minutes'
    ) >= 50 THEN
        wait := greatest(wait, interval '1 minute');
    END IF;
    RETURN greatest(0, ceil(extract(epoch FROM wait)))::integer;
END $$;

CREATE FUNCTION support.begin_login(p_username text, p_source text)
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

-- What every way in ends with: the attempt counts as good, and a session begins. API sessions come with a signed token,
-- last their 8 hours whether used or not, and read only.
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

-- No row: refused. `second_factor`: the password is right, and p_session became a challenge instead of a session.
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

-- What the app found of a password that it asked again, before something that would outlast the session. begin_login
-- has counted the attempt as failed: a right one takes that back, a wrong one is refused and told to the audit trail.
CREATE FUNCTION support.confirm_password(
    p_session bytea, p_source text, p_user_agent text, p_succeeded boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN', 'ANALYST', 'VIEWER']);
BEGIN
    IF p_succeeded THEN
        INSERT INTO support.login_attempts (username, source, succeeded, at)
        VALUES (person.username, left(p_source, 100), true, clock_timestamp());
        UPDATE support.users u SET failed_logins = 0, blocked_until = NULL WHERE u.user_id = person.user_id;
    ELSE
        PERFORM support.append_audit(
            person.username, 'password.refused', person.username, 'REFUSED', '{}', p_source, p_user_agent);
    END IF;
END $$;

-- The person's encrypted secret to check a code against; no row when the challenge is over or was tried five times.
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

-- p_step is the time step of the code that the app found right, p_recovery the hash of a recovery code: each counts once.
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

-- Signing in with an identity that a provider vouches for. An unknown one is tied to the one open account that has its
-- verified e-mail address; without such an account nobody comes in. The provider answers for second factors.
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
