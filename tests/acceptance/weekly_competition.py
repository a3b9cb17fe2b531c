"""A weekly ordering game as a player of it meets the platform: extracts and planning rules in, an export out.

Every Sunday the player sees the sales and its stock, orders, and gets the goods two weeks later: what is ordered at
the end of week t serves from week t + 3 on. A unit that is not there is lost and costs 1, a unit left at the end of a
week costs 0.2. Orders are placed at the ends of the first six weeks; the costs of eight weeks are added up.

As a command it plays on sales that it draws, or on a real file, through the commands of `nova` in a new home:

    python -m tests.acceptance.weekly_competition --series 599 --home /path/to/new/home [--sales weekly.csv]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nova_assets.science import quantiles, randomness
from nova_assets.science.projection import draw_order, lost_sales_shortfall

Floats = NDArray[np.float64]
Player = Callable[["Game"], Floats]

WEEK = timedelta(days=7)
FIRST_MONDAY = date(2021, 4, 12)
WEEKS, SCORED, ROUNDS, LEAD = 165, 8, 6, 2
SHORT, HELD = 1.0, 0.2
LEVELS = np.asarray(quantiles.GRID)


@dataclass
class Sales:
    """Weekly sales (n, T) of `codes`, (product, store) each; `truth` (n, T, Q) are their true quantiles where known."""

    codes: list[tuple[str, str]]
    sold: Floats
    truth: Floats | None = None

    @property
    def begin(self) -> int:
        """Weeks known before the first order."""
        return self.sold.shape[1] - SCORED


def draw(series: int, seed: int, weeks: int = WEEKS) -> Sales:
    """Sales of a chain of stores: levels over two orders of magnitude, a yearly season by product group, trends, weeks
    in which nothing is asked for, and negative binomial noise."""
    rng = np.random.default_rng(seed)
    group, t = np.arange(series) % 6, np.arange(weeks)
    level = np.exp(rng.normal(0.6, 1.2, series))
    swing, peak = rng.uniform(0.1, 0.7, 6)[group], (rng.uniform(0, 52, 6)[group] + rng.normal(0, 2, series))
    season = np.exp(swing[:, None] * np.cos(2 * np.pi * (t[None, :] - peak[:, None]) / 52))
    trend = np.exp(rng.normal(0, 0.25, series)[:, None] * (t / weeks - 0.5)[None, :])
    mean = level[:, None] * season * trend
    quiet, shape = rng.beta(1, 4, series)[:, None], rng.gamma(2, 1, series)[:, None] + 0.3
    asked = rng.random((series, weeks)) >= quiet
    sold = np.where(asked, rng.negative_binomial(shape, shape / (shape + mean)), 0).astype(float)
    born = np.where(rng.random(series) < 0.15, rng.integers(0, weeks - 40, series), 0)
    sold = np.where(t[None, :] >= born[:, None], sold, 0.0)
    codes = [(f"P{place // 8:03d}", f"S{place % 8 + 8 * (place // 80):02d}") for place in range(series)]
    return Sales(codes, sold, _true_quantiles(mean[:, -SCORED - LEAD :], shape, quiet))


def _true_quantiles(mean: Floats, shape: Floats, quiet: Floats) -> Floats:
    """(n, T, Q) quantiles of a negative binomial that is zero with a probability of `quiet` besides."""
    from scipy.stats import nbinom

    level = np.maximum((LEVELS - quiet[..., None]) / (1 - quiet[..., None]), 0.0)
    found = nbinom.ppf(level, shape[..., None], (shape / (shape + mean))[..., None])
    return np.maximum(found, 0.0)


def read_sales(path: Path) -> Sales:
    """A CSV of series_id and one column a week, oldest first."""
    table = pl.read_csv(path)
    codes = [tuple(str(name).split("|")) if "|" in str(name) else (str(name), "S1") for name in table["series_id"]]
    return Sales(codes, table.drop("series_id").to_numpy().astype(float))  # pyright: ignore[reportArgumentType]


@dataclass
class Game:
    """The state of play. `week` weeks of sales are known; the shelf is that of the end of the last of them."""

    sales: Sales
    week: int
    shelf: Floats
    orders: list[tuple[int, Floats]] = field(default_factory=list)  # (weeks known when ordered, units), oldest first
    lost: float = 0.0
    held: float = 0.0

    @property
    def cost(self) -> float:
        return self.lost + self.held

    @property
    def known(self) -> Floats:
        return self.sales.sold[:, : self.week]

    @property
    def as_of(self) -> date:
        """The Sunday that closes the last week known."""
        return FIRST_MONDAY + self.week * WEEK - timedelta(days=1)

    @property
    def coming(self) -> Floats:
        """(n, LEAD) units that serve from the begin of each of the next weeks on."""
        table = np.zeros((len(self.shelf), LEAD))
        for placed, units in self.orders:
            if 0 <= placed + LEAD - self.week < LEAD:
                table[:, placed + LEAD - self.week] += units
        return table

    def advance(self, order: Floats) -> None:
        """Place an order, then let a week pass."""
        stock = self.shelf + self.coming[:, 0]
        self.orders.append((self.week, order))
        asked = self.sales.sold[:, self.week]
        self.lost += SHORT * float(np.maximum(asked - stock, 0.0).sum())
        self.shelf = np.maximum(stock - asked, 0.0)
        self.held += HELD * float(self.shelf.sum())
        self.week += 1


def opening(sales: Sales) -> Game:
    """The state in which every player begins: twelve weeks of the cover rule."""
    game = Game(sales, sales.begin - 12, np.ceil(sales.sold[:, : sales.begin - 12][:, -13:].mean(axis=1) * 2))
    while game.week < sales.begin:
        game.advance(cover(game))
    game.lost = game.held = 0.0
    return game


def play(sales: Sales, player: Player) -> Game:
    game = opening(sales)
    while game.week < sales.begin + SCORED:
        game.advance(player(game) if game.week < sales.begin + ROUNDS else np.zeros(len(game.shelf)))
    return game


def cover(game: Game) -> Floats:
    """The benchmark: up to four weeks of the mean of the last 13, moved by the season of the whole panel."""
    every, season = game.known.sum(axis=0), 1.0
    if game.week >= 65:
        season = every[-52:-48].mean() / max(every[-65:-52].mean(), 1e-9)
    wanted = 4 * game.known[:, -13:].mean(axis=1) * np.clip(season, 0.5, 2.0)
    return np.maximum(np.round(wanted - game.shelf - game.coming.sum(axis=1)), 0.0)


def naive(game: Game) -> Floats:
    """Up to four weeks of the mean of the last four."""
    return np.maximum(np.round(4 * game.known[:, -4:].mean(axis=1) - game.shelf - game.coming.sum(axis=1)), 0.0)


def oracle(game: Game) -> Floats:
    """The newsvendor of the week of arrival, who knows the true distributions."""
    truth = game.sales.truth
    assert truth is not None
    at = game.week - game.sales.begin + LEAD
    steps = truth[:, at : at + LEAD + 1]
    n = len(game.shelf)
    arrivals = np.concatenate([game.coming, np.zeros((n, 1))], axis=1)
    ids = np.array([f"{item}|{site}" for item, site in game.sales.codes], dtype=object)
    short = lost_sales_shortfall(
        LEVELS, steps, np.ones(n, dtype=bool), game.shelf, arrivals, np.full((n, 1), LEAD),
        np.full(n, SHORT / (SHORT + HELD)),
        draw_order(randomness.series_keys(ids, "oracle", game.week), LEAD + 1),
    )  # fmt: skip
    return np.maximum(short, 0.0)


class Extracts:
    """What a player lands: the whole history once, then each week's sales, the shelf and every order so far."""

    def __init__(self, landing: Path) -> None:
        self.landing = landing

    def write(self, game: Game) -> None:
        """Extracts of a Sunday: sales dated by the Monday of their week, as they are told."""
        codes = pl.DataFrame(game.sales.codes, schema=["item_code", "site_code"], orient="row")
        if not (self.landing / "planning_rules").exists():
            self._master(codes)
            first = 0
        else:
            first = game.week - 1
        weeks = pl.concat(
            codes.with_columns(date=pl.lit(FIRST_MONDAY + t * WEEK), quantity=pl.Series(game.known[:, t]))
            for t in range(first, game.week)
        )
        day = game.as_of.isoformat()
        self._put("demand", day, weeks.filter(pl.col("quantity") > 0))
        self._put("inventory", day, codes.with_columns(date=pl.lit(game.as_of), on_hand=pl.Series(game.shelf)))
        self._put("purchase_orders", day, self._orders(game, codes))

    def _orders(self, game: Game, codes: pl.DataFrame) -> pl.DataFrame:
        parts = []
        for placed, units in game.orders:
            day = FIRST_MONDAY + placed * WEEK - timedelta(days=1)
            came = placed + LEAD < game.week
            parts.append(
                codes.with_row_index("line_no", 1).with_columns(
                    order_no=pl.lit(f"W{placed}"), supplier_code=pl.lit("DC"), order_date=pl.lit(day),
                    expected_date=pl.lit(day + LEAD * WEEK), quantity=pl.Series(units),
                    received_date=pl.lit(day + LEAD * WEEK if came else None, dtype=pl.Date),
                    received_quantity=pl.Series(units if came else np.zeros(len(units))),
                )
            )  # fmt: skip
        return pl.concat(parts).filter(pl.col("quantity") > 0)

    def _master(self, codes: pl.DataFrame) -> None:
        items, sites = codes.select("item_code").unique().sort("item_code"), codes.select("site_code").unique()
        self._put("items", "items", items)
        self._put("sites", "sites", sites.sort("site_code"))
        self._put("suppliers", "suppliers", pl.DataFrame({"supplier_code": ["DC"]}))
        self._put("item_sources", "sources", items.with_columns(supplier_code=pl.lit("DC")))
        rule = {
            "review_days": 7, "lead_time_days": 14, "holding_cost_unit_day": HELD / 7, "shortage_cost_unit": SHORT,
            "fixed_order_cost": 0, "unmet_demand": "LOST",
        }  # fmt: skip
        self._put("planning_rules", "rules", pl.DataFrame([rule]))

    def _put(self, feed: str, name: str, rows: pl.DataFrame) -> None:
        folder = self.landing / feed
        folder.mkdir(parents=True, exist_ok=True)
        rows.write_csv(folder / f"{name}.csv")


