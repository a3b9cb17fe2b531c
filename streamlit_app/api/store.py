"""Redis for the API: remembered answers, and counters of calls. It may be absent at any moment: then nothing is
remembered, and calls are counted in this process.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass

import redis

from nova_resources.settings import Settings

PATIENCE_SECONDS = 0.25
# After a failure Redis is left alone for a while: waiting for it at every call would be worse than doing without.
REST_SECONDS = 5.0
PREFIX = "nova:api:"
MINUTE = 60


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

    def look(self, counters: list[str], key: str | None) -> Found:
        """Count one call on each counter and fetch a remembered answer: one round trip."""
        minute = int(time.time()) // MINUTE
        if self._awake():
            try:
                pipe = self._redis.pipeline(transaction=False)
                for counter in counters:
                    name = f"{PREFIX}calls:{counter}:{minute}"
                    pipe.incr(name)
                    pipe.expire(name, 2 * MINUTE)
                if key:
                    pipe.get(f"{PREFIX}answer:{key}")
                told = pipe.execute()
                return Found(told[: 2 * len(counters) : 2], told[-1] if key else None)
            except redis.RedisError:
                self._rest()
        return Found(self._count(counters, minute), None)

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

    def _count(self, counters: list[str], minute: int) -> list[int]:
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._counters.clear()
            self._counters.update(counters)
            return [self._counters[counter] for counter in counters]
