-- What changed since revision 0001. Generated from the catalog; not edited by hand.
-- Tables of schema analytics are derived: where rows do not fit the new shape they are emptied, and the next run
-- computes them again. Rows of staging, core and support stay.

CREATE TABLE support.check_results (
    table_name text NOT NULL,
    check_name text NOT NULL,
    passed boolean NOT NULL,
    severity text NOT NULL,
    windows datemultirange,
    rows bigint NOT NULL,
    broken bigint NOT NULL,
    details jsonb NOT NULL DEFAULT '[]',
    run_id text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT check_results_pkey PRIMARY KEY (table_name, check_name),
    CONSTRAINT check_results_check_name_values CHECK (check_name IN ('rules', 'reconciliation')),
    CONSTRAINT check_results_severity_values CHECK (severity IN ('ERROR', 'WARN')),
    CONSTRAINT check_results_rows_range CHECK (rows >= 0),
    CONSTRAINT check_results_broken_range CHECK (broken >= 0)
);
COMMENT ON TABLE support.check_results IS 'Latest outcome of each check of a table: of what was published, or of what was refused. Grain: one row per table and check.';
COMMENT ON COLUMN support.check_results.table_name IS 'Table, as schema.name.';
COMMENT ON COLUMN support.check_results.check_name IS 'Check.';
COMMENT ON COLUMN support.check_results.passed IS 'False when a rule is broken.';
COMMENT ON COLUMN support.check_results.severity IS 'ERROR: nothing may be computed with it. WARN: look at it.';
COMMENT ON COLUMN support.check_results.windows IS 'Business dates looked at; NULL for a table without windows.';
COMMENT ON COLUMN support.check_results.rows IS 'Rows looked at.';
COMMENT ON COLUMN support.check_results.broken IS 'Rows that break a rule; one that breaks two counts twice.';
COMMENT ON COLUMN support.check_results.details IS 'Window, rule, rows and samples of what is broken.';
COMMENT ON COLUMN support.check_results.run_id IS 'Run that looked.';
COMMENT ON COLUMN support.check_results.at IS 'When.';

GRANT SELECT, INSERT, UPDATE ON support.check_results TO nova_etl;

GRANT SELECT ON support.check_results TO nova_app;
