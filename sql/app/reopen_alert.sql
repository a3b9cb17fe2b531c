-- Open an alert again that a person had closed. Grain: one row.
-- Parameters: session, item_id, site_id, cause.
SELECT support.reopen_alert(
    p_session => %(session)s, p_item_id => %(item_id)s, p_site_id => %(site_id)s, p_cause => %(cause)s
);
