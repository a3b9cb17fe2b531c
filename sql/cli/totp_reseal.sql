-- The same secret, encrypted with another key. Parameters: user_id, old, new.
UPDATE support.second_factors SET secret = %(new)s WHERE user_id = %(user_id)s AND secret = %(old)s
