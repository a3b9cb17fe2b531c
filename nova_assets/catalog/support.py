"""People, rights, decisions and provenance: tables that the app's functions and the pipeline's bookkeeping write."""

from __future__ import annotations

from nova_assets.catalog.staging import UNMET_DEMAND
from nova_resources.tables import Column, Index, Reach, Stage, Table, Upstream

USER_ROLES = ("ADMIN", "ANALYST", "VIEWER")


def _support(
    name: str, description: str, grain: str, columns: tuple[Column, ...], key: tuple[str, ...], *indexes: Index
) -> Table:
    return Table(
        schema="support",
        name=name,
        description=description,
        grain=grain,
        stage=Stage.SUPPORT,
        columns=columns,
        key=key,
        indexes=indexes,
        foreign_keys=True,
        asset=False,
        owner="platform@novacorrente.example",
        kinds=("postgres",),
    )


def _moment(name: str, description: str, *, nullable: bool = False, now: bool = False) -> Column:
    return Column(name, "timestamptz", description, nullable=nullable, default="now()" if now else None)


def _user(name: str, description: str, *, nullable: bool = False) -> Column:
    return Column(name, "bigint", description, nullable=nullable, references="support.users.user_id")


USERS = _support(
    "users",
    "People who may sign in.",
    "one row per person",
    (
        Column("user_id", "bigint", "Key.", identity=True),
        Column("username", "text", "Name to sign in with, lower case."),
        Column("display_name", "text", "Name on screens."),
        Column("email", "text", "E-mail address.", nullable=True),
        Column("password_hash", "text", "bcrypt hash of the password."),
        Column("role", "text", "What the person may do.", values=USER_ROLES),
        Column("active", "boolean", "False once the account is closed.", default="true"),
        Column("demo", "boolean", "True for an account of the demonstration.", default="false"),
        Column("locale", "text", "Language of the screens.", values=("pt-BR", "en"), default="'pt-BR'"),
        Column("failed_logins", "integer", "Wrong passwords since the last right one.", default="0", minimum=0),
        _moment("blocked_until", "No password is checked before this moment.", nullable=True),
        _moment("created_at", "When the account was made.", now=True),
        _moment("password_changed_at", "When the password was last set.", now=True),
        Column(
            "password_temporary",
            "boolean",
            "True while the password is one that somebody else chose; its owner must replace it.",
            default="false",
        ),
        _moment("last_login_at", "When the person last signed in.", nullable=True),
    ),
    ("user_id",),
    Index(("username",), unique=True),
)

SESSIONS = _support(
    "sessions",
    "Signed-in sessions. The browser holds a random id; only its hash is here.",
    "one row per sign-in",
    (
        Column("session_hash", "bytea", "SHA-256 of the session id."),
        _user("user_id", "Who is signed in."),
        Column(
            "kind",
            "text",
            "BROWSER, or API for one that a signed token stands for and that only reads.",
            values=("BROWSER", "API"),
            default="'BROWSER'",
        ),
        _moment("created_at", "When the session began.", now=True),
        _moment("last_seen_at", "Last request.", now=True),
        _moment("expires_at", "When the session ends whatever happens."),
        _moment("revoked_at", "When it was ended.", nullable=True),
        Column("ip", "text", "Address of the browser.", nullable=True),
        Column("user_agent", "text", "Browser.", nullable=True),
    ),
    ("session_hash",),
    Index(("user_id",)),
)

SETUP_TOKENS = _support(
    "setup_tokens",
    "One-time links that create the first ADMIN.",
    "one row per link",
    (
        Column("token_hash", "bytea", "SHA-256 of the token in the link."),
        _moment("created_at", "When the link was made.", now=True),
        _moment("expires_at", "When it stops working."),
        _moment("used_at", "When it was used.", nullable=True),
    ),
    ("token_hash",),
)

API_TOKENS = _support(
    "api_tokens",
    "Tokens of other systems for the REST API; only hashes.",
    "one row per token",
    (
        Column("token_hash", "bytea", "SHA-256 of the token."),
        _user("user_id", "Whose rights the token has."),
        Column("label", "text", "What the token is for."),
        _moment("created_at", "When it was made.", now=True),
        _moment("expires_at", "When it stops working."),
        _moment("last_used_at", "Last use.", nullable=True),
        _moment("revoked_at", "When it was withdrawn.", nullable=True),
    ),
    ("token_hash",),
)

