-- Features of an item-site as the models see them. Grain: one row at most.
-- Parameters: item_id, site_id, as_of.
SELECT schema_version, features::text AS features
FROM analytics.features_store
WHERE as_of = %(as_of)s AND item_id = %(item_id)s AND site_id = %(site_id)s;
