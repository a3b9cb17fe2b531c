"""Decisions and provenance: tables that the app's functions and the pipeline's bookkeeping write."""

from __future__ import annotations

from nova_assets.catalog import access, staging
from nova_assets.catalog.access import moment, support_table, user
from nova_assets.catalog.staging import UNMET_DEMAND
from nova_resources.tables import Column, Index, Reach, Stage, Table, Upstream

OVERRIDES = support_table(
    "overrides",
    "What planners put in the place of a computed number, kept apart from it, with reason and expiry.",
    "one row per override",
    (
        Column("override_id", "bigint", "Key.", identity=True),
        Column("item_id", "bigint", "Material."),
        Column("site_id", "bigint", "Site."),
        Column(
            "field", "text", "Number that is overridden.", values=("FORECAST", "SAFETY_STOCK", "LEAD_TIME", "QUANTITY")
        ),
        Column("target", "text", "Which sum, for a forecast.", nullable=True),
        Column("value", "double precision", "The planner's number.", minimum=0),
        Column("reason", "text", "Why."),
        user("created_by", "Who."),
        moment("created_at", "When.", now=True),
        Column("valid_until", "date", "Last day on which it counts."),
        moment("withdrawn_at", "When it was taken back.", nullable=True),
    ),
    ("override_id",),
    Index(("item_id", "site_id")),
)

ALERT_STATES = support_table(
    "alert_states",
    "What people did about an alert; the pipeline never writes here.",
    "one row per material, site and cause",
    (
        Column("item_id", "bigint", "Material."),
        Column("site_id", "bigint", "Site."),
        Column("cause", "text", "Cause of the alert."),
        moment("read_at", "When it was read.", nullable=True),
        Column("snoozed_until", "date", "Day until which it stays quiet.", nullable=True),
        user("owner_id", "Who takes care of it.", nullable=True),
        Column("note", "text", "Remark.", nullable=True),
        Column(
            "resolved_on",
            "date",
            "Date of the alert that a person closed; another severity or a new life after it opens it again.",
            nullable=True,
        ),
        Column("resolution", "text", "Why it was closed.", nullable=True),
        user("updated_by", "Who changed it last."),
        moment("updated_at", "When.", now=True),
    ),
    ("item_id", "site_id", "cause"),
)

RECOMMENDATION_STATES = support_table(
    "recommendation_states",
    "What people decided about a recommendation; the pipeline never writes here.",
    "one row per recommendation that somebody acted on",
    (
        Column("as_of", "date", "Date of the recommendation."),
        Column("item_id", "bigint", "Material."),
        Column("site_id", "bigint", "Site."),
        Column("action", "text", "Action recommended."),
        Column("order_ref", "text", "Order concerned, or ''."),
        Column("state", "text", "Decision.", values=("APPROVED", "ADJUSTED", "REJECTED", "EXPORTED", "RECEIVED")),
        Column("quantity", "double precision", "Quantity decided.", nullable=True, minimum=0),
        Column("reason", "text", "Why, where it departs from the recommendation.", nullable=True),
        Column("version", "integer", "Grows by one with each change (optimistic locking).", default="1", minimum=1),
        user("updated_by", "Who decided."),
        moment("updated_at", "When.", now=True),
    ),
    ("as_of", "item_id", "site_id", "action", "order_ref"),
)

RECOMMENDATION_HISTORY = support_table(
    "recommendation_history",
    "Every word that people said about a recommendation, in order; an as-of counts those spoken by then.",
    "one row per change of a recommendation's state",
    (
        Column("history_id", "bigint", "Key, in order.", identity=True),
        Column("as_of", "date", "Date of the recommendation."),
        Column("item_id", "bigint", "Material."),
        Column("site_id", "bigint", "Site."),
        Column("action", "text", "Action recommended."),
        Column("order_ref", "text", "Order concerned, or ''."),
        Column(
            "state",
            "text",
            "State from then on; PROPOSED once a decision was withdrawn.",
            values=("PROPOSED", "APPROVED", "ADJUSTED", "REJECTED", "EXPORTED", "RECEIVED"),
        ),
        Column("quantity", "double precision", "Quantity decided.", nullable=True, minimum=0),
        Column("reason", "text", "Why, where it departs from the recommendation.", nullable=True),
        Column("supplier_id", "bigint", "Supplier recommended.", nullable=True),
        Column("from_site_code", "text", "Site that gives, for a transfer.", nullable=True),
        Column("version", "integer", "Version of the state that it made.", minimum=1),
        user("decided_by", "Who."),
        moment("at", "When.", now=True),
    ),
    ("history_id",),
    Index(("item_id", "site_id", "at")),
)

