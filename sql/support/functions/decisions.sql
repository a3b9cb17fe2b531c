-- What planners decide about recommendations and alerts, and the numbers that they override. ANALYST and ADMIN only.
-- Each row that two people may change carries a version: whoever saw an older one is refused with NV409.

CREATE FUNCTION support.planner(p_session bytea) RETURNS support.users
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN support.acting(p_session, ARRAY['ADMIN', 'ANALYST']);
END $$;

CREATE FUNCTION support.item_site(p_item_id bigint, p_site_id bigint) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    codes text;
BEGIN
    SELECT i.item_code || ' @ ' || s.site_code INTO codes
    FROM core.dim_item i, core.dim_site s WHERE i.item_id = p_item_id AND s.site_id = p_site_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'item_site_unknown' USING ERRCODE = 'NV404';
    END IF;
    RETURN codes;
END $$;

-- APPROVED, ADJUSTED and REJECTED may follow each other until the order is EXPORTED; then it can only be RECEIVED.
CREATE FUNCTION support.require_transition(p_before text, p_after text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    allowed boolean;
BEGIN
    IF p_after IS NULL OR p_after NOT IN ('APPROVED', 'ADJUSTED', 'REJECTED', 'EXPORTED', 'RECEIVED') THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    allowed := CASE p_after
        WHEN 'EXPORTED' THEN coalesce(p_before, '') IN ('APPROVED', 'ADJUSTED')
        WHEN 'RECEIVED' THEN coalesce(p_before, '') = 'EXPORTED'
        ELSE coalesce(p_before, 'APPROVED') IN ('APPROVED', 'ADJUSTED', 'REJECTED')
    END;
    IF NOT allowed THEN
        RAISE EXCEPTION 'state_refused' USING ERRCODE = 'NV409', DETAIL = coalesce(p_before, 'none') || ' to ' || p_after;
    END IF;
END $$;

CREATE FUNCTION support.require_version(p_found integer, p_expected integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_expected IS DISTINCT FROM coalesce(p_found, 0) THEN
        RAISE EXCEPTION 'version_conflict' USING ERRCODE = 'NV409', DETAIL = 'version ' || coalesce(p_found, 0);
    END IF;
END $$;

-- Appends to the history what has just become of a recommendation; an as-of counts the words spoken by then.
CREATE FUNCTION support.record_word(
    p_as_of date, p_item_id bigint, p_site_id bigint, p_action text, p_order_ref text, p_state text,
    p_quantity double precision, p_reason text, p_version integer, p_decided_by bigint
) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO support.recommendation_history (
        as_of, item_id, site_id, action, order_ref, state, quantity, reason, supplier_id, from_site_code, version,
        decided_by, at)
    SELECT p_as_of, p_item_id, p_site_id, p_action, p_order_ref, p_state, p_quantity, p_reason, r.supplier_id,
           r.from_site_code, p_version, p_decided_by, clock_timestamp()
    FROM (VALUES (1)) AS one
    LEFT JOIN analytics.recommendations AS r
      ON r.as_of = p_as_of AND r.item_id = p_item_id AND r.site_id = p_site_id AND r.action = p_action
     AND r.order_ref = p_order_ref
$$;

CREATE FUNCTION support.decide_recommendation(
    p_session bytea, p_as_of date, p_item_id bigint, p_site_id bigint, p_action text, p_order_ref text, p_state text,
    p_quantity double precision, p_reason text, p_expected_version integer
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    before support.recommendation_states;
    advised double precision;
    quantity double precision;
    reason text := nullif(trim(p_reason), '');
    new_version integer;
BEGIN
    SELECT r.quantity INTO advised FROM analytics.recommendations r
    WHERE r.as_of = p_as_of AND r.item_id = p_item_id AND r.site_id = p_site_id AND r.action = p_action
      AND r.order_ref = p_order_ref;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'recommendation_unknown' USING ERRCODE = 'NV404';
    END IF;
    SELECT * INTO before FROM support.recommendation_states s
    WHERE s.as_of = p_as_of AND s.item_id = p_item_id AND s.site_id = p_site_id AND s.action = p_action
      AND s.order_ref = p_order_ref
    FOR UPDATE;
    PERFORM support.require_version(before.version, p_expected_version);
    PERFORM support.require_transition(before.state, p_state);
    IF (p_state IN ('ADJUSTED', 'REJECTED') AND reason IS NULL) OR (p_state = 'ADJUSTED' AND p_quantity IS NULL)
        OR p_quantity < 0 OR p_quantity IN ('NaN', 'Infinity')
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    quantity := CASE p_state
        WHEN 'APPROVED' THEN advised
        WHEN 'REJECTED' THEN 0
        ELSE coalesce(p_quantity, before.quantity)
    END;
    INSERT INTO support.recommendation_states AS s (
        as_of, item_id, site_id, action, order_ref, state, quantity, reason, version, updated_by, updated_at)
    VALUES (
        p_as_of, p_item_id, p_site_id, p_action, p_order_ref, p_state, quantity, coalesce(reason, before.reason), 1,
        person.user_id, clock_timestamp())
    ON CONFLICT ON CONSTRAINT recommendation_states_pkey DO UPDATE SET
        state = excluded.state, quantity = excluded.quantity, reason = excluded.reason, version = s.version + 1,
        updated_by = excluded.updated_by, updated_at = excluded.updated_at
    WHERE s.version = p_expected_version
    RETURNING s.version INTO new_version;
    IF new_version IS NULL THEN
        -- Two first decisions at once: this one came second.
        RAISE EXCEPTION 'version_conflict' USING ERRCODE = 'NV409';
    END IF;
    PERFORM support.record_word(
        p_as_of, p_item_id, p_site_id, p_action, p_order_ref, p_state, quantity, coalesce(reason, before.reason),
        new_version, person.user_id);
    PERFORM support.append_audit(
        person.username, 'recommendation.' || lower(p_state), support.item_site(p_item_id, p_site_id), 'DONE',
        jsonb_build_object(
            'as_of', p_as_of, 'action', p_action, 'order_ref', p_order_ref, 'advised', advised, 'quantity', quantity,
            'reason', reason, 'version', new_version));
    RETURN new_version;
END $$;

CREATE FUNCTION support.withdraw_decision(
    p_session bytea, p_as_of date, p_item_id bigint, p_site_id bigint, p_action text, p_order_ref text,
    p_expected_version integer
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    before support.recommendation_states;
BEGIN
    SELECT * INTO before FROM support.recommendation_states s
    WHERE s.as_of = p_as_of AND s.item_id = p_item_id AND s.site_id = p_site_id AND s.action = p_action
      AND s.order_ref = p_order_ref
    FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'decision_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.require_version(before.version, p_expected_version);
    IF before.state IN ('EXPORTED', 'RECEIVED') THEN
        RAISE EXCEPTION 'state_refused' USING ERRCODE = 'NV409', DETAIL = before.state;
    END IF;
    DELETE FROM support.recommendation_states s
    WHERE s.as_of = p_as_of AND s.item_id = p_item_id AND s.site_id = p_site_id AND s.action = p_action
      AND s.order_ref = p_order_ref;
    PERFORM support.record_word(
        p_as_of, p_item_id, p_site_id, p_action, p_order_ref, 'PROPOSED', NULL, NULL, before.version + 1, person.user_id);
    PERFORM support.append_audit(
        person.username, 'recommendation.withdrawn', support.item_site(p_item_id, p_site_id), 'DONE',
        jsonb_build_object(
            'as_of', p_as_of, 'action', p_action, 'order_ref', p_order_ref, 'state', before.state,
            'quantity', before.quantity, 'version', before.version));
END $$;

-- The whole state of an alert: read or not, quiet until, in whose care, with what remark.
CREATE FUNCTION support.set_alert_state(
    p_session bytea, p_item_id bigint, p_site_id bigint, p_cause text, p_read boolean, p_snoozed_until date,
    p_owner text DEFAULT NULL, p_note text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    keeper support.users;
    entity text := support.item_site(p_item_id, p_site_id);
BEGIN
    IF p_owner IS NOT NULL THEN
        keeper := support.known_user(p_owner);
    END IF;
    INSERT INTO support.alert_states AS s (
        item_id, site_id, cause, read_at, snoozed_until, owner_id, note, updated_by, updated_at)
    VALUES (
        p_item_id, p_site_id, p_cause, CASE WHEN p_read THEN clock_timestamp() END, p_snoozed_until, keeper.user_id,
        left(nullif(trim(p_note), ''), 1000), person.user_id, clock_timestamp())
    ON CONFLICT ON CONSTRAINT alert_states_pkey DO UPDATE SET
        read_at = CASE WHEN p_read THEN coalesce(s.read_at, excluded.read_at) END,
        snoozed_until = excluded.snoozed_until, owner_id = excluded.owner_id, note = excluded.note,
        updated_by = excluded.updated_by, updated_at = excluded.updated_at;
    PERFORM support.append_audit(
        person.username, 'alert.state_set', entity, 'DONE',
        jsonb_build_object(
            'cause', p_cause, 'read', p_read, 'snoozed_until', p_snoozed_until, 'owner', keeper.username,
            'note', p_note));
END $$;

-- Closes an alert as it stood on a date. It stays closed until its severity changes or it comes anew.
CREATE FUNCTION support.resolve_alert(
    p_session bytea, p_as_of date, p_item_id bigint, p_site_id bigint, p_cause text, p_reason text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    reason text := left(nullif(trim(p_reason), ''), 1000);
BEGIN
    IF reason IS NULL THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    IF NOT EXISTS (
        SELECT FROM analytics.alerts a
        WHERE a.as_of = p_as_of AND a.item_id = p_item_id AND a.site_id = p_site_id AND a.cause = p_cause
    ) THEN
        RAISE EXCEPTION 'alert_unknown' USING ERRCODE = 'NV404';
    END IF;
    INSERT INTO support.alert_states AS s (
        item_id, site_id, cause, read_at, resolved_on, resolution, updated_by, updated_at)
    VALUES (
        p_item_id, p_site_id, p_cause, clock_timestamp(), p_as_of, reason, person.user_id, clock_timestamp())
    ON CONFLICT ON CONSTRAINT alert_states_pkey DO UPDATE SET
        read_at = coalesce(s.read_at, excluded.read_at), resolved_on = excluded.resolved_on,
        resolution = excluded.resolution, updated_by = excluded.updated_by, updated_at = excluded.updated_at;
    PERFORM support.append_audit(
        person.username, 'alert.resolved', support.item_site(p_item_id, p_site_id), 'DONE',
        jsonb_build_object('as_of', p_as_of, 'cause', p_cause, 'reason', reason));
END $$;

CREATE FUNCTION support.reopen_alert(p_session bytea, p_item_id bigint, p_site_id bigint, p_cause text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
BEGIN
    UPDATE support.alert_states s
    SET resolved_on = NULL, resolution = NULL, updated_by = person.user_id, updated_at = clock_timestamp()
    WHERE s.item_id = p_item_id AND s.site_id = p_site_id AND s.cause = p_cause AND s.resolved_on IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'alert_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.append_audit(
        person.username, 'alert.reopened', support.item_site(p_item_id, p_site_id), 'DONE',
        jsonb_build_object('cause', p_cause));
END $$;

CREATE FUNCTION support.add_override(
    p_session bytea, p_item_id bigint, p_site_id bigint, p_field text, p_target text, p_value double precision,
    p_reason text, p_valid_until date
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    entity text := support.item_site(p_item_id, p_site_id);
    id bigint;
BEGIN
    IF p_field IS NULL OR p_field NOT IN ('FORECAST', 'SAFETY_STOCK', 'LEAD_TIME', 'QUANTITY')
        OR p_value IS NULL OR p_value < 0 OR p_value IN ('NaN', 'Infinity') OR trim(coalesce(p_reason, '')) = ''
        OR p_valid_until IS NULL OR p_valid_until < (now() AT TIME ZONE 'America/Bahia')::date
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    INSERT INTO support.overrides (item_id, site_id, field, target, value, reason, created_by, valid_until)
    VALUES (p_item_id, p_site_id, p_field, p_target, p_value, left(trim(p_reason), 1000), person.user_id, p_valid_until)
    RETURNING override_id INTO id;
    PERFORM support.append_audit(
        person.username, 'override.added', entity, 'DONE',
        jsonb_build_object(
            'override_id', id, 'field', p_field, 'target', p_target, 'value', p_value, 'reason', p_reason,
            'valid_until', p_valid_until));
    RETURN id;
END $$;

CREATE FUNCTION support.withdraw_override(p_session bytea, p_override_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.planner(p_session);
    gone support.overrides;
BEGIN
    UPDATE support.overrides o SET withdrawn_at = clock_timestamp()
    WHERE o.override_id = p_override_id AND o.withdrawn_at IS NULL
    RETURNING * INTO gone;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'override_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.append_audit(
        person.username, 'override.withdrawn', support.item_site(gone.item_id, gone.site_id), 'DONE',
        jsonb_build_object('override_id', p_override_id, 'field', gone.field, 'value', gone.value));
END $$;
