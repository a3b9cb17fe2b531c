-- Planning rules that an ADMIN keeps on the screens. The pipeline reads them beside those of the ERP.

-- Sets the rule of a scope, in place of the one that stood there. `p_rule` holds the columns of planning_rule_edits that
-- make a rule; their bounds are those of the extract, as the table's checks.
CREATE FUNCTION support.set_planning_rule(p_session bytea, p_rule jsonb, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN']);
    given jsonb := jsonb_strip_nulls(p_rule);
    rule support.planning_rule_edits;
BEGIN
    IF jsonb_typeof(given) IS DISTINCT FROM 'object' OR trim(coalesce(p_reason, '')) = ''
        OR given - ARRAY['item_code', 'family', 'abc_class', 'site_code', 'criticality_min'] = '{}'
    THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END IF;
    BEGIN
        rule := jsonb_populate_record(NULL::support.planning_rule_edits, given);
    EXCEPTION WHEN invalid_text_representation OR numeric_value_out_of_range THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END;
    IF (rule.item_code IS NOT NULL AND NOT EXISTS (SELECT FROM core.dim_item i WHERE i.item_code = rule.item_code))
        OR (rule.family IS NOT NULL AND NOT EXISTS (SELECT FROM core.dim_item i WHERE i.family = rule.family))
        OR (rule.site_code IS NOT NULL AND NOT EXISTS (SELECT FROM core.dim_site s WHERE s.site_code = rule.site_code))
    THEN
        RAISE EXCEPTION 'scope_unknown' USING ERRCODE = 'NV404';
    END IF;
    -- Two rules for one scope at once: the second waits and ends the first.
    LOCK TABLE support.planning_rule_edits IN SHARE ROW EXCLUSIVE MODE;
    UPDATE support.planning_rule_edits e SET ended_by = person.user_id, ended_at = clock_timestamp()
    WHERE e.ended_at IS NULL
      AND (e.item_code, e.family, e.abc_class, e.site_code, e.criticality_min)
          IS NOT DISTINCT FROM (rule.item_code, rule.family, rule.abc_class, rule.site_code, rule.criticality_min);
    rule.edit_id := nextval(pg_get_serial_sequence('support.planning_rule_edits', 'edit_id'));
    rule.reason := left(trim(p_reason), 1000);
    rule.created_by := person.user_id;
    rule.created_at := clock_timestamp();
    rule.ended_by := NULL;
    rule.ended_at := NULL;
    BEGIN
        INSERT INTO support.planning_rule_edits OVERRIDING SYSTEM VALUE SELECT rule.*;
    EXCEPTION WHEN check_violation THEN
        RAISE EXCEPTION 'value_invalid' USING ERRCODE = 'NV422';
    END;
    PERFORM support.append_audit(
        person.username, 'rule.set', 'rule ' || rule.edit_id, 'DONE', given || jsonb_build_object('reason', rule.reason));
    RETURN rule.edit_id;
END $$;

-- Ends a rule of the screens: the ERP's rule of that scope, or the next wider one, counts again from the next run.
CREATE FUNCTION support.end_planning_rule(p_session bytea, p_edit_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    person support.users := support.acting(p_session, ARRAY['ADMIN']);
    ended support.planning_rule_edits;
BEGIN
    UPDATE support.planning_rule_edits e SET ended_by = person.user_id, ended_at = clock_timestamp()
    WHERE e.edit_id = p_edit_id AND e.ended_at IS NULL
    RETURNING * INTO ended;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'rule_unknown' USING ERRCODE = 'NV404';
    END IF;
    PERFORM support.append_audit(
        person.username, 'rule.ended', 'rule ' || p_edit_id, 'DONE', jsonb_strip_nulls(to_jsonb(ended)));
END $$;
