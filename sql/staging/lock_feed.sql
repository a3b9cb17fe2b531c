-- One loader at a time for a feed, until the transaction ends. Parameters: feed text.
SELECT pg_advisory_xact_lock(hashtextextended('nova.landing.' || %(feed)s::text, 0))
