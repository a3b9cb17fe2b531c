"""The SQL library: every file says what it is for, none can be misread by the driver."""

from __future__ import annotations

import re

import pytest

from nova_resources import sql_library
from nova_resources.sql_library import MalformedQuery, Query, UnknownQuery, sql

FILES = sorted(sql_library.ROOT.rglob("*.sql"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(sql_library.ROOT).as_posix())
def test_file_begins_with_its_purpose(path):
    first = path.read_text("utf-8").splitlines()[0]
    assert re.match(r"-- \S.{10,}", first), first


@pytest.mark.parametrize("name", sql_library.names())
def test_parameters_parse_and_are_told(name):
    query = sql(name)
    head = "\n".join(line for line in query.text.splitlines() if line.startswith("--"))
    untold = {p for p in query.parameters if p not in head and p not in ("window_start", "window_end", "as_of")}
    assert untold == set()


def test_unknown_name_tells_the_nearest():
    with pytest.raises(UnknownQuery, match="nearest: support/ledger_head"):
        sql("support/leger_head")


def test_names_do_not_leave_the_library():
    with pytest.raises(UnknownQuery):
        sql("../pyproject")


def test_stray_percent_is_refused_with_its_line():
    with pytest.raises(MalformedQuery, match="line 2"):
        _ = Query("x", "SELECT %(a)s, '%%'\n, 100 % 7").parameters


def test_same_query_is_read_once():
    assert sql("support/ledger_head") is sql("support/ledger_head")
