-- What waits behind the menu's entries: unread alerts that are neither put off nor closed, and recommendations that nobody decided.
-- Grain: one row. Parameters: today.
SELECT
    (SELECT count(*) FROM analytics.mv_alerts_open AS a
     LEFT JOIN support.alert_states AS s USING (item_id, site_id, cause)
     WHERE (s.read_at IS NULL
             OR (a.severity <> a.first_severity AND (s.read_at AT TIME ZONE 'America/Bahia')::date < a.severity_since)) AND (s.snoozed_until IS NULL OR s.snoozed_until <= %(today)s::date)
         AND (s.resolved_on IS NULL OR s.resolved_on < a.severity_since)) AS alerts,
    (SELECT count(*) FROM analytics.recommendations AS r
     WHERE r.as_of = (SELECT max(as_of) FROM analytics.mv_item_sites_latest) AND r.action <> 'HOLD'
         AND NOT EXISTS (
             SELECT FROM support.recommendation_states AS s
             WHERE s.as_of = r.as_of AND s.item_id = r.item_id AND s.site_id = r.site_id AND s.action = r.action
                 AND s.order_ref = r.order_ref)) AS recommendations;
