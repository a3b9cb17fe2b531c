"""Same seed, same bytes; one more day adds that day's files and touches no other."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b
from pathlib import Path

import pytest

from nova_assets import demo
from tests.unit.demo.conftest import END, PARAMETERS, START, Home, make


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): blake2b(path.read_bytes()).hexdigest() for path in files}


def test_two_runs_give_the_same_bytes(home: Home, tmp_path: Path):
    again = make(tmp_path)
    assert hashes(again.landing) == hashes(home.landing)
    assert hashes(again.truth) == hashes(home.truth)


def test_another_seed_gives_other_bytes(home: Home, tmp_path: Path):
    other = make(tmp_path, seed=6, end=START + timedelta(days=9))
    name = f"demand/{START + timedelta(days=4)}.csv"
    assert (other.landing / name).read_bytes() != (home.landing / name).read_bytes()


def test_extending_day_by_day_equals_one_long_run(home: Home, tmp_path: Path):
    make(tmp_path, end=END - timedelta(days=33))
    for back in (2, 1):
        make(tmp_path, end=END - timedelta(days=back))
    before = hashes(tmp_path / "landing")
    last = make(tmp_path)
    assert set(hashes(last.landing)) - set(before) == {
        f"{feed}/{END}.{'parquet' if feed == 'inventory' else 'csv'}"
        for feed in ("demand", "inventory", "purchase_orders", "planned_work", "external_daily")
    }
    assert hashes(last.landing) == hashes(home.landing)
    assert hashes(last.truth) == hashes(home.truth)


def test_running_again_writes_nothing(home: Home):
    before = hashes(home.landing)
    again = make(home.landing.parent)
    assert sum(again.made.files_written.values()) == 0
    assert hashes(home.landing) == before


def test_a_home_is_not_mixed_with_another_demonstration(home: Home):
    with pytest.raises(ValueError, match="another demonstration"):
        make(home.landing.parent, seed=6)
    with pytest.raises(ValueError, match="cannot be cut back"):
        make(home.landing.parent, end=END - timedelta(days=1))


def test_nothing_unfinished_is_left_behind(home: Home):
    assert not [path for path in home.landing.rglob("*") if path.name.startswith(".")]


def test_what_a_home_was_made_with_is_remembered(home: Home):
    known = demo.recorded_parameters(home.truth)
    assert known is not None
    assert {"seed": known.seed, "scale": known.scale, "start": known.start} == PARAMETERS
    assert known.end == END


def test_default_range_is_three_years():
    assert (END - demo.default_start(END)).days + 1 == 1096