SCENARIO_REQUESTS = support_table(
    "scenario_requests",
    "What-ifs that people asked for; the answers stand in analytics.scenarios under request_<id>.",
    "one row per request",
    (
        Column("request_id", "bigint", "Key.", identity=True),
        Column("as_of", "date", "Date that the history is replayed up to."),
        Column("parameters", "jsonb", "Policies, service levels and months to replay."),
        user("asked_by", "Who."),
        moment("asked_at", "When.", now=True),
    ),
    ("request_id",),
    Index(("as_of",)),
)

RUN_REQUESTS = support_table(
    "run_requests",
    "Runs of the pipeline that an ADMIN asked for on the screens, and how far each of them is.",
    "one row per request",
    (
        Column("request_id", "bigint", "Key.", identity=True),
        Column(
            "kind",
            "text",
            "Files that wait, some days again, the models of a month, or what a failed run left undone.",
            values=("LOAD", "DAYS", "MONTH", "RERUN"),
        ),
        Column("first_day", "date", "First business date that is computed.", nullable=True),
        Column("last_day", "date", "Last one.", nullable=True),
        Column("failed_run", "text", "Run whose rest is computed.", nullable=True),
        user("asked_by", "Who."),
        moment("asked_at", "When.", now=True),
        Column(
            "state",
            "text",
            "How far it is; the sensor writes what Dagster says.",
            values=("QUEUED", "RUNNING", "DONE", "FAILED"),
            default="'QUEUED'",
        ),
        Column("run_id", "text", "Run that was launched for it.", nullable=True),
        Column("tables", "integer", "Tables that the run computes.", nullable=True, minimum=0),
        Column("tables_done", "integer", "Those of them that are done.", nullable=True, minimum=0),
        Column("failure", "text", "Why it failed.", nullable=True),
        moment("started_at", "When the run began.", nullable=True),
        moment("ended_at", "When it ended.", nullable=True),
        moment("told_at", "When the sensor last looked.", nullable=True),
    ),
    ("request_id",),
)

SAVED_VIEWS = support_table(
    "saved_views",
    "Filters that a person keeps under a name.",
    "one row per saved view",
    (
        Column("view_id", "bigint", "Key.", identity=True),
        user("user_id", "Whose view."),
        Column("screen", "text", "Screen."),
        Column("name", "text", "Name."),
        Column("query", "text", "Query string of the URL."),
        moment("created_at", "When.", now=True),
    ),
    ("view_id",),
    Index(("user_id", "screen", "name"), unique=True),
)

COMMENTS = support_table(
    "comments",
    "Remarks of people on a material at a site.",
    "one row per comment",
    (
        Column("comment_id", "bigint", "Key.", identity=True),
        Column("item_id", "bigint", "Material."),
        Column("site_id", "bigint", "Site.", nullable=True),
        Column("body", "text", "Text."),
        user("created_by", "Who."),
        moment("created_at", "When.", now=True),
    ),
    ("comment_id",),
    Index(("item_id", "site_id")),
)

PLANNING_RULE_EDITS = support_table(
    "planning_rule_edits",
    "Planning rules that an ADMIN sets on the screens, apart from those of the ERP; they count from the next run until "
    "ended.",
    "one row per rule set; the former one of the same scope is ended",
    (
        Column("edit_id", "bigint", "Key.", identity=True),
        *(column for column in staging.PLANNING_RULES.columns if column not in staging.PROVENANCE),
        Column("reason", "text", "Why."),
        user("created_by", "Who set it."),
        moment("created_at", "When.", now=True),
        user("ended_by", "Who ended it.", nullable=True),
        moment("ended_at", "When it was ended; NULL while it stands.", nullable=True),
    ),
    ("edit_id",),
)

