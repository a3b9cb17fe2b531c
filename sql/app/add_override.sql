-- Put a planner's number beside a computed one. Grain: one row, the override's number.
-- Parameters: session, item_id, site_id, field, target, value, reason, valid_until.
SELECT support.add_override(
    p_session => %(session)s, p_item_id => %(item_id)s, p_site_id => %(site_id)s, p_field => %(field)s, p_target => %(target)s,
    p_value => %(value)s, p_reason => %(reason)s, p_valid_until => %(valid_until)s
) AS override_id;
