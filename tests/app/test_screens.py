"""Every screen for every role: who may see it sees it, who may not is told so, and that is recorded."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from streamlit_app import screens
from streamlit_app.access import current, sessions
from streamlit_app.access.roles import ADMIN, ANALYST, EVERYBODY, VIEWER
from streamlit_app.data import decisions, landing
from streamlit_app.data.database import AppDatabase, use_database
from streamlit_app.data.filters import Filters
from streamlit_app.i18n import speaking, t, text
from streamlit_app.navigation import pages_for
from streamlit_app.screens import SCREENS
from streamlit_app.ui import format as fmt
from streamlit_app.views import suppliers
from tests.app.conftest import PEOPLE

QUERIES = {"item": {"item": "033.010", "onde": "SSA-03"}}
PORTUGUESE_ONLY = re.compile(
    r"\b(estoque|pedido|semana|risco|linhas|fornecedor|prazo|demanda|aguardam)\b", re.IGNORECASE
)
ENGLISH_ONLY = re.compile(r"\b(stock|order|week|risk|rows|supplier|lead time|demand|data of|await)\b", re.IGNORECASE)


def screen(
    name: str, token: str | None, monkeypatch, *, language: str = "pt-BR", timeout: float = 60, **query: str
) -> AppTest:
    """The screen as the person behind `token` gets it."""
    monkeypatch.setattr(current, "session_token", lambda: token)
    script = (
        "from streamlit_app.ui.states import guarded\n"
        f"from streamlit_app.views import {name} as view\n"
        "guarded(view.render)\n"
    )
    test = AppTest.from_string(script, default_timeout=timeout)
    test.session_state["_language"] = language
    for key, given in (QUERIES.get(name, {}) | query).items():
        test.query_params[key] = given
    return test.run()


def words(test: AppTest) -> str:
    """Everything that the page says, tables' cells left out."""
    html = " ".join(str(element.proto.body) for element in test.get("html"))
    rest = " ".join(str(element.value) for kind in ("markdown", "caption") for element in test.get(kind))
    labels = " ".join(
        element.label for kind in ("button", "multiselect", "selectbox", "text_input") for element in test.get(kind)
    )
    return re.sub(r"<[^>]+>", " ", f"{html} {rest} {labels}")


@pytest.mark.parametrize(
    ("role", "shown"), list(product(EVERYBODY, SCREENS)), ids=lambda given: getattr(given, "name", given)
)
def test_a_role_sees_its_screens_and_no_other(role, shown, sign_in, company, monkeypatch):
    test = screen(shown.name, sign_in(role), monkeypatch)
    assert not test.exception
    with speaking("pt-BR"):
        denied, failed = t("state.denied_title"), t("state.error_title")
    said = words(test)
    assert failed not in said
    assert (denied in said) == (role not in shown.roles)
    if role not in shown.roles:
        query = """
            SELECT actor, entity FROM support.audit_logs
            WHERE action = 'access.refused' ORDER BY audit_id DESC LIMIT 1
        """
        assert company.owner().rows(query) == [{"actor": PEOPLE[role][0], "entity": f"screen.{shown.name}"}]


@pytest.mark.parametrize("shown", SCREENS, ids=lambda given: given.name)
def test_without_a_session_a_screen_shows_nothing(shown, app, monkeypatch):
    for token in (None, "a session id that never was"):
        said = words(screen(shown.name, token, monkeypatch))
        with speaking("pt-BR"):
            assert t("state.signed_out_title") in said
        assert "Conector" not in said


@pytest.mark.parametrize("shown", SCREENS, ids=lambda given: given.name)
def test_a_screen_speaks_one_language(shown, sign_in, monkeypatch):
    token = sign_in(ADMIN)
    portuguese = words(screen(shown.name, token, monkeypatch, language="pt-BR"))
    english = words(screen(shown.name, token, monkeypatch, language="en"))
    assert ENGLISH_ONLY.findall(portuguese) == []
    assert PORTUGUESE_ONLY.findall(english) == []


