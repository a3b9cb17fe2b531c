"""The part that all assets share: publish the windows of a run one after the other, check them, tell Dagster.

Belongs here: what a run over one partition and a run over a range have in common. Does not belong here: where the rows
come from (sql_asset, model_asset).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg

from nova_assets import checks, partitions
from nova_resources.postgres import Database
from nova_resources.tables import Table, Window
from nova_resources.window import Published, WindowRejected

Write = Callable[[Window | None], Published]
# What Dagster counts as materialized although the run left it out: a model's days between month-ends.
NOT_COMPUTED = {"computed": dg.MetadataValue.bool(False)}


def publish_windows(
    context: dg.AssetExecutionContext,
    table: Table,
    db: Database,
    windows: Sequence[Window | None],
    write: Write,
    keys: Sequence[str] = (),
) -> dg.MaterializeResult:
    """Write each window (each a transaction of its own), then check all of them; returns what Dagster is told.

    `keys` are the partitions that the run asks for; a row count is told for each of them that was computed.
    """
    done: list[Published] = []
    for number, window in enumerate(windows, start=1):
        published = _written(context, table, db, window, write)
        done.append(published)
        if len(windows) > 1:
            context.log.info(
                f"{table.qualified} {window}: {published.rows} rows in {published.seconds:.1f} s"
                f" ({number} of {len(windows)})"
            )
    checked = checks.inspect(db, table, windows, [published.rows for published in done])
    checks.record(db, table, checked, context.run.run_id)
    return dg.MaterializeResult(
        metadata=_metadata(context, table, windows, done, keys), check_results=list(checks.results(table, checked))
    )


def _written(
    context: dg.AssetExecutionContext, table: Table, db: Database, window: Window | None, write: Write
) -> Published:
    """One window; rows that were refused are told where screens find it before the run fails."""
    try:
        return write(window)
    except WindowRejected as refused:
        checks.record(db, table, [checks.Checked(window, 0, refused.violations)], context.run.run_id, [checks.RULES])
        raise


def _metadata(
    context: dg.AssetExecutionContext,
    table: Table,
    windows: Sequence[Window | None],
    done: Sequence[Published],
    keys: Sequence[str],
) -> dict[str, Any]:
    """Metadata of the materialization; over a range, rows go to the partitions, since all else is stamped on each."""
    facts: dict[str, Any] = {"mode": ", ".join(sorted({published.mode for published in done}))}
    if len(keys) <= 1:
        return {"dagster/row_count": sum(published.rows for published in done), **facts}
    rows: dict[str, int] = {}
    for published in done:
        for day, count in published.rows_by_day.items():
            key = partitions.key_of(table, day)
            rows[key] = rows.get(key, 0) + count
    for key in keys:
        own = {"dagster/row_count": dg.MetadataValue.int(rows[key])} if key in rows else NOT_COMPUTED
        context.add_asset_metadata(own, partition_key=key)
    return facts
