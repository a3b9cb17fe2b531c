-- Signing in. An attempt counts as failed from its begin until finish_login says otherwise, so that many at once are
-- counted too. From the 5th failure in a row the name waits 30 s, then twice as long each time, 15 min at most. An address
-- that a person signed in from in the last 30 days is judged by its own failures only: guessing from elsewhere does
-- not lock him out. Unknown names wait exactly like known ones.

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
    -- One address that tries many names.
    IF NOT trusted AND (
        SELECT count(*) FROM support.login_attempts a
        WHERE a.source = p_source AND NOT a.succeeded AND a.at > now() - interval '15 minutes'
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
        SELECT u.password_hash INTO password_hash FROM support.users u WHERE u.username = name AND u.active;
        INSERT INTO support.login_attempts (username, source, succeeded, at)
        VALUES (name, left(p_source, 100), false, clock_timestamp());
        UPDATE support.users u SET
            failed_logins = u.failed_logins + 1,
            blocked_until = clock_timestamp() + make_interval(secs => nullif(support.login_wait(name, p_source), 0))
        WHERE u.username = name;
    END IF;
    RETURN NEXT;
END $$;

CREATE FUNCTION support.finish_login(
    p_username text, p_source text, p_user_agent text, p_succeeded boolean, p_session bytea
) RETURNS TABLE (user_id bigint, username text, display_name text, role text, locale text, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := left(lower(trim(p_username)), 100);
    person support.users;
    ends timestamptz := clock_timestamp() + interval '8 hours';
BEGIN
    SELECT * INTO person FROM support.users u WHERE u.username = name AND u.active FOR UPDATE;
    IF NOT p_succeeded OR person.user_id IS NULL THEN
        PERFORM support.append_audit(
            CASE WHEN person.user_id IS NULL THEN 'anonymous' ELSE name END, 'login.failed', name, 'REFUSED', '{}',
            p_source, p_user_agent);
        RETURN;
    END IF;
    IF octet_length(p_session) IS DISTINCT FROM 32 THEN
        RAISE EXCEPTION 'session_hash_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.login_attempts (username, source, succeeded, at)
    VALUES (name, left(p_source, 100), true, clock_timestamp());
    DELETE FROM support.login_attempts a WHERE a.at < now() - interval '31 days';
    UPDATE support.users u SET failed_logins = 0, blocked_until = NULL, last_login_at = clock_timestamp()
    WHERE u.user_id = person.user_id;
    INSERT INTO support.sessions (session_hash, user_id, created_at, last_seen_at, expires_at, ip, user_agent)
    VALUES (
        p_session, person.user_id, clock_timestamp(), clock_timestamp(), ends, left(p_source, 100),
        left(p_user_agent, 400));
    DELETE FROM support.sessions s WHERE s.expires_at < now() - interval '30 days';
    PERFORM support.append_audit(name, 'login.succeeded', name, 'DONE', '{}', p_source, p_user_agent);
    RETURN QUERY SELECT person.user_id, person.username, person.display_name, person.role, person.locale, ends;
END $$;
