-- Record what a person decided about a recommendation. Grain: one row, the new version.
-- Parameters: session, as_of, item_id, site_id, action, order_ref, state, quantity, reason, expected_version.
SELECT support.decide_recommendation(
    p_session => %(session)s, p_as_of => %(as_of)s, p_item_id => %(item_id)s, p_site_id => %(site_id)s,
    p_action => %(action)s, p_order_ref => %(order_ref)s, p_state => %(state)s, p_quantity => %(quantity)s,
    p_reason => %(reason)s, p_expected_version => %(expected_version)s
) AS version;
