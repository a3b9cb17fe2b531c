"""The weekly ordering game played by the platform: what a newcomer lands is enough, and the orders are worth it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nova_assets import catalog
from nova_cli.export import export
from tests.acceptance.weekly_competition import (
    Extracts,
    Game,
    Player,
    cover,
    draw,
    naive,
    opening,
    oracle,
    orders_of,
    play,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

SERIES, SEED = 24, 12
COLUMNS = [
    "as_of", "item_code", "site_code", "action", "quantity", "supplier_code", "order_by", "arrive_by", "priority",
    "explanation",
]  # fmt: skip


def player_of(platform, out: Path) -> Player:
    """Week by week: land the extracts, bring the day up to date, read the orders from an export."""
    extracts = Extracts(Path(platform.settings.landing))
    table = catalog.table("analytics.recommendations")

    def player(game: Game):
        extracts.write(game)
        platform.materialize(game.as_of)
        export(platform.db, table, out, "csv", game.as_of)
        return orders_of(out, game.sales.codes)

    return player


@pytest.fixture(scope="module")
def sales():
    return draw(SERIES, SEED, weeks=84)


@pytest.fixture(scope="module")
def orders(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("game") / "orders.csv"


@pytest.fixture(scope="module")
def played(new_graph, sales, orders) -> Game:
    """The whole game, as the platform plays it."""
    with new_graph(opening(sales).as_of) as platform:
        return play(sales, player_of(platform, orders))


def test_it_costs_little_more_than_the_truth_would_let_it(played: Game, sales) -> None:
    costs = {rule.__name__: play(sales, rule).cost for rule in (cover, naive, oracle)}
    assert played.cost < costs["naive"] and played.cost < costs["cover"], (played.cost, costs)
    assert played.cost < 1.15 * costs["oracle"], (played.cost, costs)


def test_the_export_has_the_columns_that_players_read(played: Game, orders: Path) -> None:
    header = orders.read_text("utf-8").splitlines()[0].split(",")
    assert header[: len(COLUMNS)] == COLUMNS
