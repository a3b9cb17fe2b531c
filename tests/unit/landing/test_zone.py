"""The landing zone: names of the contract, identities that last, writes that are whole."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import fsspec
import pytest

from nova_assets.staging import discovery
from nova_resources.landing import FileError, LandingZone, read_name


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("demand/2026-11-20.csv", ("demand", date(2026, 11, 20), None, "csv")),
        ("demand/2026-11-20_2.PARQUET", ("demand", date(2026, 11, 20), "2", "parquet")),
        ("items.xlsx", ("items", None, None, "xlsx")),
        ("items/items.csv", ("items", None, None, "csv")),
        ("items/new parts.csv", ("items", None, "new parts", "csv")),
    ],
)
def test_names_of_the_contract(path: str, parts: tuple[object, ...]) -> None:
    name = read_name(path)
    assert (name.feed, name.file_date, name.part, name.format) == parts


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("demand/2026-02-30.csv", "there is no date 2026-02-30"),
        ("demand/2026/11.csv", "lies too deep"),
        ("demand/2026-11-20.txt", "unknown extension 'txt'"),
    ],
)
def test_other_names_say_what_is_wrong(path: str, problem: str) -> None:
    with pytest.raises(FileError, match=problem):
        read_name(path)


def land(root: Path, *paths: str) -> LandingZone:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")
    return LandingZone(str(root))


def test_listing_leaves_out_what_is_unfinished_and_names_what_is_wrong(tmp_path: Path) -> None:
    zone = land(tmp_path, "demand/2026-01-02.csv", "demand/.2026-01-03.csv.tmp", "_notes/x.csv", "items.csv", "a.doc")
    listing = zone.listing()
    assert [file.path for file in listing.files] == ["demand/2026-01-02.csv", "items.csv"]
    assert [problem.file for problem in listing.problems] == ["a.doc"]
    assert [file.path for file in zone.listing(feeds=["items"]).files] == ["items.csv"]
    assert LandingZone(str(tmp_path / "nowhere")).listing().files == []


def test_a_file_has_the_same_identity_wherever_it_is_loaded_from(tmp_path: Path) -> None:
    landing = land(tmp_path / "landing", "demand/2026-01-02.csv")
    land(tmp_path / "usb", "demand/2026-01-02.csv", "demand/deep/2026-01-02.csv", "demands/x.csv")
    usb = tmp_path / "usb"
    for path in (usb / "demand" / "2026-01-02.csv", usb / "demand", usb):
        found, _ = discovery.at_path(str(path), landing, None, None)
        assert [(c.file.path, c.own) for c in found] == [("demand/2026-01-02.csv", False)]
    _, problems = discovery.at_path(str(usb), landing, None, None)
    assert [problem.problem for problem in problems] == ["lies too deep", "unknown feed 'demands'"]
    assert "Did you mean demand?" in str(problems[1])


def test_a_put_back_file_with_an_old_time_is_seen_as_changed(tmp_path: Path) -> None:
    zone = land(tmp_path, "items.csv")
    before = zone.listing().files[0]
    (tmp_path / "new").write_text("y")
    os.utime(tmp_path / "new", (1, 1))
    os.replace(tmp_path / "new", tmp_path / "items.csv")
    after = zone.listing().files[0]
    assert after.size == before.size
    assert after.modified is not None
    assert after.modified != before.modified
    assert zone.checksum(after) != zone.checksum(before, b"another mapping")


def test_a_broken_write_leaves_the_old_file(tmp_path: Path) -> None:
    zone = land(tmp_path, "items.csv")
    with pytest.raises(RuntimeError), zone.replacing("items.csv") as stream:
        stream.write(b"half")
        raise RuntimeError
    assert (tmp_path / "items.csv").read_text() == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["items.csv"]


def test_any_file_system_will_do(tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/extracts/demand/2026-01-02.csv", b"abc")
    zone = LandingZone("memory://extracts")
    (file,) = zone.listing().files
    assert file.path == "demand/2026-01-02.csv"
    assert zone.open(file).read() == b"abc"
    LandingZone(str(tmp_path)).take_over(zone, file)
    assert (tmp_path / "demand" / "2026-01-02.csv").read_bytes() == b"abc"
    assert zone.root == "memory:///extracts"
