-- Monthly partitions and the swap of a closed month. nova_etl owns no table: these functions, owned by nova_owner, do for
-- it what needs ownership, on tables of our own schemas only.

CREATE FUNCTION support.partitioned_table(
    p_table regclass, OUT schema_name name, OUT table_name name, OUT column_name name
) LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT n.nspname, c.relname, a.attname INTO schema_name, table_name, column_name
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_partitioned_table p ON p.partrelid = c.oid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
    WHERE c.oid = p_table AND c.relkind = 'p' AND n.nspname IN ('staging', 'core', 'analytics');
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is no partitioned table of the platform', p_table USING ERRCODE = 'NV404';
    END IF;
END $$;

CREATE FUNCTION support.ensure_partitions(p_table regclass, p_from date, p_to date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent record;
    month date;
    partition text;
    created integer := 0;
BEGIN
    IF p_from < DATE '1990-01-01' OR p_to > DATE '2200-01-01' THEN
        RAISE EXCEPTION 'no partitions outside 1990 to 2200: % to %', p_from, p_to USING ERRCODE = 'NV422';
    END IF;
    SELECT * INTO parent FROM support.partitioned_table(p_table);
    PERFORM pg_advisory_xact_lock(hashtextextended('nova.partitions.' || p_table::oid, 0));
    FOR month IN
        SELECT m::date FROM generate_series(date_trunc('month', p_from::timestamp), (p_to - 1)::timestamp, '1 month') m
    LOOP
        partition := format('%I.%I', parent.schema_name, parent.table_name || to_char(month, '_YYYYMM'));
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        -- CREATE TABLE … PARTITION OF would lock readers of the whole table out; ATTACH does not.
        EXECUTE format(
            'CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', partition, p_table);
        EXECUTE format(
            'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
            p_table, partition, month, (month + interval '1 month')::date);
        created := created + 1;
    END LOOP;
    RETURN created;
END $$;

-- An empty table for the month's new rows, without constraints so that the checks can count what breaks them.
-- Its columns are spelled out: LIKE would hold a lock on the parent, on which two swaps could wait for each other.
CREATE FUNCTION support.begin_swap(p_table regclass, p_month date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent record;
    aside text;
    columns text;
BEGIN
    SELECT * INTO parent FROM support.partitioned_table(p_table);
    aside := parent.table_name || to_char(p_month, '_YYYYMM') || '_aside';
    SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum) INTO columns
    FROM pg_attribute WHERE attrelid = p_table AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('CREATE TABLE %I.%I (%s)', parent.schema_name, aside, columns);
    EXECUTE format('GRANT SELECT, INSERT ON %I.%I TO nova_etl', parent.schema_name, aside);
    RETURN aside;
END $$;

-- Constraints and indexes of the parent, and the bounds that let ATTACH skip its scan; all before any reader is held up.
CREATE FUNCTION support.seal_swap(p_table regclass, p_month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent record;
    aside text;
    clauses text;
    index_text text;
BEGIN
    SELECT * INTO parent FROM support.partitioned_table(p_table);
    aside := format('%I.%I', parent.schema_name, parent.table_name || to_char(p_month, '_YYYYMM') || '_aside');
    SELECT string_agg(clause, ', ') INTO clauses FROM (
        SELECT format('ALTER COLUMN %I SET NOT NULL', attname) AS clause
        FROM pg_attribute WHERE attrelid = p_table AND attnum > 0 AND attnotnull AND NOT attisdropped
        UNION ALL
        SELECT format('ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE conrelid = p_table AND contype = 'c'
        UNION ALL
        SELECT format('ADD %s', pg_get_constraintdef(oid))
        FROM pg_constraint WHERE conrelid = p_table AND contype = 'p'
        UNION ALL
        SELECT format(
            'ADD CONSTRAINT swap_bounds CHECK (%1$I >= %2$L AND %1$I < %3$L)',
            parent.column_name, p_month, (p_month + interval '1 month')::date)
    ) AS parts;
    EXECUTE format('ALTER TABLE %s %s', aside, clauses);
    FOR index_text IN
        SELECT CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ON ' || aside
            || substring(pg_get_indexdef(i.indexrelid) FROM ' USING .*')
        FROM pg_index i
        WHERE i.indrelid = p_table
          AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = p_table)
    LOOP
        EXECUTE 'CREATE ' || index_text;
    END LOOP;
    EXECUTE format('ANALYZE %s', aside);
END $$;

-- The only step that holds readers up, for milliseconds. It gives up after the lock_timeout, so that readers queueing
-- behind it while a long one finishes are not kept waiting; the caller tries again.
CREATE FUNCTION support.finish_swap(p_table regclass, p_month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    parent record;
    partition text;
    aside text;
BEGIN
    SELECT * INTO parent FROM support.partitioned_table(p_table);
    partition := parent.table_name || to_char(p_month, '_YYYYMM');
    aside := format('%I.%I', parent.schema_name, partition || '_aside');
    IF EXISTS (
        SELECT FROM pg_inherits
        WHERE inhparent = p_table AND inhrelid = to_regclass(format('%I.%I', parent.schema_name, partition))
    ) THEN
        EXECUTE format('ALTER TABLE %s DETACH PARTITION %I.%I', p_table, parent.schema_name, partition);
        EXECUTE format('DROP TABLE %I.%I', parent.schema_name, partition);
    END IF;
    EXECUTE format('REVOKE ALL ON %s FROM nova_etl', aside);
    EXECUTE format('ALTER TABLE %s RENAME TO %I', aside, partition);
    EXECUTE format(
        'ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
        p_table, parent.schema_name, partition, p_month, (p_month + interval '1 month')::date);
    EXECUTE format('ALTER TABLE %I.%I DROP CONSTRAINT swap_bounds', parent.schema_name, partition);
END $$;

-- Statistics of a table or a partition that was just filled: autovacuum comes minutes later, and until then the planner
-- takes a condition on it for one that hardly any row meets.
CREATE FUNCTION support.analyze_table(p_table regclass) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = p_table AND c.relkind IN ('r', 'p')
      AND (n.nspname IN ('staging', 'core', 'analytics') OR p_table = to_regclass('support.planning_rules'));
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is no table that the pipeline writes', p_table USING ERRCODE = 'NV404';
    END IF;
    EXECUTE format('ANALYZE %s', p_table);
END $$;

-- Recompute a materialized view without holding its readers up (the first time there is nothing to read). Returns its rows.
CREATE FUNCTION support.refresh_view(p_view regclass) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    populated boolean;
    rows bigint;
BEGIN
    SELECT c.relispopulated INTO populated
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = p_view AND c.relkind = 'm' AND n.nspname = 'analytics';
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is no materialized view of the platform', p_view USING ERRCODE = 'NV404';
    END IF;
    EXECUTE format('REFRESH MATERIALIZED VIEW %s %s', CASE WHEN populated THEN 'CONCURRENTLY' ELSE '' END, p_view);
    EXECUTE format('SELECT count(*) FROM %s', p_view) INTO rows;
    RETURN rows;
END $$;
