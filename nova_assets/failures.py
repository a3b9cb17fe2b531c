"""Which failures may be tried again, and how Dagster's three systems of retries are told so.

Dagster retries a step (RetryPolicy), a run (run_retries) and through sensors; each must be stopped by itself. Every
body of an asset runs inside `classified`: what the database may mend by itself is left to the retry policy, everything
else becomes a PermanentFailure, which no step retries and whose run is marked as not to be retried. A failure hook
would mark it too, but Dagster stores an event for every step on which a hook did not fire.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dagster as dg
import psycopg

from nova_resources.logs import redact
from nova_resources.tables import Window
from nova_resources.window import WindowRejected

NO_RUN_RETRY = {"dagster/retry_on_asset_or_op_failure": "false"}
# A restart of the server takes seconds, a failover less than a minute.
TRANSIENT_RETRIES = dg.RetryPolicy(max_retries=3, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
# Wrong password or database, and a statement that ran into its time limit: the next try would end the same way.
LASTING = (psycopg.errors.QueryCanceled, psycopg.errors.InvalidAuthorizationSpecification)
LASTING_CLASSES = ("28", "3D")
SHOWN_CAUSES = 3


class PermanentFailure(dg.Failure):
    """The same run would fail in the same way: bad data, a bug, a missing input. Never retried."""

    def __init__(self, description: str, metadata: Mapping[str, Any] | None = None) -> None:
        super().__init__(description=description, metadata=metadata, allow_retries=False)


def is_transient(error: BaseException) -> bool:
    """Whether the database refused for a reason that passes: restart, lost connection, lock, deadlock, conflict."""
    if isinstance(error, LASTING) or (getattr(error, "sqlstate", None) or "")[:2] in LASTING_CLASSES:
        return False
    return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.TransactionRollback))


@contextmanager
def classified(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Let transient failures of the database pass; turn every other exception into a PermanentFailure, without secrets.

    The run of a permanent failure is marked: `Failure(allow_retries=False)` stops the step's retries only.
    """
    try:
        yield
    except Exception as error:
        _mask(error)
        if is_transient(error) or isinstance(error, dg.RetryRequested):
            raise
        context.instance.add_run_tags(context.run.run_id, NO_RUN_RETRY)
        raise _permanent(error) from error


def _permanent(error: Exception) -> dg.Failure:
    if isinstance(error, dg.Failure):
        return error
    if isinstance(error, WindowRejected):
        return PermanentFailure(str(error), _rejection(error))
    return PermanentFailure(f"{type(error).__name__}: {error}")


def _mask(error: BaseException) -> None:
    """Take secrets out of the error and of what led to it: Dagster stores and shows the whole chain."""
    pending: list[BaseException | None] = [error]
    masked: list[BaseException] = []
    while pending:
        one = pending.pop()
        if one is None or one in masked:
            continue
        one.args = tuple(redact(part) if isinstance(part, str) else part for part in one.args)
        masked.append(one)
        pending += [one.__cause__, one.__context__]


def _rejection(error: WindowRejected) -> dict[str, Any]:
    window: Window | None = error.window
    rows = [
        {"rule": broken.rule, "rows": broken.count, "meaning": broken.description, "samples": str(broken.samples[:5])}
        for broken in error.violations
    ]
    records = [dg.TableRecord(row) for row in rows]
    return {"table": error.table.qualified, "window": str(window or "all"), "broken": dg.MetadataValue.table(records)}


def causes(step: str, data: Any) -> list[str]:
    """The failure of a step as a person reads it, from the data of its event: its own message, without the layers
    around it."""
    failure = data.user_failure_data
    if failure and failure.description:
        return [f"{step}: {failure.description}"]
    error, lines = data.error, []
    while error is not None:
        lines.append(error.message.strip())
        error = error.cause
    return [f"{step}: {line}" for line in lines[-SHOWN_CAUSES:]]
