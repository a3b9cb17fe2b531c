"""Passwords: the check, the hash and the rules for a new one.

bcrypt through streamlit-authenticator's Hasher, which is trusted with nothing else: its cookie cannot be revoked and
its counters of wrong attempts restart with every session.
"""

from __future__ import annotations

import hashlib
import logging
import mmap
from functools import cache
from importlib import resources
from pathlib import Path

from zxcvbn import zxcvbn

SHORTEST = 12
# bcrypt reads no further, and refuses longer ones instead of cutting them.
LONGEST_BYTES = 72
# zxcvbn's best class: holds against a thief who has the slow hash and time.
FEWEST_GUESSES = 10**10
# A context word shorter than this would forbid too many passwords.
SHORTEST_CONTEXT_WORD = 4
COMPANY_WORDS = ("nova corrente", "novacorrente")


def hash_password(password: str) -> str:
    """bcrypt hash (cost 12) of a password; ValueError when it is longer than bcrypt reads."""
    if len(password.encode()) > LONGEST_BYTES:
        raise ValueError("password_long")
    return _hasher().hash(password)


def check_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is right. Takes the same time when there is no hash, so that names cannot be found out."""
    readable = len(password.encode()) <= LONGEST_BYTES
    right = _hasher().check_pw(password if readable else "", password_hash or _nobodys_hash())
    return right and readable and password_hash is not None


def password_problems(password: str, *context: str, breached: Path | None = None) -> list[str]:
    """What is wrong with a new password, as keys of the i18n catalogue; empty when it may be used.

    `context` are words that the password must not be built on: the user name, the display name, the e-mail.
    `breached` is a file for is_breached.
    """
    problems = []
    if len(password) < SHORTEST:
        problems.append("password_short")
    if len(password.encode()) > LONGEST_BYTES:
        problems.append("password_long")
    folded = password.casefold()
    words = [word.casefold() for word in (*COMPANY_WORDS, *context) if len(word) >= SHORTEST_CONTEXT_WORD]
    if any(word in folded for word in words) or folded in _blocklist() or _guesses(folded, words) < FEWEST_GUESSES:
        problems.append("password_common")
    if breached and is_breached(password, breached):
        problems.append("password_breached")
    return problems


def is_breached(password: str, known: Path) -> bool:
    """Whether a file of SHA-1 digests (hexadecimal, one at the start of each line, in order) has the password's.

    That is the form of the downloads of Pwned Passwords, of which this reads some forty places.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().encode()
    with known.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lines:
        low, high = 0, len(lines)
        while low < high:
            middle = (low + high) // 2
            start = lines.rfind(b"\n", low, middle) + 1 or low
            found = lines[start : start + len(wanted)].lower()
            if found == wanted:
                return True
            if found < wanted:
                end = lines.find(b"\n", middle)
                low = end + 1 if end >= 0 else high
            else:
                high = start
    return False


def _guesses(password: str, words: list[str]) -> float:
    """How many guesses a good guesser needs (zxcvbn): he knows the words, 30,000 common passwords, names, dates, keys
    beside each other and repetitions."""
    if not password:
        return 0.0
    return float(zxcvbn(password[:LONGEST_BYTES], user_inputs=words, max_length=LONGEST_BYTES)["guesses"])


@cache
def _hasher():  # noqa: ANN202 - the package takes half a second to import, which only a sign-in should pay
    # Imported outside a page, the package makes Streamlit warn once for each of its modules.
    logging.disable(logging.WARNING)
    try:
        from streamlit_authenticator.utilities import Hasher
    finally:
        logging.disable(logging.NOTSET)
    return Hasher


def warm_up() -> None:
    """Import the hasher and make the hash that stands for unknown names, so that the first sign-in is no slower."""
    _nobodys_hash()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody has this password")


@cache
def _blocklist() -> frozenset[str]:
    text = resources.files("streamlit_app.access").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
