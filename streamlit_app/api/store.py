"""Redis for the API: remembered answers, and counters of calls. It may be absent at any moment: then nothing is
remembered, and calls are counted in this process.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import redis

from nova_resources.settings import Settings

PATIENCE_SECONDS = 0.25
# After a failure Redis is left alone for a while: waiting for it at every call would be worse than doing without.
REST_SECONDS = 5.0
PREFIX = "nova:api:"
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Look:
    """What one call wants: to be counted, and an answer that may be remembered under a key."""

    counters: Sequence[str]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What one look told: how many calls each counter has this minute, and the remembered answer, if any."""

    calls: list[int]
    body: bytes | None


class Store:
    """One connection pool and the fallback counters of this process."""

    def __init__(self, settings: Settings) -> None:
        self._redis = redis.Redis.from_url(
            settings.cache_url, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
        )
        self._asleep_until = 0.0
        self._lock = threading.Lock()
        self._minute = 0
        self._counters: Counter[str] = Counter()

    def look(self, looks: Sequence[Look]) -> list[Found]:
        """Count a call on each counter of every look and fetch the remembered answers: one round trip for all."""
        minute = int(time.time()) // MINUTE
        if self._awake():
            try:
                return self._ask(looks, minute)
            except redis.RedisError:
                self._rest()
        return [Found(self._count(look.counters, minute), None) for look in looks]

    def _ask(self, looks: Sequence[Look], minute: int) -> list[Found]:
        calls = Counter(counter for look in looks for counter in look.counters)
        keys = {look.key for look in looks if look.key}
        pipe = self._redis.pipeline(transaction=False)
        for counter, count in calls.items():
            name = f"{PREFIX}calls:{counter}:{minute}"
            pipe.incrby(name, count)
            pipe.expire(name, 2 * MINUTE)
        for key in keys:
            pipe.get(f"{PREFIX}answer:{key}")
        told = pipe.execute()
        # What each counter stood at before these calls; they follow in their order.
        stands = {counter: told[2 * i] - count for i, (counter, count) in enumerate(calls.items())}
        bodies = dict(zip(keys, told[2 * len(calls) :], strict=True))
        found = []
        for look in looks:
            for counter in look.counters:
                stands[counter] += 1
            found.append(Found([stands[counter] for counter in look.counters], bodies[look.key] if look.key else None))
        return found

    def keep(self, key: str, body: bytes, seconds: int) -> None:
        """Remember an answer."""
        if self._awake():
            try:
                self._redis.set(f"{PREFIX}answer:{key}", body, ex=seconds)
            except redis.RedisError:
                self._rest()

    def is_there(self) -> bool:
        """Whether Redis answers now."""
        try:
            return bool(self._redis.ping())
        except redis.RedisError:
            self._rest()
            return False

    def close(self) -> None:
        """Give the connections back."""
        self._redis.close()

    def _awake(self) -> bool:
        return time.monotonic() >= self._asleep_until

    def _rest(self) -> None:
        self._asleep_until = time.monotonic() + REST_SECONDS

    def _count(self, counters: Sequence[str], minute: int) -> list[int]:
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._counters.clear()
            self._counters.update(counters)
            return [self._counters[counter] for counter in counters]
