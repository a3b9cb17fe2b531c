-- What people did about alerts. Grain: one row per material, site and cause.
-- Parameters: none.
SELECT s.item_id, s.site_id, s.cause, s.read_at, s.snoozed_until, s.note, s.resolved_on, s.resolution, s.updated_at,
    owner.username AS owner, owner.display_name AS owner_name, changed.display_name AS changed_by
FROM support.alert_states AS s
LEFT JOIN support.people() AS owner ON owner.user_id = s.owner_id
LEFT JOIN support.people() AS changed ON changed.user_id = s.updated_by;
