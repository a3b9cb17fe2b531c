-- What the answers of the API stand on: newest publish, newest change of what people decided, and the as-of served.
-- Grain: one row. Parameters: none.
SELECT
    (SELECT coalesce(max(materialization_id), 0) FROM support.materializations) AS data_version,
    (SELECT count(*) || '.' || coalesce(extract(epoch FROM max(updated_at)), 0) FROM support.recommendation_states) AS decisions,
    (SELECT count(*) || '.' || coalesce(extract(epoch FROM max(updated_at)), 0) FROM support.alert_states) AS alert_states,
    (SELECT max(as_of) FROM analytics.stock_policies) AS as_of;
