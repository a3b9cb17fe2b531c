"""One asset from one declaration: what the assets of all stages have in common.

A body is a function of (context, platform) that returns a MaterializeResult. The factory adds everything around it: the
spec from the catalog, the checks, the retries, the classification of failures and the policy for ranges.
"""

import time
from collections.abc import Callable, Collection, Sequence

import dagster as dg

from nova_assets.checks import check_specs
from nova_assets.failures import TRANSIENT_RETRIES, classified
from nova_assets.partitions import Calendar
from nova_assets.platform import Platform
from nova_assets.specs import asset_spec
from nova_resources.tables import Grid, Table

# Time of the body itself: what a run takes beyond the sum of these is Dagster's own.
SECONDS = "seconds"

Body = Callable[[dg.AssetExecutionContext, Platform], dg.MaterializeResult]

# A range is one run: its months are committed one by one, so that a failure costs no finished month. A backtest takes
# its time for each month; a year of them in a run is the balance between overhead and what a failure repeats.
WHOLE_RANGE = dg.BackfillPolicy.single_run()
YEAR_OF_MONTHS = dg.BackfillPolicy.multi_run(max_partitions_per_run=12)


def make_asset(
    table: Table, calendar: Calendar, known: Collection[str], code_version: str, body: Body
) -> dg.AssetsDefinition:
    """The asset of `table` whose rows `body` publishes."""
    spec = asset_spec(table, calendar, known, code_version)

    @dg.multi_asset(
        name=f"{table.schema}__{table.name}",
        specs=[spec],
        check_specs=check_specs(table),
        backfill_policy=policy(table, calendar),
        retry_policy=TRANSIENT_RETRIES,
    )
    def asset(context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult:
        began = time.monotonic()
        with classified(context):
            result = body(context, platform)
        return result._replace(metadata={**(result.metadata or {}), SECONDS: round(time.monotonic() - began, 3)})

    return asset


def policy(table: Table, calendar: Calendar) -> dg.BackfillPolicy | None:
    """How many partitions go into one run of a backfill."""
    if calendar.grid(table) is None:
        return None
    return YEAR_OF_MONTHS if table.grid is Grid.MONTH else WHOLE_RANGE


def partition_keys(context: dg.AssetExecutionContext, table: Table, calendar: Calendar) -> Sequence[str]:
    """Partitions of `table` that the run asks for; none for a table that is written whole."""
    return context.partition_keys if calendar.grid(table) else ()
