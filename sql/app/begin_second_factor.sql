-- Encrypted secret to check a code against, and how long to wait. Grain: one row, none when the challenge is over.
-- Parameters: challenge, source.
SELECT secret, last_step, wait_seconds
FROM support.begin_second_factor(p_challenge => %(challenge)s, p_source => %(source)s);
