"""The second factor: time-based one-time codes (TOTP, RFC 6238) of a person's device, and recovery codes for its loss.

The database keeps a secret sealed with a key of this home, so that a copy of the database alone opens no account.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

import segno
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pyotp import random_base32
from pyotp.totp import TOTP

from nova_resources.secrets import Secrets, load_secrets
from streamlit_app.access.tokens import derived_keys, digest
from streamlit_app.data.database import database

ISSUER = "Nova Corrente"
STEP_SECONDS = 30
# A device's clock may be one step off; a code is then good for 90 s at most, and once.
DRIFT_STEPS = 1
RECOVERY_CODES = 10
# 50 bits: guessed no sooner than a password, at five tries a challenge.
RECOVERY_SIGNS = 10
QR_SCALE = 5


def new_secret() -> str:
    """160 random bits as base32, as authenticator programs take it."""
    return random_base32()


def seal(secret: str) -> bytes:
    """A secret as the database keeps it."""
    return _sealing(load_secrets(database().settings)).encrypt(secret.encode())


def unseal(sealed: bytes) -> str:
    """The secret again. Raises cryptography's InvalidToken when neither this key nor the one before made it."""
    return _sealing(load_secrets(database().settings)).decrypt(sealed).decode()


def reseal(sealed: bytes, kept: Secrets) -> bytes | None:
    """The same sealed with the newest key; None when no key of ours opens it."""
    try:
        return _sealing(kept).rotate(sealed)
    except InvalidToken:
        return None


def step_of(sealed: bytes, code: str, last_step: int, at: float | None = None) -> int | None:
    """Time step of a right code that is newer than the last one used, else None."""
    digits = "".join(code.split())
    totp = TOTP(unseal(sealed), interval=STEP_SECONDS)
    now = int(time.time() if at is None else at) // STEP_SECONDS
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        right = totp.generate_otp(step)
        if step > last_step and hmac.compare_digest(right.encode(), digits.encode()):
            return step
    return None


def enrolment(username: str, secret: str) -> tuple[str, str]:
    """Address that an authenticator reads, and its QR code as an SVG drawn here."""
    address = TOTP(secret, interval=STEP_SECONDS, name=username, issuer=ISSUER).provisioning_uri()
    return address, segno.make(address, error="m").svg_inline(scale=QR_SCALE, border=2, light="#fff", dark="#000")


def new_recovery_codes() -> list[str]:
    """Codes to be shown once, such as ABCDE-23456."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    codes = ("".join(secrets.choice(alphabet) for _ in range(RECOVERY_SIGNS)) for _ in range(RECOVERY_CODES))
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_digest(code: str) -> bytes:
    """What the database keeps of a recovery code; case, spaces and hyphens do not matter."""
    return digest("recovery:" + "".join(filter(str.isalnum, code)).upper())


def _sealing(kept: Secrets) -> MultiFernet:
    keys = derived_keys(kept, "second-factor")
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])