LOGIN_ATTEMPTS = _support(
    "login_attempts",
    "Attempts to sign in, for unknown names too, so that guessing slows down whatever is guessed.",
    "one row per attempt",
    (
        Column("attempt_id", "bigint", "Key.", identity=True),
        Column("username", "text", "Name that was given, lower case."),
        Column("source", "text", "Address that it came from.", nullable=True),
        Column("succeeded", "boolean", "Whether the password was right."),
        _moment("at", "When.", now=True),
    ),
    ("attempt_id",),
    Index(("username", "at")),
    Index(("source", "at")),
)

SECOND_FACTORS = _support(
    "second_factors",
    "TOTP secrets, encrypted by the app, whose key is not in the database.",
    "one row per person who has begun to use one",
    (
        _user("user_id", "Whose."),
        Column("secret", "bytea", "Encrypted secret."),
        _moment("created_at", "When it was made.", now=True),
        _moment("confirmed_at", "When a first code was right; signing in asks for codes from then on.", nullable=True),
        Column("last_step", "bigint", "Time step of the last code that was used; older ones are refused.", default="0"),
    ),
    ("user_id",),
)

RECOVERY_CODES = _support(
    "recovery_codes",
    "Codes that stand in once each for a lost second factor; only hashes.",
    "one row per code",
    (
        _user("user_id", "Whose."),
        Column("code_hash", "bytea", "SHA-256 of the code."),
        _moment("used_at", "When it was used.", nullable=True),
    ),
    ("user_id", "code_hash"),
)

LOGIN_CHALLENGES = _support(
    "login_challenges",
    "Right passwords that wait for a code of the second factor.",
    "one row per challenge",
    (
        Column("challenge_hash", "bytea", "SHA-256 of the challenge that the browser holds."),
        _user("user_id", "Whose password was right."),
        Column("attempts", "integer", "Codes that were tried.", default="0", minimum=0),
        _moment("expires_at", "When it stops working."),
        _moment("used_at", "When it became a session.", nullable=True),
    ),
    ("challenge_hash",),
    Index(("expires_at",)),
)

IDENTITIES = _support(
    "identities",
    "Accounts at an identity provider and the person each stands for.",
    "one row per account at a provider",
    (
        Column("issuer", "text", "The provider's issuer address."),
        Column("subject", "text", "The provider's own key of the account."),
        _user("user_id", "Who it is here."),
        _moment("created_at", "When it was tied to the person.", now=True),
    ),
    ("issuer", "subject"),
    Index(("issuer", "user_id"), unique=True),
)

AUDIT_LOGS = _support(
    "audit_logs",
    "Who did or was refused what, when and from where. Append-only; each row carries the hash of the one before.",
    "one row per event",
    (
        Column("audit_id", "bigint", "Number in the chain, without gaps."),
        _moment("at", "When.", now=True),
        Column("actor", "text", "Who: a user name, or the process."),
        Column("action", "text", "What, such as login.succeeded or export.downloaded."),
        Column("entity", "text", "What it concerned.", nullable=True),
        Column("outcome", "text", "Whether it was done.", values=("DONE", "REFUSED", "FAILED")),
        Column("details", "jsonb", "Everything else, without secrets."),
        Column("ip", "text", "Address.", nullable=True),
        Column("user_agent", "text", "Browser.", nullable=True),
        Column("previous_hash", "bytea", "Hash of the row before."),
        Column("row_hash", "bytea", "SHA-256 over this row and the hash before."),
    ),
    ("audit_id",),
    Index(("actor", "at")),
    Index(("action", "at")),
)

AUDIT_HEAD = _support(
    "audit_head",
    "Head of the audit chain: last number and hash; locked while a row is added.",
    "exactly one row",
    (
        Column("only_row", "boolean", "Always true.", default="true"),
        Column("audit_id", "bigint", "Last number given."),
        Column("row_hash", "bytea", "Hash of the last row."),
    ),
    ("only_row",),
)

