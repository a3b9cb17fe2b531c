"""People, how they prove who they are, and what they did: tables that only the functions of schema support write."""

from __future__ import annotations

from nova_resources.tables import Column, Index, Stage, Table

USER_ROLES = ("ADMIN", "ANALYST", "VIEWER")


def support_table(
    name: str, description: str, grain: str, columns: tuple[Column, ...], key: tuple[str, ...], *indexes: Index
) -> Table:
    """A table of schema support: no asset, with foreign keys."""
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


def moment(name: str, description: str, *, nullable: bool = False, now: bool = False) -> Column:
    """A point in time; `now` is its default."""
    return Column(name, "timestamptz", description, nullable=nullable, default="now()" if now else None)


def user(name: str, description: str, *, nullable: bool = False) -> Column:
    """A reference to a person."""
    return Column(name, "bigint", description, nullable=nullable, references="support.users.user_id")


USERS = support_table(
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
        moment("blocked_until", "No password is checked before this moment.", nullable=True),
        moment("created_at", "When the account was made.", now=True),
        moment("password_changed_at", "When the password was last set.", now=True),
        Column(
            "password_temporary",
            "boolean",
            "True while the password is one that somebody else chose; its owner must replace it.",
            default="false",
        ),
        moment("last_login_at", "When the person last signed in.", nullable=True),
    ),
    ("user_id",),
    Index(("username",), unique=True),
)

SESSIONS = support_table(
    "sessions",
    "Signed-in sessions. The browser holds a random id; only its hash is here.",
    "one row per sign-in",
    (
        Column("session_hash", "bytea", "SHA-256 of the session id."),
        user("user_id", "Who is signed in."),
        Column(
            "kind",
            "text",
            "BROWSER, or API for one that a signed token stands for and that only reads.",
            values=("BROWSER", "API"),
            default="'BROWSER'",
        ),
        moment("created_at", "When the session began.", now=True),
        moment("last_seen_at", "Last request.", now=True),
        moment("expires_at", "When the session ends whatever happens."),
        moment("revoked_at", "When it was ended.", nullable=True),
        Column("ip", "text", "Address of the browser.", nullable=True),
        Column("user_agent", "text", "Browser.", nullable=True),
    ),
    ("session_hash",),
    Index(("user_id",)),
)

SETUP_TOKENS = support_table(
    "setup_tokens",
    "One-time links that create the first ADMIN.",
    "one row per link",
    (
        Column("token_hash", "bytea", "SHA-256 of the token in the link."),
        moment("created_at", "When the link was made.", now=True),
        moment("expires_at", "When it stops working."),
        moment("used_at", "When it was used.", nullable=True),
    ),
    ("token_hash",),
)

API_TOKENS = support_table(
    "api_tokens",
    "Tokens of other systems for the REST API; only hashes.",
    "one row per token",
    (
        Column("token_hash", "bytea", "SHA-256 of the token."),
        user("user_id", "Whose rights the token has."),
        Column("label", "text", "What the token is for."),
        moment("created_at", "When it was made.", now=True),
        moment("expires_at", "When it stops working."),
        moment("last_used_at", "Last use.", nullable=True),
        moment("revoked_at", "When it was withdrawn.", nullable=True),
    ),
    ("token_hash",),
)

LOGIN_ATTEMPTS = support_table(
    "login_attempts",
    "Attempts to sign in, for unknown names too, so that guessing slows down whatever is guessed.",
    "one row per attempt",
    (
        Column("attempt_id", "bigint", "Key.", identity=True),
        Column("username", "text", "Name that was given, lower case."),
        Column("source", "text", "Address that it came from.", nullable=True),
        Column("succeeded", "boolean", "Whether the password was right."),
        moment("at", "When.", now=True),
    ),
    ("attempt_id",),
    Index(("username", "at")),
    Index(("source", "at")),
)

SECOND_FACTORS = support_table(
    "second_factors",
    "TOTP secrets, encrypted by the app, whose key is not in the database.",
    "one row per person who has begun to use one",
    (
        user("user_id", "Whose."),
        Column("secret", "bytea", "Encrypted secret."),
        moment("created_at", "When it was made.", now=True),
        moment("confirmed_at", "When a first code was right; signing in asks for codes from then on.", nullable=True),
        Column("last_step", "bigint", "Time step of the last code that was used; older ones are refused.", default="0"),
    ),
    ("user_id",),
)

RECOVERY_CODES = support_table(
    "recovery_codes",
    "Codes that stand in once each for a lost second factor; only hashes.",
    "one row per code",
    (
        user("user_id", "Whose."),
        Column("code_hash", "bytea", "SHA-256 of the code."),
        moment("used_at", "When it was used.", nullable=True),
    ),
    ("user_id", "code_hash"),
)

LOGIN_CHALLENGES = support_table(
    "login_challenges",
    "Right passwords that wait for a code of the second factor.",
    "one row per challenge",
    (
        Column("challenge_hash", "bytea", "SHA-256 of the challenge that the browser holds."),
        user("user_id", "Whose password was right."),
        Column("attempts", "integer", "Codes that were tried.", default="0", minimum=0),
        moment("expires_at", "When it stops working."),
        moment("used_at", "When it became a session.", nullable=True),
    ),
    ("challenge_hash",),
    Index(("expires_at",)),
)

IDENTITIES = support_table(
    "identities",
    "Accounts at an identity provider and the person each stands for.",
    "one row per account at a provider",
    (
        Column("issuer", "text", "The provider's issuer address."),
        Column("subject", "text", "The provider's own key of the account."),
        user("user_id", "Who it is here."),
        moment("created_at", "When it was tied to the person.", now=True),
    ),
    ("issuer", "subject"),
    Index(("issuer", "user_id"), unique=True),
)

AUDIT_LOGS = support_table(
    "audit_logs",
    "Who did or was refused what, when and from where. Append-only; each row carries the hash of the one before.",
    "one row per event",
    (
        Column("audit_id", "bigint", "Number in the chain, without gaps."),
        moment("at", "When.", now=True),
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

AUDIT_HEAD = support_table(
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
)