@pytest.mark.parametrize("role", EVERYBODY)
def test_the_menu_shows_a_role_only_what_it_may_open(role, app, monkeypatch):
    made = []
    monkeypatch.setattr("streamlit_app.navigation.st.Page", lambda run, **given: made.append(given) or run)
    pages_for(role)
    visible = [given["url_path"] for given in made if given["visibility"] == "visible"]
    assert visible == [
        "",
        "materiais",
        "previsoes",
        "recomendacoes",
        "alertas",
        "simulador",
        "fornecedores",
        "dados",
        *(["administracao"] if role == ADMIN else []),
    ]
    assert len(made) == len(SCREENS)
    titles = {given["url_path"]: given["title"] for given in made}
    assert re.fullmatch(r"Alertas · \d+", titles["alertas"])
    assert re.fullmatch(r"Recomendações · \d+", titles["recomendacoes"])


def test_the_whole_script_runs_and_greets_its_reader(sign_in, monkeypatch):
    token = sign_in(ANALYST)
    monkeypatch.setattr(current, "session_token", lambda: token)
    test = AppTest.from_file("../../streamlit_app/main.py", default_timeout=60).run()
    assert not test.exception
    assert "Bruno Lima" in words(test)


def test_filters_come_from_the_address_and_reach_the_list(sign_in, monkeypatch):
    test = screen("items", sign_in(VIEWER), monkeypatch, familia="Energia", regiao="SSA")
    rows = test.dataframe[0].value
    assert set(rows["family"]) == {"Energia"}
    assert all(code.startswith("SSA") for code in rows["site_code"])
    assert test.multiselect(key="at_familia").value == ["Energia"]


def test_a_search_finds_code_and_name_and_takes_its_signs_literally(sign_in, monkeypatch):
    token = sign_in(VIEWER)
    assert set(screen("items", token, monkeypatch, busca="021.1").dataframe[0].value["item_code"]) == {"021.104"}
    with speaking("pt-BR"):
        assert t("items.none") in words(screen("items", token, monkeypatch, busca="%"))


def test_an_unknown_material_is_named_and_leads_back(sign_in, monkeypatch):
    said = words(screen("item", sign_in(VIEWER), monkeypatch, item="999.999", onde=""))
    with speaking("pt-BR"):
        assert t("item.unknown", code="999.999") in said


def test_a_dead_database_is_said_on_the_page(sign_in, company, monkeypatch):
    token = sign_in(VIEWER)
    nowhere = company.settings.model_copy(update={"database_name": "there_is_no_such_database"})
    monkeypatch.setattr("streamlit_app.data.database.PATIENCE_SECONDS", 0.2)
    use_database(AppDatabase(nowhere))
    said = words(screen("panel", token, monkeypatch))
    with speaking("pt-BR"):
        assert t("door.unavailable_title") in said


def test_before_the_first_results_the_screens_say_so_and_administration_works(sign_in, settings, monkeypatch):
    token = sign_in(ADMIN)
    admin = sessions.find_session(token)
    use_database(AppDatabase(settings))
    st.cache_data.clear()
    monkeypatch.setattr(current, "current_session", lambda: admin)
    with speaking("pt-BR"):
        for shown in SCREENS:
            if shown.name not in {"data", "admin"}:
                assert t("state.no_data_title") in words(screen(shown.name, token, monkeypatch)), shown.name
        said = words(screen("data", token, monkeypatch))
        assert t("header.no_data") in said and t("data.nothing_landed") in said
    st.cache_data.clear()


def test_a_closed_alert_leaves_the_inbox_and_the_menu_until_it_is_opened_again(sign_in, monkeypatch):
    token = sign_in(ANALYST)
    session = sessions.find_session(token)
    assert session

    def inbox(box: str) -> str:
        return words(screen("alerts", token, monkeypatch, caixa=box))

    before = decisions.waiting(fmt.today())["alerts"]
    alerts = decisions.alerts(session, Filters())
    row = alerts[alerts["read_at"].isna() & alerts["snoozed_until"].isna() & ~alerts["closed"]].iloc[0].to_dict()
    name = f"{row['item_name']} · {row['site_code']}"
    assert name in inbox("abertos")
    decisions.resolve_alert(session, row, "peça já na van")
    try:
        assert decisions.waiting(fmt.today())["alerts"] == before - 1
        assert "peça já na van" in inbox("resolvidos")
        closed = decisions.alerts(session, Filters())
        assert closed.loc[closed["closed"], "cause"].tolist() == [row["cause"]]
    finally:
        decisions.reopen_alert(session, row)
    assert "peça já na van" not in inbox("resolvidos") and name in inbox("abertos")


