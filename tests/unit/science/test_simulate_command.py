"""`nova simulate` on panel files: terms from columns, the comparison, foreign layouts, what is refused."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from nova_assets.analytics.histories import panel_history
from nova_assets.science.candidates import minmax_policy
from nova_assets.science.panel import PanelError
from nova_assets.science.replay import _simulate, lead_periods, refits
from nova_cli.main import build
from nova_cli.simulate import mapped_panel

START = dt.date(2024, 1, 1)
MAPPING = """
description: Two parts with their terms and weeks side by side.
outputs:
  - feed: demand
    where: CAST(units AS INTEGER) > 0
    unpivot: { first: w1, last: w3, name: week, value: units, periods: { first: 2024-01-07, every_days: 7 } }
    columns: { date: week, item_code: part, site_code: { constant: S }, quantity: units }
  - feed: items
    columns: { item_code: part, name: part, unit_measure: { constant: UN }, unit_cost: price }
  - feed: item_sources
    columns: { item_code: part, supplier_code: { constant: F }, lead_time_days: lead, min_order_qty: least }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Twenty daily series of 150 days with a unit cost, a lead time and a minimum order."""
    demand = np.random.default_rng(5).poisson(0.3, size=(20, 150)).astype(float)
    demand[:, 0] = 1
    row, day = np.nonzero(demand)
    frame = pl.DataFrame(
        {
            "series_id": [f"s{i:02d}" for i in row],
            "date": [START + dt.timedelta(days=int(d)) for d in day],
            "quantity": demand[row, day],
            "unit_cost": 12.5,
            "lead_time_days": 9,
            "min_order_qty": 4,
            "unmet_demand": "LOST",
        }
    )
    path = tmp_path / "panel.csv"
    frame.write_csv(path)
    return path


def run(*arguments: object):
    return CliRunner().invoke(build(["simulate"]), ["simulate", *map(str, arguments)])


def test_maximum_stock_and_suppliers_minimum_are_columns_of_a_panel_file(file: Path) -> None:
    begin, end = START + dt.timedelta(days=100), START + dt.timedelta(days=149)
    plain = pl.read_csv(file, try_parse_dates=True)
    supplier = pl.when(pl.col("series_id") < "s10").then(pl.lit("F1")).otherwise(pl.lit("F2"))
    least = pl.when(supplier == "F1").then(500.0)
    limited = plain.with_columns(max_stock=pl.lit(9), supplier_code=supplier, min_order_value=least)
    history = panel_history(limited, "D", begin, end)
    assert np.unique(history.max_stock).tolist() == [9.0]
    assert history.supplier.tolist() == [0] * 10 + [1] * 10
    assert np.unique(history.supplier_min_value[:10]).tolist() == [500.0] and not history.supplier_min_value[10:].any()
    runs = {}
    for name, frame in {"plain": plain, "limited": limited, "joint": limited.drop("max_stock")}.items():
        given = panel_history(frame, "D", begin, end)
        months = [minmax_policy(given, given.panel.until(cut), None)(0.95) for cut in refits(given)]
        runs[name] = _simulate(given, months, lead_periods(given, 0), [])
    coming = {name: run.ordered.cumsum(axis=1) - run.received.cumsum(axis=1) for name, run in runs.items()}
    assert (runs["plain"].on_hand + coming["plain"])[:, 20:].max() > 9
    assert (runs["limited"].on_hand + coming["limited"])[:, 20:].max() <= 9
    worth = {name: 12.5 * run.ordered[:10].sum(axis=0) for name, run in runs.items()}
    assert worth["plain"][worth["plain"] > 0].min() < 500 <= worth["joint"][worth["joint"] > 0].min()
    assert np.array_equal(runs["joint"].ordered[10:], runs["plain"].ordered[10:]), "F2 asks for nothing"


def test_curves_and_comparison_of_a_panel_file(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "curves.csv"
    done = run("--panel", file, "--from", "2024-04-01", "--to", "2024-05-29", "--policy", "quantile,minmax",
               "--levels", ".8,.95", "--json", "--out", out)  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    whole = [row for row in told["curves"] if row["abc_class"] == "*"]
    assert [(row["policy"], row["level"]) for row in whole] == [
        ("quantile", 0.8), ("quantile", 0.95), ("minmax", 0.8), ("minmax", 0.95),
    ]  # fmt: skip
    assert all(row["item_sites"] == 20 for row in whole)
    assert len(pl.read_csv(out)) == len(told["curves"])
    assert {row["level"] for row in told["comparison"]} == {0.8, 0.95}


def test_each_class_is_told_with_its_least_cost_and_no_number_is_cut(file: Path) -> None:
    words = ("--panel", file, "--from", "2024-04-01", "--to", "2024-05-29", "--policy", "economic,sq")
    done = run(*words, "--levels", ".8,.95")
    assert done.exit_code == 0 and "\N{HORIZONTAL ELLIPSIS}" not in done.output
    best = {}
    for row in json.loads(run(*words, "--levels", ".8,.95", "--json").stdout)["curves"]:
        key = (row["abc_class"], row["policy"])
        best[key] = min(best.get(key, np.inf), row["total_cost"])
    for member, title in (("*", "All item-sites"), ("A", "Class A"), ("B", "Class B"), ("C", "Class C")):
        line = next(line for line in done.output.splitlines() if line.startswith(f"{title}: least total cost"))
        assert f"economic {best[member, 'economic']:,.0f} " in line and f"sq {best[member, 'sq']:,.0f} " in line


def test_terms_are_read_from_columns(file: Path) -> None:
    history = panel_history(pl.read_csv(file), "D", dt.date(2024, 4, 1), dt.date(2024, 5, 29))
    assert history.lost_sales.all() and (history.min_order == 4).all() and (history.unit_cost == 12.5).all()
    assert np.allclose(history.holding_day, 12.5 * 0.25 / 365)
    assert history.demand.shape == (20, 59) and (history.lead_times.days == 9).all()


def test_unreadable_terms_and_ranges_are_refused(file: Path) -> None:
    frame = pl.read_csv(file).with_columns(unit_cost=pl.lit("1,5"))
    with pytest.raises(PanelError, match="column unit_cost"):
        panel_history(frame, "D", dt.date(2024, 4, 1), dt.date(2024, 5, 29))
    with pytest.raises(ValueError, match="needs history before and after"):
        panel_history(pl.read_csv(file), "D", START, dt.date(2024, 5, 29))


def test_a_foreign_file_becomes_a_panel_with_its_terms(tmp_path: Path) -> None:
    (tmp_path / "parts.yaml").write_text(MAPPING)
    source = tmp_path / "parts.csv"
    source.write_text("part;price;lead;least;w1;w2;w3\nP1;2.5;14;5;0;3;4\nP2;7;28;1;0;0;0\n")
    panel = mapped_panel(source, str(tmp_path / "parts.yaml"))
    assert panel["series_id"].unique().sort().to_list() == ["P1|S", "P2|S"]
    assert panel.filter(pl.col("quantity") > 0)["quantity"].to_list() == [3, 4]
    terms = panel.filter(pl.col("series_id") == "P2|S").row(0, named=True)
    assert (float(terms["unit_cost"]), float(terms["lead_time_days"]), float(terms["min_order_qty"])) == (7, 28, 1)
    assert panel["date"].min() == dt.date(2024, 1, 14)
