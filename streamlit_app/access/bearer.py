"""Signed tokens of the REST API: JWT (HS256) that name a session of kind API by its digest.

The signature keeps strangers away from the database; whether the session is still in force, and with which rights, the
database says. Two keys count: the newest signs, the one before it still opens, so that a rotation ends nobody's work.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import jwt

from nova_resources.secrets import load_secrets
from streamlit_app.access.tokens import derived_keys
from streamlit_app.data.database import database

ALGORITHM = "HS256"
ISSUER, AUDIENCE = "nova-corrente", "nova-corrente-api"
LIFETIME = timedelta(hours=8)
PURPOSE = "api-tokens"


def issue(session_key: bytes, username: str) -> str:
    """A token for a session that has just been opened."""
    key = derived_keys(load_secrets(database().settings), PURPOSE)[0]
    now = datetime.now(UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": username,
        "sid": session_key.hex(),
        "iat": now,
        "exp": now + LIFETIME,
    }
    return jwt.encode(claims, key, ALGORITHM, headers={"kid": key_id(key)})


def session_key_of(token: str) -> bytes | None:
    """Digest of the session that a token names, or None when it is not one of ours or too old."""
    file = database().settings.secrets_file
    kept = file.stat()
    keys = _keys(file, (kept.st_mtime_ns, kept.st_ino))
    try:
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["exp", "iat", "sub", "sid"]},
        )
        return bytes.fromhex(claims["sid"])
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
        return None


@lru_cache(maxsize=1)
def _keys(_file: Path, _written: tuple[int, int]) -> dict[str, str]:
    """Keys that count, by their names, as long as the file that they come from stays as it was written."""
    return {key_id(key): key for key in derived_keys(load_secrets(database().settings), PURPOSE)}


def key_id(key: str) -> str:
    """Name of a key in a token's header; tells nothing about the key."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]
