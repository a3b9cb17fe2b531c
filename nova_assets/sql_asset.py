"""Set-based tables: one statement of sql/<schema>/<table>.sql, published month by month; and materialized views."""

from __future__ import annotations

from collections.abc import Collection

import dagster as dg

from nova_assets import artifacts, code_version
from nova_assets.factory import make_asset, partition_keys
from nova_assets.partitions import Calendar, span
from nova_assets.platform import Platform
from nova_assets.publishing import publish_windows
from nova_resources import ledger
from nova_resources.sql_library import Query
from nova_resources.tables import Table, Window
from nova_resources.window import Published, publish, refresh_view


def sql_asset(table: Table, calendar: Calendar, known: Collection[str], query: Query) -> dg.AssetsDefinition:
    """The asset of a table that PostgreSQL computes by itself. A range is one statement for each month."""
    version = code_version.of_query(query)

    def body(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        db = platform.database(context)
        keys = partition_keys(context, table, calendar)
        windows = span(table, keys).months() if keys else [None]

        def write(window: Window | None) -> Published:
            run_id = context.run.run_id
            if window is None or not artifacts.keeps(table, window):
                return publish(db, table, window, query, run_id=run_id, code_version=version)
            head = ledger.head(db)
            rows = db.read(query, exact=True, window_start=window.start, window_end=window.end)
            with artifacts.kept(platform.settings.home, table, window, rows):
                return publish(db, table, window, rows, run_id=run_id, code_version=version, inputs_seen=head)

        return publish_windows(context, table, db, windows, write, keys)

    return make_asset(table, calendar, known, version, body)


def view_asset(table: Table, calendar: Calendar, known: Collection[str], query: Query) -> dg.AssetsDefinition:
    """The asset of a materialized view: refreshed while its readers go on."""
    version = code_version.of_query(query)

    def body(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        db = platform.database(context)

        def write(_window: Window | None) -> Published:
            return refresh_view(db, table, run_id=context.run.run_id, code_version=version)

        return publish_windows(context, table, db, [None], write)

    return make_asset(table, calendar, known, version, body)
