"""Every setting of the platform, read once from the environment (`NOVA_*`) and `NOVA_HOME/settings.toml`.

Belongs here: names of places and switches, and the business clock. Does not belong here: secrets that the platform
generates itself (secrets.py) and anything that touches a server.
"""

from __future__ import annotations

import hashlib
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, FilePath, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

CHECKOUT = Path(__file__).resolve().parents[1]
# A unix socket's path holds 107 bytes on Linux; the longest name we append is "/pg/.s.PGSQL.5432.lock" (22).
LONGEST_RUN_DIR = 107 - 22
SETTINGS_FILE = "settings.toml"
# Where container platforms put secrets: a file `nova_database_url` there is the setting of that name.
SECRETS_FOLDER, SECRETS_VARIABLE = "/run/secrets", "NOVA_SECRETS_FOLDER"


class Settings(BaseSettings):
    """One immutable object; precedence: arguments, environment, `settings.toml` of the home, defaults."""

    model_config = SettingsConfigDict(env_prefix="NOVA_", frozen=True, extra="ignore", env_ignore_empty=True)

    home: Path = Field(default=CHECKOUT / ".nova", description="Folder that holds all state of this platform")
    database_url: SecretStr | None = Field(None, description="Administrator URL of an external PostgreSQL 15+")
    redis_url: SecretStr | None = Field(None, description="URL of an external Redis")
    database_name: str = Field("nova", description="Database of the platform's tables")
    dagster_database_name: str = Field("nova_dagster", description="Database of Dagster's own storage")
    secrets_path: Path | None = Field(None, description="File of the generated secrets; default NOVA_HOME/secrets.json")
    host: str = Field("127.0.0.1", description="Address that the web servers listen on")
    code_server: str = Field("", description="host:port of a code server on another machine; default: a socket here")
    smtp_url: SecretStr | None = Field(None, description="smtp:// or smtps:// URL of a mail server; empty: no mail")
    mail_from: str = Field("nova@localhost", description="Sender of the daily digest")
    digest_to: str = Field("", description="Addresses that get the daily digest, comma-separated; empty: no digest")
    digest_language: str = Field("pt-BR", pattern="^(pt-BR|en)$", description="Language of the digest: pt-BR or en")
    metrics_token: SecretStr | None = Field(None, description="Bearer token of /metrics; empty: loopback only")
    trusted_proxies: str = Field("127.0.0.1", description="Addresses of proxies whose X-Forwarded-* the app believes")
    public_url: str = Field("", description="Address of the app as people type it, when a proxy stands before it")
    app_port: int = Field(8501, ge=1, le=65535, description="Port of the planners' app")
    api_calls_per_minute: int = Field(600, ge=1, description="Calls of the REST API that one token or session may make")
    oidc_issuer: str = Field("", description="Issuer of an OpenID Connect provider to sign in with; empty: none")
    oidc_client_id: str = Field("", description="This app's client id at that provider")
    oidc_client_secret: SecretStr | None = Field(None, description="This app's client secret at that provider")
    second_factor: Literal["optional", "admin", "everybody"] = Field(
        "optional", description="Of whom a second factor is demanded beside a password: optional, admin or everybody"
    )
    breached_passwords: FilePath | None = Field(
        None, description="File of SHA-1 digests of breached passwords in order, such as Pwned Passwords by hash"
    )
    dagster_port: int = Field(3000, ge=1, le=65535, description="Port of the Dagster UI")
    landing: str = Field("", description="Folder or fsspec URL of the extracts; default NOVA_HOME/landing")
    timezone: str = Field("America/Bahia", description="Zone in which a business day begins and ends")
    history_start: date = Field(date(2023, 1, 1), description="First daily partition")
    daily_as_of_days: int = Field(400, ge=62, description="Days of daily as-of rows; older months keep their last day")
    run_days: int = Field(90, ge=7, description="Days that ended runs are kept with their events and logs")

    @field_validator("home")
    @classmethod
    def _absolute_home(cls, home: Path) -> Path:
        return home.expanduser().resolve()

    @field_validator("breached_passwords")
    @classmethod
    def _some_passwords(cls, path: Path | None) -> Path | None:
        if path and not path.stat().st_size:
            raise ValueError(f"{path} is empty")
        return path

    @field_validator("code_server")
    @classmethod
    def _host_and_port(cls, address: str) -> str:
        host, _, port = address.rpartition(":")
        if address and not (host and port.isdecimal()):
            raise ValueError(f"{address!r} is no host:port, such as code-server:4000")
        return address

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        ZoneInfo(name)
        return name

    def model_post_init(self, _context: object) -> None:
        if not self.landing:
            object.__setattr__(self, "landing", str(self.home / "landing"))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        home = init_settings().get("home") or env_settings().get("home") or cls.model_fields["home"].default
        toml = TomlConfigSettingsSource(settings_cls, Path(home).expanduser() / SETTINGS_FILE)
        folder = Path(os.environ.get(SECRETS_VARIABLE, SECRETS_FOLDER))
        if folder.is_dir():
            return init_settings, env_settings, toml, SecretsSettingsSource(settings_cls, folder)
        return init_settings, env_settings, toml

    @property
    def pgdata(self) -> Path:
        """Data directory of the embedded PostgreSQL."""
        return self.home / "pgdata"

    @property
    def state_dir(self) -> Path:
        """Process table of the supervisor and its lock."""
        return self.home / "run"

    @property
    def run_dir(self) -> Path:
        """Folder of the unix sockets: `home/run`, or a short private folder of /tmp when the home is too deep."""
        if len(os.fsencode(self.state_dir)) <= LONGEST_RUN_DIR:
            return self.state_dir
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"nova-{os.geteuid()}-{digest}"  # noqa: S108 - prepare_run_dir checks the owner

    @property
    def postgres_socket_dir(self) -> Path:
        """What libpq takes as `host` for the embedded PostgreSQL."""
        return self.run_dir / "pg"

    @property
    def redis_socket(self) -> Path:
        """Unix socket of the embedded Redis."""
        return self.run_dir / "redis.sock"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    @property
    def artifacts(self) -> Path:
        """Files that assets keep beside the database (fitted models, exports)."""
        return self.home / "artifacts"

    @property
    def truth(self) -> Path:
        """Hidden truth of the demo ERP: read by tests and simulations only."""
        return self.home / "truth"

    @property
    def secrets_file(self) -> Path:
        return self.secrets_path or self.home / "secrets.json"

    @property
    def cache_url(self) -> str:
        """URL of Redis, external or embedded. Nobody may need an answer there."""
        return self.redis_url.get_secret_value() if self.redis_url else f"unix://{self.redis_socket}"

    @property
    def app_url(self) -> str:
        """Address of the app for somebody on this machine."""
        return f"http://{self._reachable_host}:{self.app_port}"

    @property
    def front_url(self) -> str:
        """Address of the app as people know it: links that they are sent begin with it."""
        return self.public_url.rstrip("/") or self.app_url

    @property
    def dagster_url(self) -> str:
        """Address of the Dagster UI for somebody on this machine."""
        return f"http://{self._reachable_host}:{self.dagster_port}"

    @property
    def _reachable_host(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def today(self) -> date:
        """Business date now."""
        return datetime.now(self.tz).date()

    def last_complete_day(self) -> date:
        """Newest business date whose extracts can be complete."""
        return self.today() - timedelta(days=1)


def load_settings(**overrides: object) -> Settings:
    """Settings of this process; `overrides` win over the environment (tests, command-line options).

    Raises pydantic.ValidationError naming the variable whose value cannot be read.
    """
    return Settings(**overrides)  # pyright: ignore[reportArgumentType]
