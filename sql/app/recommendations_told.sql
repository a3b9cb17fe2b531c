-- What explains the recommendations of a day: the terms, what would flip them, and both in words.
-- Grain: one row per recommendation, of one material at one site or (both NULL) of all.
-- Parameters: as_of, item_id, site_id.
SELECT item_id, site_id, action, order_ref, terms::text AS terms, flips::text AS flips, explanation, explanation_en
FROM analytics.recommendations
WHERE as_of = %(as_of)s::date
    AND (%(item_id)s::bigint IS NULL OR (item_id, site_id) = (%(item_id)s::bigint, %(site_id)s::bigint));
