-- The audit trail: one chain of rows, each carrying the hash of the one before. Numbers and hashes are given while the head
-- row is locked; numbering outside of that lock breaks the chain as soon as two write at once.
-- The owner of the database can still rewrite everything: compare audit_verify with a head kept elsewhere.

INSERT INTO support.audit_head (audit_id, row_hash) VALUES (0, sha256(''));

CREATE FUNCTION support.audit_hash(p_row support.audit_logs) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        p_row.audit_id, to_char(p_row.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        p_row.actor, p_row.action, p_row.entity, p_row.outcome, p_row.details, p_row.ip, p_row.user_agent,
        encode(p_row.previous_hash, 'hex')
    )::text, 'UTF8'))
$$;

-- Every function that changes something calls this last: the head stays locked until the transaction ends.
CREATE FUNCTION support.append_audit(
    p_actor text, p_action text, p_entity text, p_outcome text, p_details jsonb DEFAULT '{}',
    p_source text DEFAULT NULL, p_user_agent text DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    head support.audit_head;
    event support.audit_logs;
BEGIN
    SELECT * INTO STRICT head FROM support.audit_head FOR UPDATE;
    event := ROW(
        head.audit_id + 1, clock_timestamp(), left(p_actor, 100), left(p_action, 100), left(p_entity, 400), p_outcome,
        coalesce(p_details, '{}'), left(p_source, 100), left(p_user_agent, 400), head.row_hash, NULL
    );
    event.row_hash := support.audit_hash(event);
    INSERT INTO support.audit_logs SELECT event.*;
    UPDATE support.audit_head SET audit_id = event.audit_id, row_hash = event.row_hash;
    RETURN event.audit_id;
END $$;

CREATE FUNCTION support.refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'audit_is_append_only' USING ERRCODE = 'NV403';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON support.audit_logs
FOR EACH STATEMENT EXECUTE FUNCTION support.refuse_change();

-- An event that only the app can see (a refused page, a download). The actor is whoever owns the session, never a claim.
CREATE FUNCTION support.audit(
    p_session bytea, p_action text, p_entity text, p_outcome text, p_details jsonb, p_source text, p_user_agent text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    actor text;
BEGIN
    SELECT u.username INTO actor FROM support.live_session(p_session) AS u;
    IF actor IS NULL THEN
        actor := CASE
            WHEN p_session IS NOT NULL THEN 'anonymous'
            WHEN session_user = 'nova_etl' THEN 'pipeline'
            WHEN pg_has_role(session_user, 'nova_owner', 'MEMBER') THEN 'cli'
            ELSE 'anonymous'
        END;
    END IF;
    RETURN support.append_audit(actor, p_action, p_entity, p_outcome, p_details, p_source, p_user_agent);
END $$;

-- Newest first; `p_before` is the number of the last event of the page before.
CREATE FUNCTION support.audit_list(
    p_session bytea, p_from timestamptz, p_to timestamptz, p_actor text, p_action text, p_limit integer,
    p_outcome text DEFAULT NULL, p_entity text DEFAULT NULL, p_before bigint DEFAULT NULL
) RETURNS TABLE (
    audit_id bigint, at timestamptz, actor text, action text, entity text, outcome text, details jsonb, ip text,
    user_agent text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM support.acting(p_session, ARRAY['ADMIN'], true);
    RETURN QUERY
    SELECT l.audit_id, l.at, l.actor, l.action, l.entity, l.outcome, l.details, l.ip, l.user_agent
    FROM support.audit_logs l
    WHERE (p_from IS NULL OR l.at >= p_from) AND (p_to IS NULL OR l.at < p_to)
      AND (p_actor IS NULL OR l.actor = p_actor) AND (p_action IS NULL OR starts_with(l.action, p_action))
      AND (p_outcome IS NULL OR l.outcome = p_outcome) AND (p_entity IS NULL OR position(p_entity IN l.entity) > 0)
      AND (p_before IS NULL OR l.audit_id < p_before)
    ORDER BY l.audit_id DESC
    LIMIT least(coalesce(p_limit, 200), 10000);
END $$;

-- Walks the whole chain, or its p_newest rows: a screen must not take longer the older the platform is.
-- `problem` is NULL, row_missing, link_broken, row_changed, head_differs or known_differs.
CREATE FUNCTION support.audit_verify(
    p_known_id bigint DEFAULT NULL, p_known_hash text DEFAULT NULL, p_newest bigint DEFAULT NULL
) RETURNS TABLE (rows_checked bigint, head_id bigint, head_hash text, problem text, problem_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    head support.audit_head;
    before bigint;
    last_id bigint;
    last_hash bytea;
BEGIN
    SELECT * INTO STRICT head FROM support.audit_head;
    before := greatest(head.audit_id - coalesce(p_newest, head.audit_id), 0);
    SELECT count(*) INTO rows_checked FROM support.audit_logs l WHERE l.audit_id > before;
    head_id := head.audit_id;
    head_hash := encode(head.row_hash, 'hex');
    SELECT c.fault, c.audit_id INTO problem, problem_id
    FROM (
        SELECT l.audit_id, CASE
            WHEN l.audit_id <> before + row_number() OVER chain THEN 'row_missing'
            WHEN l.previous_hash <> coalesce(lag(l.row_hash) OVER chain, CASE before WHEN 0 THEN sha256('') ELSE l.previous_hash END)
                THEN 'link_broken'
            WHEN l.row_hash <> support.audit_hash(l) THEN 'row_changed'
        END AS fault
        FROM support.audit_logs l
        WHERE l.audit_id > before
        WINDOW chain AS (ORDER BY l.audit_id)
    ) AS c
    WHERE c.fault IS NOT NULL
    ORDER BY c.audit_id
    LIMIT 1;
    IF problem IS NULL THEN
        SELECT l.audit_id, l.row_hash INTO last_id, last_hash
        FROM support.audit_logs l ORDER BY l.audit_id DESC LIMIT 1;
        IF (coalesce(last_id, 0), coalesce(last_hash, sha256(''))) <> (head.audit_id, head.row_hash) THEN
            problem := 'head_differs';
            problem_id := coalesce(last_id, 0);
        ELSIF p_known_id > 0 AND NOT EXISTS (
            SELECT FROM support.audit_logs l
            WHERE l.audit_id = p_known_id AND encode(l.row_hash, 'hex') = lower(p_known_hash)
        ) THEN
            problem := 'known_differs';
            problem_id := p_known_id;
        END IF;
    END IF;
    RETURN NEXT;
END $$;
