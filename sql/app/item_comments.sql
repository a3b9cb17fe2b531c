-- Remarks on a material, at a site or everywhere, newest first. Grain: one row per remark.
-- Parameters: item_id, site_id.
SELECT c.comment_id, c.body, c.created_at, p.display_name AS author, c.site_id IS NULL AS everywhere
FROM support.comments AS c
LEFT JOIN support.people() AS p ON p.user_id = c.created_by
WHERE c.item_id = %(item_id)s AND (c.site_id IS NULL OR c.site_id = %(site_id)s)
ORDER BY c.created_at DESC;
