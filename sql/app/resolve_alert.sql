-- Close an alert as it stands on a date, with the reason. Grain: one row.
-- Parameters: session, as_of, item_id, site_id, cause, reason.
SELECT support.resolve_alert(
    p_session => %(session)s, p_as_of => %(as_of)s, p_item_id => %(item_id)s, p_site_id => %(site_id)s,
    p_cause => %(cause)s, p_reason => %(reason)s
);
