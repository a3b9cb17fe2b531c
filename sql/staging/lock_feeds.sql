-- One loader at a time for each of these feeds, until the transaction ends. Taken in order of name, so that two loaders of
-- several feeds never wait for each other. Parameters: feeds text[].
SELECT pg_advisory_xact_lock(hashtextextended('nova.landing.' || feed, 0))
FROM (SELECT unnest(%(feeds)s::text[]) AS feed ORDER BY 1) AS ordered
