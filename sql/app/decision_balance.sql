-- Recommendations whose protection period ended in the last days, four ways, with the totals of all on every line; the ones
-- that matter most first. Grain: one row per recommendation replayed.
-- Parameters: as_of, days, families, abc, regions, sites, row_limit.
SELECT r.decided_on, r.as_of, r.action, r.order_ref, r.actual_demand, l.item_code, l.item_name, l.site_code, l.unit_measure,
    r.stockout_days_without, r.stockout_days_with, r.stockout_days_rule, r.stockout_days_actual,
    r.cost_without::double precision AS cost_without, r.cost_with::double precision AS cost_with,
    r.cost_rule::double precision AS cost_rule, r.cost_actual::double precision AS cost_actual,
    (r.cost_without - r.cost_with)::double precision AS saved,
    count(*) OVER () AS matching,
    sum(r.cost_without) OVER ()::double precision AS all_without, sum(r.cost_with) OVER ()::double precision AS all_with,
    sum(r.cost_rule) OVER ()::double precision AS all_rule, sum(r.cost_actual) OVER ()::double precision AS all_actual,
    sum(r.stockout_days_without) OVER () AS days_without, sum(r.stockout_days_with) OVER () AS days_with,
    sum(r.stockout_days_rule) OVER () AS days_rule, sum(r.stockout_days_actual) OVER () AS days_actual
FROM analytics.decision_replay AS r
JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id)
WHERE r.as_of > %(as_of)s::date - %(days)s::integer AND r.as_of <= %(as_of)s::date
    AND (%(families)s::text[] IS NULL OR l.family = ANY (%(families)s::text[]))
    AND (%(abc)s::text[] IS NULL OR l.abc_class = ANY (%(abc)s::text[]))
    AND (%(regions)s::text[] IS NULL OR l.region_code = ANY (%(regions)s::text[]))
    AND (%(sites)s::text[] IS NULL OR l.site_code = ANY (%(sites)s::text[]))
ORDER BY abs(r.cost_without - r.cost_with) DESC, r.decided_on, l.item_code, l.site_code, r.action, r.order_ref
LIMIT %(row_limit)s;