OVERRIDES = _support(
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
        _user("created_by", "Who."),
        _moment("created_at", "When.", now=True),
        Column("valid_until", "date", "Last day on which it counts."),
        _moment("withdrawn_at", "When it was taken back.", nullable=True),
    ),
    ("override_id",),
    Index(("item_id", "site_id")),
)

ALERT_STATES = _support(
    "alert_states",
    "What people did about an alert; the pipeline never writes here.",
    "one row per material, site and cause",
    (
        Column("item_id", "bigint", "Material."),
        Column("site_id", "bigint", "Site."),
        Column("cause", "text", "Cause of the alert."),
        _moment("read_at", "When it was read.", nullable=True),
        Column("snoozed_until", "date", "Day until which it stays quiet.", nullable=True),
        _user("owner_id", "Who takes care of it.", nullable=True),
        Column("note", "text", "Remark.", nullable=True),
        _user("updated_by", "Who changed it last."),
        _moment("updated_at", "When.", now=True),
    ),
    ("item_id", "site_id", "cause"),
)

RECOMMENDATION_STATES = _support(
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
        _user("updated_by", "Who decided."),
        _moment("updated_at", "When.", now=True),
    ),
    ("as_of", "item_id", "site_id", "action", "order_ref"),
)

RECOMMENDATION_HISTORY = _support(
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
        _user("decided_by", "Who."),
        _moment("at", "When.", now=True),
    ),
    ("history_id",),
    Index(("item_id", "site_id", "at")),
)

SCENARIO_REQUESTS = _support(
    "scenario_requests",
    "What-ifs that people asked for; the answers stand in analytics.scenarios under request_<id>.",
    "one row per request",
    (
        Column("request_id", "bigint", "Key.", identity=True),
        Column("as_of", "date", "Date that the history is replayed up to."),
        Column("parameters", "jsonb", "Policies, service levels and months to replay."),
        _user("asked_by", "Who."),
        _moment("asked_at", "When.", now=True),
    ),
    ("request_id",),
    Index(("as_of",)),
)

SAVED_VIEWS = _support(
    "saved_views",
    "Filters that a person keeps under a name.",
    "one row per saved view",
    (
        Column("view_id", "bigint", "Key.", identity=True),
        _user("user_id", "Whose view."),
        Column("screen", "text", "Screen."),
        Column("name", "text", "Name."),
        Column("query", "text", "Query string of the URL."),
        _moment("created_at", "When.", now=True),
    ),
    ("view_id",),
    Index(("user_id", "screen", "name"), unique=True),
)

COMMENTS = _support(
    "comments",
    "Remarks of people on a material at a site.",
    "one row per comment",
    (
        Column("comment_id", "bigint", "Key.", identity=True),
        Column("item_id", "bigint", "Material."),
        Column("site_id", "bigint", "Site.", nullable=True),
        Column("body", "text", "Text."),
        _user("created_by", "Who."),
        _moment("created_at", "When.", now=True),
    ),
    ("comment_id",),
    Index(("item_id", "site_id")),
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
        Column("unmet_demand", "text", "What becomes of unmet demand.", nullable=True, values=UNMET_DEMAND),
    ),
    key=("rule_id",),
    upstream=(Upstream("staging.planning_rules", Reach.ALL),),
)

MATERIALIZATIONS = _support(
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
        _moment("at", "When.", now=True),
    ),
    ("materialization_id",),
    Index(("table_name", "materialization_id")),
    Index(("windows",), method="gist"),
)

CHECK_RESULTS = _support(
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
        _moment("at", "When.", now=True),
    ),
    ("table_name", "check_name"),
)

TABLES = (
    USERS,
    SESSIONS,
    SETUP_TOKENS,
    API_TOKENS,
    LOGIN_ATTEMPTS,
    SECOND_FACTORS,
    RECOVERY_CODES,
    LOGIN_CHALLENGES,
    IDENTITIES,
    AUDIT_LOGS,
    AUDIT_HEAD,
    OVERRIDES,
    ALERT_STATES,
    RECOMMENDATION_STATES,
    RECOMMENDATION_HISTORY,
    SCENARIO_REQUESTS,
    SAVED_VIEWS,
    COMMENTS,
    PLANNING_RULES,
    MATERIALIZATIONS,
    CHECK_RESULTS,
)