PLANNING_RULES = Table(
    schema="support",
    name="planning_rules",
    description="Planning rules in force; for each parameter the most specific rule that gives it wins.",
    grain="one row per rule",
    stage=Stage.CORE,
    columns=(
        Column("rule_id", "bigint", "Key: core.surrogate_key of the scope."),
        Column("item_code", "text", "Scope: material.", nullable=True),
        Column("family", "text", "Scope: family.", nullable=True),
        Column("abc_class", "text", "Scope: ABC class.", nullable=True, values=("A", "B", "C")),
        Column("site_code", "text", "Scope: site.", nullable=True),
        Column("criticality_min", "numeric(18,4)", "Scope: criticality of at least this.", nullable=True),
        Column("specificity", "integer", "How narrow the scope is; wins over smaller.", minimum=0),
        Column(
            "service_level",
            "numeric(18,4)",
            "Wanted probability of no stock-out.",
            nullable=True,
            minimum=0.5,
            maximum=0.9999,
        ),
        Column("review_days", "numeric(18,4)", "Days between two looks.", nullable=True, unit="days", minimum=0),
        Column("lead_time_days", "numeric(18,4)", "Lead time to plan with.", nullable=True, unit="days", minimum=0),
        Column("holding_rate_year", "numeric(18,4)", "Yearly holding cost, share of value.", nullable=True, minimum=0),
        Column(
            "holding_cost_unit_day", "numeric(18,4)", "Holding a unit for a day.", nullable=True, unit="BRL", minimum=0
        ),
        Column("shortage_cost_unit", "numeric(18,4)", "One unit short.", nullable=True, unit="BRL", minimum=0),
        Column("fixed_order_cost", "numeric(18,4)", "One order line.", nullable=True, unit="BRL", minimum=0),
        Column("max_stock", "numeric(18,4)", "Most on hand and on order.", nullable=True, unit="units", minimum=0),
        Column("unmet_demand", "text", "What becomes of unmet demand.", nullable=True, values=UNMET_DEMAND),
        Column("origin", "text", "Who keeps it: the ERP's extract or the app.", values=("ERP", "APP"), default="'ERP'"),
    ),
    key=("rule_id",),
    upstream=(
        Upstream("staging.planning_rules", Reach.ALL),
        Upstream("support.planning_rule_edits", Reach.ALL),
    ),
)

MATERIALIZATIONS = support_table(
    "materializations",
    "The ledger: every publish of a window, written in the transaction that published it.",
    "one row per publish",
    (
        Column("materialization_id", "bigint", "Key, in order of publish.", identity=True),
        Column("table_name", "text", "Table, as schema.name."),
        Column(
            "windows",
            "datemultirange",
            "Business dates that were written; NULL for a table without windows.",
            nullable=True,
        ),
        Column("run_id", "text", "Run that wrote it."),
        Column("code_version", "text", "Version of the code that computed it."),
        Column("rows", "bigint", "Rows written.", minimum=0),
        Column("mode", "text", "How it was published.", values=("SWAP", "REPLACE", "APPEND", "REFRESH")),
        Column(
            "inputs_seen",
            "bigint",
            "Newest entry that the inputs could hold when read; NULL where only this entry's own place tells.",
            nullable=True,
        ),
        Column("details", "jsonb", "Sources, models, seeds and anything else that reproduces it.", default="'{}'"),
        moment("at", "When.", now=True),
    ),
    ("materialization_id",),
    Index(("table_name", "materialization_id")),
    Index(("windows",), method="gist"),
)

CHECK_RESULTS = support_table(
    "check_results",
    "Latest outcome of each check of a table: of what was published, or of what was refused.",
    "one row per table and check",
    (
        Column("table_name", "text", "Table, as schema.name."),
        Column("check_name", "text", "Check.", values=("rules", "reconciliation")),
        Column("passed", "boolean", "False when a rule is broken."),
        Column(
            "severity", "text", "ERROR: nothing may be computed with it. WARN: look at it.", values=("ERROR", "WARN")
        ),
        Column(
            "windows", "datemultirange", "Business dates looked at; NULL for a table without windows.", nullable=True
        ),
        Column("rows", "bigint", "Rows looked at.", minimum=0),
        Column("broken", "bigint", "Rows that break a rule; one that breaks two counts twice.", minimum=0),
        Column("details", "jsonb", "Window, rule, rows and samples of what is broken.", default="'[]'"),
        Column("run_id", "text", "Run that looked."),
        moment("at", "When.", now=True),
    ),
    ("table_name", "check_name"),
)

RUN_PROGRESS = support_table(
    "run_progress",
    "How far the latest long computation of each table is, and why it ended where it failed.",
    "one row per table that tells its progress",
    (
        Column("table_name", "text", "Table, as schema.name."),
        Column("as_of", "date", "Last business date of the window that is computed.", nullable=True),
        Column("run_id", "text", "Run that computes."),
        Column("doing", "text", "What is being done."),
        Column("share", "double precision", "Share of it that is done.", minimum=0, maximum=1),
        Column("failure", "text", "Why the run failed; NULL while it goes on.", nullable=True),
        moment("started_at", "When the run began with this window.", now=True),
        moment("at", "When it last said so.", now=True),
    ),
    ("table_name",),
)

TABLES = (
    *access.TABLES,
    OVERRIDES,
    ALERT_STATES,
    RECOMMENDATION_STATES,
    RECOMMENDATION_HISTORY,
    SCENARIO_REQUESTS,
    RUN_REQUESTS,
    SAVED_VIEWS,
    COMMENTS,
    PLANNING_RULE_EDITS,
    PLANNING_RULES,
    MATERIALIZATIONS,
    CHECK_RESULTS,
    RUN_PROGRESS,
)
