"""`nova simulate`: history replayed through candidate policies, and the curves of service against stock."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nova_cli.forecast import Frequency
from nova_cli.panel_file import engine_errors, numbers, progress_line, read_table, write_table
from nova_resources.errors import PlatformError

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

    from nova_assets.science.candidates import History

_MAPPED = ("demand", "items", "item_sources", "planning_rules")
_TABLE_WIDTH = 100


def command(
    begin: Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the replay.")],
    end: Annotated[dt.datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of the replay.")],
    policy: Annotated[
        str, typer.Option(help="Comma-separated: platform, balanced, quantile, economic, minmax, sq.")
    ] = "platform,quantile,minmax",
    levels: Annotated[str, typer.Option(help="Service levels, comma-separated; default: eight from 0.8 on.")] = "",
    panel: Annotated[
        Path | None, typer.Option(help="Panel file with its terms as columns, instead of the platform's own history.")
    ] = None,
    freq: Annotated[Frequency, typer.Option(help="Period of the panel file.")] = Frequency.DAY,
    mapping: Annotated[
        str | None, typer.Option(help="The panel file is of a foreign layout: its mapping, as in nova load.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same inputs and seed, same numbers.")] = 0,
    out: Annotated[Path | None, typer.Option(help="CSV or Parquet for the whole table.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Curves and comparison as JSON on stdout.")] = False,
) -> None:
    """Replay history through candidate policies: stock-out days, stock, costs and orders at each service level.

    Policies are set anew each month from what was known then. Without --panel the platform's own history is replayed,
    against the hidden true demand where the demonstration ERP has left it.
    """
    with progress_line() as progress, engine_errors():
        from nova_assets.science.replay import LEVELS, replay

        first, last = begin.date(), end.date()
        history = _file_history(panel, mapping, freq, first, last) if panel else _own_history(first, last)
        names = [name.strip() for name in policy.split(",") if name.strip()]
        curves = replay(history, names, numbers(levels) or LEVELS, seed, progress)
    if out:
        write_table(curves, out)
    if as_json:
        typer.echo(json.dumps({"curves": curves.to_dicts(), "comparison": _comparison(curves, names).to_dicts()}))
    else:
        _print(curves, names)


def _own_history(first: dt.date, last: dt.date) -> History:
    """The platform's facts, with the demonstration's truth where there is one."""
    import polars as pl

    from nova_assets.analytics.histories import platform_history
    from nova_resources.embedded.servers import running_postgres
    from nova_resources.postgres import Database
    from nova_resources.settings import load_settings

    settings = load_settings()
    truth = settings.home / "truth" / "demand.parquet"
    with running_postgres(settings):
        return platform_history(Database(settings), first, last, pl.read_parquet(truth) if truth.exists() else None)


def _file_history(path: Path, mapping: str | None, freq: Frequency, first: dt.date, last: dt.date) -> History:
    from nova_assets.analytics.histories import panel_history

    frame = mapped_panel(path, mapping) if mapping else read_table(path)
    return panel_history(frame, freq.value, first, last)


def mapped_panel(path: Path, mapping: str) -> pl.DataFrame:
    """Demand of a foreign file with the terms of its materials beside it, each material on the shelf from the first
    date on."""
    import polars as pl

    from nova_assets.catalog import FEEDS
    from nova_assets.staging.feeds import Feed
    from nova_assets.staging.mapping import read_mapping
    from nova_assets.staging.reader import FeedReader, open_source
    from nova_cli.load import mapping_file

    if not path.is_file():
        raise PlatformError(f"{path} does not exist")
    chosen = read_mapping(mapping_file(mapping))
    given = [output.feed for output in chosen.outputs]
    tables = {}
    for name in (feed for feed in _MAPPED if feed in given):
        source = open_source(path.name, path.suffix.lstrip("."), partial(path.open, "rb"), [], chosen.layout)
        chunks = FeedReader(Feed(FEEDS[name]), path.name, source, chosen).chunks()
        tables[name] = pl.concat([chunk.frame.drop("_line", "_row") for chunk in chunks])
    if "demand" not in tables:
        raise PlatformError(f"mapping {mapping} gives no demand")
    demand = tables.pop("demand").with_columns(pl.col("date").cast(pl.Date), pl.col("quantity").cast(pl.Float64))
    terms = demand.select("item_code", "site_code").unique()
    for name, table in tables.items():
        keys = [key for key in ("item_code", "site_code") if key in table.columns]
        if name == "items":
            pairs = table.select("item_code").join(terms.select("site_code").unique(), how="cross")
            terms = pl.concat([terms, pairs]).unique()
        terms = terms.join(table.unique(keys, maintain_order=True), on=keys, how="left", suffix=f"_{name}")
    series = pl.concat_str("item_code", pl.lit("|"), "site_code").alias("series_id")
    begin = terms.select(series, date=pl.lit(demand["date"].min()), quantity=pl.lit(0.0))
    rows = pl.concat([begin, demand.select(series, "date", "quantity")])
    wanted = [name for name in TERMS if name in terms.columns]
    return rows.join(terms.select(series, *wanted), on="series_id").sort("series_id", "date")


TERMS = (
    "unit_cost", "holding_cost_unit_day", "holding_rate_year", "fixed_order_cost", "shortage_cost_unit",
    "lead_time_days", "review_days", "min_order_qty", "order_multiple", "max_stock",
    "unmet_demand", "supplier_code", "min_order_value",
)  # fmt: skip


def _comparison(curves: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """The first policy against the last at equal service, by class."""
    import polars as pl

    from nova_assets.science.curves import compare

    return compare(curves, names[0], names[-1]) if len(names) > 1 else pl.DataFrame()


def _print(curves: pl.DataFrame, names: list[str]) -> None:
    """The curves of all item-sites and of each class, what the first policy saves at the service of the last, and what
    each costs at its own best level."""
    import polars as pl
    from rich.console import Console

    from nova_assets.science.curves import dominates

    console = Console(highlight=False)
    console.width = max(console.width, _TABLE_WIDTH)  # a narrow window wraps the lines; numbers are never cut
    members = sorted(set(curves["abc_class"]))
    for member in members:
        console.print(_table(curves.filter(pl.col("abc_class") == member), _title(member)))
    if len(names) < 2:
        return
    comparison = _comparison(curves, names)
    for row in comparison.filter(pl.col("abc_class") == "*").drop_nulls("saving").iter_rows(named=True):
        console.print(
            f"{names[0]} at {row['level']:.4g}: unmet on {row['short_share']:.2%} of item-days; holding cost "
            f"{row['saving']:+.1%} below {names[-1]} at the same service",
            soft_wrap=True,
        )
    for member in members:
        verdict = "lies below" if dominates(comparison, [member]) else "does not lie wholly below"
        console.print(f"{_title(member)}: the curve of {names[0]} {verdict} that of {names[-1]}.")
    for member in members:
        cheapest = curves.filter(pl.col("abc_class") == member).sort("total_cost").unique("policy", keep="first")
        costs = {row["policy"]: row for row in cheapest.iter_rows(named=True)}
        told = ", ".join(f"{name} {costs[name]['total_cost']:,.0f} (at {costs[name]['level']:.4g})" for name in names)
        saving = 1 - costs[names[0]]["total_cost"] / max(costs[names[-1]]["total_cost"], 1e-9)
        more = f"{abs(saving):.1%} {'less' if saving >= 0 else 'more'} than {names[-1]}"
        line = f"{_title(member)}: least total cost {told}; {names[0]} costs {more}."
        console.print(line, soft_wrap=True)


def _title(member: str) -> str:
    return "All item-sites" if member == "*" else f"Class {member}"


def _table(rows: pl.DataFrame, title: str) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in ("policy", "level", "empty shelf", "unmet", "fill", "stock value", "holding", "orders", "total"):
        table.add_column(heading, justify="left" if heading == "policy" else "right", no_wrap=True)
    for row in rows.iter_rows(named=True):
        fill = "" if row["fill_rate"] is None else f"{row['fill_rate']:.1%}"
        table.add_row(
            row["policy"], f"{row['level']:.4g}", f"{row['empty_share']:.2%}", f"{row['short_share']:.2%}", fill,
            *(f"{row[name]:,.0f}" for name in ("stock_value", "holding_cost", "orders", "total_cost")),
        )  # fmt: skip
    return table
