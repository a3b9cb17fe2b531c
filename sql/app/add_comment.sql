-- Remark on a material at a site (NULL: everywhere). Grain: one row, the remark's number.
-- Parameters: session, item_id, site_id, body.
SELECT support.add_comment(
    p_session => %(session)s, p_item_id => %(item_id)s, p_site_id => %(site_id)s, p_body => %(body)s
) AS comment_id;