def orders_of(exported: Path, codes: list[tuple[str, str]]) -> Floats:
    """REORDER quantities of an export of analytics.recommendations, in the order of `codes`."""
    rows = pl.read_csv(exported, infer_schema_length=None).filter(pl.col("action") == "REORDER")
    told = {(str(item), str(site)): units for item, site, units in rows.select(
        "item_code", "site_code", "quantity").iter_rows()}  # fmt: skip
    return np.array([told.get(code, 0.0) for code in codes])


def by_commands(home: Path) -> Player:
    """A player who types the commands of `nova` in a home of its own."""
    environment = os.environ | {"NOVA_HOME": str(home)}
    extracts, out = Extracts(home / "landing"), home / "orders.csv"

    def nova(*words: str) -> None:
        subprocess.run([sys.executable, "-m", "nova_cli", *words], env=environment, check=True)

    def player(game: Game) -> Floats:
        began, day = time.monotonic(), game.as_of.isoformat()
        if not extracts.landing.exists():
            nova("init")
        extracts.write(game)
        nova("load", str(extracts.landing))
        nova("materialize", "--as-of", day)
        nova("export", "analytics.recommendations", "--as-of", day, "--format", "csv", "--out", str(out))
        sys.stderr.write(f"{day}: ordered in {time.monotonic() - began:.0f} s\n")
        return orders_of(out, game.sales.codes)

    return player


def main() -> None:
    parser = argparse.ArgumentParser(description="Play the weekly ordering game through the commands of nova.")
    parser.add_argument("--series", type=int, default=599, help="series to draw")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--home", type=Path, required=True, help="home to be made for the game")
    parser.add_argument("--sales", type=Path, help="CSV: series_id (item|site), then one column a week")
    given = parser.parse_args()
    sales = read_sales(given.sales) if given.sales else draw(given.series, given.seed)
    players: dict[str, Player] = {"naive": naive, "benchmark": cover, "platform": by_commands(given.home)}
    if sales.truth is not None:
        players["oracle"] = oracle
    costs = {name: play(sales, player) for name, player in players.items()}
    for name, game in costs.items():
        ratio = game.cost / costs["benchmark"].cost
        print(f"{name:10} lost {game.lost:8.0f}  held {game.held:8.0f}  cost {game.cost:8.0f}  {ratio:.3f}")  # noqa: T201


if __name__ == "__main__":
    main()
