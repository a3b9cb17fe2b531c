"""Random identifiers that stand for a right, and the digests of them that are stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from nova_resources.secrets import Secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """256 random bits as URL-safe text."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> bytes:
    """What the database keeps of a token: SHA-256. A token is random, so neither salt nor stretching adds anything."""
    return hashlib.sha256(token.encode()).digest()


def derived_key(kept: Secrets, purpose: str) -> str:
    """A key for one purpose, from the home's app secret; other purposes learn nothing from it."""
    return derived_keys(kept, purpose)[0]


def derived_keys(kept: Secrets, purpose: str) -> list[str]:
    """The same from the app secret and, after a rotation, from the one before it: the first seals, all of them open."""
    known = [kept.app_secret, *([kept.previous_app_secret] if kept.previous_app_secret else [])]
    return [
        hmac.new(secret.get_secret_value().encode(), purpose.encode(), hashlib.sha256).hexdigest() for secret in known
    ]
