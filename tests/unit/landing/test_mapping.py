"""Mappings are checked before any file is read, and do what they say."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nova_assets.staging.feeds import feed
from nova_assets.staging.mapping import MappingError, read_mapping
from nova_assets.staging.reader import FeedReader, open_source
from nova_resources.landing import FileError

ROOT = Path(__file__).parents[3]
CSV = """Relatorio;;;;
Material;Depósito;jan;fev;Obs
m1 ; SSA;1,5;0;ok
m1;SSA;-;2;x
;SSA;1;1;total
"""


def mapping(tmp_path: Path, text: str):
    path = tmp_path / "foreign.yaml"
    path.write_text("description: test\n" + text, "utf-8")
    return read_mapping(path)


def read(chosen, name: str, data: str = CSV) -> pl.DataFrame:
    source = open_source("foreign.csv", "csv", lambda: io.BytesIO(data.encode()), [], chosen.layout)
    reader = FeedReader(feed(name, ""), "foreign.csv", source, chosen)
    return pl.concat([chunk.frame for chunk in reader.chunks()]).drop("_row")


WIDE = """
layout: { skip_rows: 1, nulls: ["-"] }
outputs:
  - feed: demand
    where: Material IS NOT NULL AND units <> '0'
    unpivot: { first: jan, last: fev, name: month, value: units, periods: { first: 2026-01-31, every_days: 28 } }
    reject: [{ when: "Obs = 'x'", reason: marked_by_hand, column: quantity }]
    columns:
      date: month
      item_code: { sql: upper(Material) }
      site_code: Depósito
      quantity: units
      demand_type: { constant: BUILD }
  - feed: items
    where: Material IS NOT NULL
    distinct: [item_code]
    columns: { item_code: Material, name: Obs }
"""


def test_wide_to_long_with_constants_expressions_filters_and_reasons(tmp_path: Path) -> None:
    long = read(mapping(tmp_path, WIDE), "demand")
    assert long.select("_line", "date", "item_code", "site_code", "quantity", "demand_type", "_reason").rows() == [
        (3, date(2026, 1, 31), "M1", "SSA", "1,5", "BUILD", None),
        (4, date(2026, 2, 28), "M1", "SSA", "2", "BUILD", "marked_by_hand"),
    ]


def test_distinct_keeps_the_last_row_of_the_file(tmp_path: Path) -> None:
    assert read(mapping(tmp_path, WIDE), "items").select("item_code", "name", "_line").rows() == [("m1", "x", 4)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("outputs: []", "outputs: List should have at least 1 item"),
        ("outputs: [{feed: demnd, columns: {}}]", "unknown feed 'demnd'; did you mean demand?"),
        ("outputs: [{feed: regions, columns: {region: x}}]", "no column 'region'; did you mean region_code?"),
        ("outputs: [{feed: demand, columns: {date: D, quantity: Q}}]", "feed demand needs item_code, site_code"),
        ("outputs: [{feed: regions, columns: {region_code: {sql: 'upper('}}}]", "no SQL expression"),
        ("outputs: [{feed: regions, columns: {region_code: {sql: \"read_csv('/etc/passwd')\"}}}]", "no SQL expression"),
        ("outputs: [{feed: regions, columns: {region_code: R}, filter: x}]", "filter: Extra inputs"),
        ("outputs: [", "expected"),
    ],
)
def test_a_wrong_mapping_says_where_and_why(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(MappingError, match=r"foreign\.yaml") as caught:
        mapping(tmp_path, text)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (
            "{region_code: Materal}",
            "there is no column 'Materal'; found: Material, Depósito, jan, fev, Obs. Did you mean",
        ),
        ("{region_code: {sql: CAST(Obs AS BIGINT)}}", "the mapping's output regions fails: conversion from"),
    ],
)
def test_a_mapping_that_does_not_fit_the_file_says_so(tmp_path: Path, columns: str, complaint: str) -> None:
    chosen = mapping(tmp_path, f"layout: {{skip_rows: 1}}\noutputs: [{{feed: regions, columns: {columns}}}]")
    with pytest.raises(FileError) as caught:
        read(chosen, "regions")
    assert complaint in str(caught.value)


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "mappings").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_mappings_are_sound(path: Path) -> None:
    assert read_mapping(path).outputs
