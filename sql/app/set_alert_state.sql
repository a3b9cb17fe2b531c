-- Set what people did about an alert: read, snoozed, who owns it, remark. Grain: one row.
-- Parameters: session, item_id, site_id, cause, read, snoozed_until, owner, note.
SELECT support.set_alert_state(
    p_session => %(session)s, p_item_id => %(item_id)s, p_site_id => %(site_id)s, p_cause => %(cause)s,
    p_read => %(read)s, p_snoozed_until => %(snoozed_until)s, p_owner => %(owner)s, p_note => %(note)s
);
