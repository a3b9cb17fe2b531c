-- Quarantined rows of versions that are no longer in force. Parameters: file_ids bigint[].
DELETE FROM staging.rejects WHERE file_id = ANY(%(file_ids)s::bigint[])
