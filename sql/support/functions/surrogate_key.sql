-- The id of a code: the first 52 bits of its MD5, so that any load order gives the same ids and a float64 holds them.
-- Written for spread, not for secrecy: among 100,000 codes two share an id with probability 1e-6, which the unique index refuses.

CREATE FUNCTION core.surrogate_key(p_code text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ('x' || substr(md5(p_code), 1, 13))::bit(52)::bigint;