def test_alerts_come_by_the_hours_that_a_contract_counts(sign_in, company, monkeypatch):
    query = """
        SELECT l.item_name || ' · ' || l.site_code AS name, a.hours_at_risk AS hours
        FROM analytics.mv_alerts_open AS a JOIN analytics.mv_item_sites_latest AS l USING (item_id, site_id)
        LEFT JOIN support.alert_states AS s USING (item_id, site_id, cause)
        ORDER BY s.read_at IS NOT NULL, a.hours_rank
    """
    told = company.owner().rows(query)
    said = words(screen("alerts", sign_in(VIEWER), monkeypatch, ordem="horas"))
    places = [said.index(row["name"]) for row in told]
    assert places == sorted(places)
    with speaking("pt-BR"):
        assert t("alerts.hours_at_stake", hours=fmt.hours(sum(row["hours"] for row in told))) in said
        assert fmt.hours(told[0]["hours"]) in said


def test_the_audit_log_turns_its_pages(sign_in, monkeypatch):
    token = sign_in(ADMIN)
    monkeypatch.setattr("streamlit_app.data.people.AUDIT_PAGE", 2)
    test = screen("admin", token, monkeypatch, parte="auditoria")
    newest = test.dataframe[0].value["audit_id"].tolist()
    test.button(key="audit_older").click().run()
    older = test.dataframe[0].value["audit_id"].tolist()
    assert test.query_params["antes"] == str(newest[-1])
    assert max(older) == min(newest) - 1
    test.button(key="audit_newest").click().run()
    assert "antes" not in test.query_params


def test_the_balance_shows_what_the_advice_was_worth_a_day(sign_in, company, monkeypatch):
    test = screen("recommendations", sign_in(VIEWER), monkeypatch, vista="balanco")
    query = """
        SELECT (sum(cost_with) / 30)::float AS followed, (sum(cost_without) / 30)::float AS nothing, count(*) AS lines
        FROM analytics.decision_replay WHERE as_of > date '2026-11-20' - 30
    """
    [told] = company.owner().rows(query)
    said = words(test)
    with speaking("pt-BR"):
        assert fmt.money(told["followed"]) in said and fmt.money(told["nothing"]) in said
    assert len(test.dataframe[0].value) == told["lines"]


def test_an_admin_sets_and_ends_a_rule_within_its_bounds(sign_in, company, monkeypatch):
    test = screen("admin", sign_in(ADMIN), monkeypatch, parte="regras")
    test.selectbox(key="rule_abc_class").set_value("A")
    test.number_input(key="rule_service_level").set_value(99.0)
    test.text_input(key="rule_reason").set_value("contrato 17")
    test.button(key="FormSubmitter:new_rule-" + text("pt-BR", "rules.save")).click().run()
    assert not test.exception
    query = """
        SELECT edit_id, abc_class, service_level::float, reason FROM support.planning_rule_edits WHERE ended_at IS NULL
    """
    [kept] = company.owner().rows(query)
    assert (kept["abc_class"], kept["service_level"], kept["reason"]) == ("A", 0.99, "contrato 17")
    session = sessions.find_session(sign_in(ADMIN))
    assert session
    landing.end_rule(session, kept["edit_id"])
    assert company.owner().rows(query) == []


def test_no_folder_is_called_pages():
    folder = Path(screens.__file__).parent
    assert [path for path in folder.rglob("pages") if path.is_dir()] == []


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_a_suppliers_least_order_is_shown_with_where_it_comes_from(company, sign_in, monkeypatch, language):
    owner, ticked = company.owner(), {"selection": {"rows": [0]}}
    shown = []
    monkeypatch.setattr(suppliers.tables, "show", lambda rows, **_: shown.append(rows) or ticked)
    few, none = owner.rows("SELECT supplier_id, supplier_code FROM core.dim_supplier ORDER BY supplier_code LIMIT 2")
    change = "UPDATE core.dim_supplier SET min_order_value = %(least)s WHERE supplier_id = %(supplier_id)s"
    owner.execute(change, least=512, supplier_id=few["supplier_id"])
    try:
        page = screen("suppliers", sign_in(VIEWER), monkeypatch, language=language, busca=few["supplier_code"])
        with speaking(language):
            assert t("supplier.has_minimum", value=fmt.money(512)) in words(page).replace("\\", "")
        assert shown[0]["min_order_value"].tolist() == [512]
        page = screen("suppliers", sign_in(VIEWER), monkeypatch, language=language, busca=none["supplier_code"])
        assert text(language, "supplier.no_minimum") in words(page)
    finally:
        owner.execute(change, least=None, supplier_id=few["supplier_id"])
