"""Secrets that the platform generates for itself: once per home, one JSON file that only its owner can read.

Belongs here: passwords of the database roles and the app's signing secret. Credentials of external servers are
settings.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from nova_resources.errors import PlatformError
from nova_resources.settings import Settings

SUPERUSER = "postgres"
# An app's secret that is shorter, or has fewer different characters than any 32 random bytes in hex, was not random.
SHORTEST, FEWEST_SIGNS = 32, 12
DATABASE_ROLES = ("nova_owner", "nova_etl", "nova_app", "nova_ro", "nova_dagster")


class SecretsError(PlatformError):
    """The secrets file is unreadable, incomplete or open to other users."""


@dataclass(frozen=True)
class Secrets:
    """Passwords by database role (the five roles and the embedded server's superuser) and the app's secret.

    The app's secret of before the last rotation still opens what was sealed with it, and seals nothing.
    """

    passwords: dict[str, SecretStr]
    app_secret: SecretStr
    previous_app_secret: SecretStr | None = None

    def password(self, role: str) -> str:
        """Raises SecretsError when this process was not given the role's password: the app's has its own alone."""
        if role not in self.passwords:
            raise SecretsError(f"the secrets given to this process hold no password of {role}")
        return self.passwords[role].get_secret_value()


def load_secrets(settings: Settings) -> Secrets:
    """The home's secrets, generated on first use.

    Safe against two processes starting at once: the file appears whole or not at all and the first one wins.
    Raises SecretsError when the file is damaged or readable by others.
    """
    path = settings.secrets_file
    if not path.exists():
        if settings.secrets_path:
            raise SecretsError(f"NOVA_SECRETS_PATH names {path}, which is absent; make it with nova secrets FOLDER")
        _create(path)
    mode = path.stat().st_mode & 0o777
    # A mounted file may be given to us through its group, as Kubernetes does.
    if mode & (0o007 if settings.secrets_path else 0o077):
        raise SecretsError(f"{path} can be read by other users (mode {mode:o}); run: chmod 600 {path}")
    try:
        stored = json.loads(path.read_text("utf-8"))
        known = stored["passwords"]
        needed = known if settings.secrets_path else (SUPERUSER, *DATABASE_ROLES)
        passwords = {role: SecretStr(known[role]) for role in needed}
        previous = stored.get("previous_app_secret")
        found = Secrets(passwords, SecretStr(stored["app_secret"]), SecretStr(previous) if previous else None)
    except (ValueError, KeyError, TypeError) as error:
        raise SecretsError(f"{path} is damaged ({error!r}); restore it from a backup of this home") from error
    for key in (found.app_secret, found.previous_app_secret):
        if key is not None and (len(key) < SHORTEST or len(set(key.get_secret_value())) < FEWEST_SIGNS):
            raise SecretsError(f"{path}: an app_secret can be guessed; put one there as nova secrets FOLDER makes it")
    return found


def rotate_app_secret(settings: Settings) -> Secrets:
    """Give the app a new secret; the one before keeps opening what it sealed until the next rotation."""
    load_secrets(settings)
    path = settings.secrets_file
    stored = json.loads(path.read_text("utf-8"))
    stored |= {"previous_app_secret": stored["app_secret"], "app_secret": secrets.token_urlsafe(48)}
    os.replace(_draft(path, stored), path)
    return load_secrets(settings)


def new_secrets() -> dict[str, Any]:
    """Content of a new secrets file: `passwords` by role, and `app_secret`."""
    return {
        "passwords": {role: secrets.token_urlsafe(24) for role in (SUPERUSER, *DATABASE_ROLES)},
        "app_secret": secrets.token_urlsafe(48),
    }


def _create(path: Path) -> None:
    content = new_secrets()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        return  # another process was first: its secrets are the home's secrets
    finally:
        os.unlink(draft)


def _draft(path: Path, content: dict[str, Any]) -> Path:
    """The content in a file beside `path`, whole on the disk and closed to others."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    return draft
