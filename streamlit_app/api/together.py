"""Wishes of concurrent calls that are fulfilled together: while some are worked on in a thread, the next ones gather.

Twenty calls that each ask Redis and write to the audit trail would wait for twenty round trips and twenty commits, and
for each other's turn to compute; together they wait for a few.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")


class Together(Generic[Wish, Answer]):
    """One kind of wish. `work` is called in a thread with all that wait and gives an answer for each of them, in their
    order; one that is an exception is raised for its wisher, and an exception of `work` itself for all."""

    def __init__(self, work: Callable[[Sequence[Wish]], Sequence[Answer | Exception]]) -> None:
        self._work = work
        self._thread = ThreadPoolExecutor(1)
        self._waiting: list[tuple[Wish, asyncio.Future[Answer]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def ask(self, wish: Wish) -> Answer:
        """The answer to one wish."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((wish, answer))
        if self._worker is None or self._worker.done():
            self._worker = loop.create_task(self._fulfil(loop))
        return await answer

    async def _fulfil(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                answers = await loop.run_in_executor(self._thread, self._work, [wish for wish, _ in batch])
            except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the wishes came from
                answers = [error] * len(batch)
            for (_, waiting), answer in zip(batch, answers, strict=True):
                if waiting.done():  # its caller has gone
                    continue
                if isinstance(answer, Exception):
                    waiting.set_exception(answer)
                else:
                    waiting.set_result(answer)
