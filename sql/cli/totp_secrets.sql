-- Every encrypted secret of a second factor. Grain: one row per person. Parameters: none.
SELECT user_id, secret FROM support.second_factors ORDER BY user_id
