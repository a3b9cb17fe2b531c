"""Numbers, money and dates in both readers' forms, on screens and in files."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from streamlit_app.i18n import speaking
from streamlit_app.ui import charts
from streamlit_app.ui import format as fmt
from streamlit_app.ui.spreadsheet import csv_bytes, workbook_bytes

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("made", "portuguese", "english"),
    [
        (lambda: fmt.number(1234567.891, 2), "1.234.567,89", "1,234,567.89"),
        (lambda: fmt.number(-1234), "−1.234", "−1,234"),
        (lambda: fmt.quantity(12.0, "UN"), "12 un", "12 un"),
        (lambda: fmt.quantity(0.333), "0,33", "0.33"),
        (lambda: fmt.money(1_920_000), "R$\xa01,92\xa0mi", "R$1.92M"),
        (lambda: fmt.money(84_213), "R$ 84.213", "R$84,213"),
        (lambda: fmt.money(7.1), "R$ 7,10", "R$7.10"),
        (lambda: fmt.percent(0.0284), "2,8%", "2.8%"),
        (lambda: fmt.points(-0.003), "0,3", "0.3"),
        (lambda: fmt.days(4.25), "4,2 d", "4.2 d"),
        (lambda: fmt.day(date(2026, 11, 20)), "20/11/2026", "Nov 20, 2026"),
        (lambda: fmt.short_day(date(2026, 11, 24)), "24/11", "Nov 24"),
        (lambda: fmt.moment(datetime(2026, 11, 21, 2, 30, tzinfo=UTC)), "20/11/2026 23:30", "Nov 20, 2026 23:30"),
        (lambda: fmt.ago(NOW - timedelta(hours=5), NOW), "há 5 horas", "5 hours ago"),
        (lambda: fmt.measure(0.0284, "share"), "2,8%", "2.8%"),
        (lambda: fmt.number(None), "–", "–"),
        (lambda: fmt.money(float("nan")), "–", "–"),
    ],
)
def test_both_readers_see_their_own_form(made, portuguese, english):
    with speaking("pt-BR"):
        assert made().replace("\xa0", " ") == portuguese.replace("\xa0", " ")
    with speaking("en"):
        assert made().replace("\xa0", " ") == english.replace("\xa0", " ")


def test_data_are_stale_once_yesterday_is_missing():
    morning = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    assert not fmt.older_than_a_day(date(2026, 11, 20), morning)
    assert fmt.older_than_a_day(date(2026, 11, 19), morning)
    # 01:00 UTC of the 21st is still the 20th in Bahia.
    assert not fmt.older_than_a_day(date(2026, 11, 19), datetime(2026, 11, 21, 1, 0, tzinfo=UTC))


def test_a_file_is_in_the_readers_form_and_runs_nothing():
    rows = pd.DataFrame(
        {"name": ["=1+1", "Conector"], "value": [1234.5, None], "on": [date(2026, 11, 20), None], "yes": [True, False]}
    )
    labels = {"name": "Nome", "value": "Valor", "on": "Dia", "yes": "Sim"}
    with speaking("pt-BR"):
        lines = csv_bytes(rows, labels).decode("utf-8-sig").splitlines()
    assert lines == ["Nome;Valor;Dia;Sim", "'=1+1;1234,5;20/11/2026;sim", "Conector;;;não"]
    with speaking("en"):
        lines = csv_bytes(rows, labels).decode("utf-8-sig").splitlines()
    assert lines[1] == "'=1+1,1234.5,2026-11-20,yes"


def test_charts_speak_the_readers_language():
    with speaking("pt-BR"):
        locale = charts.config(charts_palette())["locale"]
        assert locale["time"]["months"][1] == "fevereiro"
        assert locale["time"]["days"][0] == "domingo"
        assert (locale["number"]["decimal"], locale["number"]["thousands"]) == (",", ".")
    with speaking("en"):
        assert charts.config(charts_palette())["locale"]["number"]["decimal"] == "."


def charts_palette():
    from streamlit_app.ui.theme import LIGHT

    return LIGHT


def test_a_workbook_holds_the_numbers_and_says_what_it_holds(tmp_path):
    from python_calamine import load_workbook

    rows = pd.DataFrame(
        {"name": ["=1+1", "Conector"], "value": [1234.5, None], "on": [date(2026, 11, 20), None], "yes": [True, False]}
    )
    labels = {"name": "Nome", "value": "Valor", "on": "Dia", "yes": "Sim"}
    path = tmp_path / "file.xlsx"
    with speaking("pt-BR"):
        path.write_bytes(workbook_bytes(rows, labels, {"Família": "Energia", "Dados de": "20/11/2026"}))
    book = load_workbook(str(path))
    assert book.sheet_names == ["Dados", "Filtros"]
    data = book.get_sheet_by_name("Dados").to_python()
    assert data == [
        ["Nome", "Valor", "Dia", "Sim"],
        ["=1+1", 1234.5, date(2026, 11, 20), True],
        ["Conector", "", "", False],
    ]
    assert book.get_sheet_by_name("Filtros").to_python() == [["Família", "Energia"], ["Dados de", "20/11/2026"]]
