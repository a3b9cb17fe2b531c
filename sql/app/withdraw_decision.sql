-- Take a decision back, as long as it has not been exported. Grain: one row.
-- Parameters: session, as_of, item_id, site_id, action, order_ref, expected_version.
SELECT support.withdraw_decision(
    p_session => %(session)s, p_as_of => %(as_of)s, p_item_id => %(item_id)s, p_site_id => %(site_id)s,
    p_action => %(action)s, p_order_ref => %(order_ref)s, p_expected_version => %(expected_version)s
);
