"""What a person does in the browser: sign in, follow a link, read, filter, drill, decide, switch language, leave."""

from __future__ import annotations

import re
import time

import httpx
import pytest
from playwright.sync_api import expect
from python_calamine import load_workbook

from streamlit_app.i18n import text
from streamlit_app.screens import SCREENS
from tests.app.conftest import PASSWORD, PEOPLE
from tests.app.test_role_matrix import OWN_DOOR, PUBLIC, addresses
from tests.e2e.conftest import PATIENCE_MS

PATIENCE = PATIENCE_MS / 1000
MENU = "[data-testid=stSidebarNavLink]"
GRID = "[data-testid=stDataFrame] canvas"
ROW_HEIGHT, HEADER_HEIGHT = 38, 38
MENU_OF_COLUMN = 270
# A screen of ours is drawn, its script has ended, nothing shown is of the run before, and nothing that ends by itself
# moves: for ten pictures on end.
AT_REST = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    const moves = a => a.playState === 'running' && Number.isFinite(a.effect.getComputedTiming().endTime);
    const calm = app?.dataset.testScriptState === 'notRunning' && document.querySelector('.nc-head h1, .nc-state')
        && !document.querySelector('[data-stale=true]') && !document.getAnimations().some(moves);
    window.calm = calm ? window.calm + 1 : 0;
    return window.calm >= 10;
}"""


def test_no_address_shows_anything_without_login(address):
    """Every address of ours and of Streamlit, asked of the server as it starts up; nothing but the doors answers."""
    ours = {path for method, path in addresses() if method == "GET"} - PUBLIC - OWN_DOOR
    streamlits = {"/media/x", "/_stcore/metrics", "/_stcore/host-config", "/_stcore/upload_file/x/y", "/component/x"}
    assert {f"/{screen.path}" for screen in SCREENS} <= ours
    for path in ours | streamlits | {"/anything", "/vega/x", "/app/static/x"}:
        answer = httpx.get(f"{address}{path}", headers={"accept": "text/html"}, timeout=PATIENCE)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/entrar"), path
        assert httpx.get(f"{address}{path}", timeout=PATIENCE).status_code == 401, path


def test_a_strangers_browser_ends_at_the_door_whatever_it_asks_for(visit):
    page = visit(None, "/materiais")
    for screen in SCREENS:
        page.goto(f"/{screen.path}")
        assert "/entrar" in page.url and page.locator("[class^=nc-], [data-testid=stApp]").count() == 0, screen.name
    refused = page.evaluate(
        """() => new Promise(tell => {
            const stream = new WebSocket(`ws://${location.host}/_stcore/stream`, ["streamlit"]);
            stream.onopen = () => tell("open");
            stream.onclose = () => tell("closed");
        })"""
    )
    assert refused == "closed"


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_enters_and_sees_its_menu(visit, role):
    page = visit(role)
    expect(page.locator(".nc-queues")).to_be_visible()
    expect(page.locator(".nc-user")).to_contain_text(PEOPLE[role][1])
    at_rest(page)
    names = [re.sub(r"^\w+\n", "", name) for name in page.locator(MENU).all_inner_texts()]
    assert ("Administração" in " ".join(names)) == (role == "ADMIN")
    assert page.evaluate("document.documentElement.lang") == "pt-BR"


@pytest.mark.parametrize("role", PEOPLE)
def test_a_deep_link_survives_the_login(visit, role):
    page = visit(None, "/material?item=033.010&onde=SSA-03&aba=estoque")
    assert "/entrar?next=" in page.url
    page.fill("#username", PEOPLE[role][0])
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    expect(page.locator(".nc-head h1")).to_contain_text("Conector RF N-macho")
    assert page.url.endswith("/material?item=033.010&onde=SSA-03&aba=estoque")


@pytest.mark.parametrize("role", ["ANALYST", "VIEWER"])
def test_a_screen_that_is_not_for_the_role_says_whom_to_ask(visit, town, role):
    page = visit(role, "/administracao")
    expect(page.locator(".nc-state h2")).to_have_text("Esta tela não é para o seu perfil")
    expect(page.locator(".nc-state")).to_contain_text("Administrador")
    query = (
        "SELECT actor, entity FROM support.audit_logs WHERE action = 'access.refused' ORDER BY audit_id DESC LIMIT 1"
    )
    assert town.owner().rows(query) == [{"actor": PEOPLE[role][0], "entity": "screen.admin"}]


def test_the_language_switch_keeps_the_page_and_its_filters(visit):
    page = visit("VIEWER", "/materiais?familia=Energia")
    expect(page.locator(".nc-head h1")).to_have_text("Materiais")
    page.click('.nc-user a[lang="en"]')
    expect(page.locator(".nc-head h1")).to_have_text("Materials")
    assert page.url.endswith("/materiais?familia=Energia")
    assert page.evaluate("[document.documentElement.lang, navigator.language]") == ["en", "en"]
    page.click('.nc-user a[lang="pt-BR"]')
    expect(page.locator(".nc-head h1")).to_have_text("Materiais")


def test_the_menu_of_a_column_speaks_the_language_of_the_page(visit):
    page = visit("VIEWER", "/materiais")
    for language, word, other in (("pt-BR", "Ordem crescente", "Sort ascending"), ("en", "Sort ascending", "Ordem")):
        page.goto(f"/idioma?para={language}&next=/materiais")
        at_rest(page)
        grid = page.locator("[data-testid=stDataFrame] .dvn-scroller").first
        # Its button appears at the right end of a column's head, once the head is pointed at.
        grid.hover(position={"x": MENU_OF_COLUMN - 60, "y": HEADER_HEIGHT // 2})
        grid.hover(position={"x": MENU_OF_COLUMN, "y": HEADER_HEIGHT // 2})
        at_rest(page)  # the button is drawn in one of the next pictures
        grid.click(position={"x": MENU_OF_COLUMN, "y": HEADER_HEIGHT // 2})
        menu = page.get_by_role("menuitem")
        expect(menu.filter(has_text=word)).to_be_visible()
        expect(menu.filter(has_text=other)).to_have_count(0)
    page.goto("/idioma?para=pt-BR&next=/materiais")


def test_the_date_picker_speaks_the_language_of_the_page(visit):
    page = visit("ADMIN", "/administracao?parte=auditoria")
    at_rest(page)
    page.locator("[data-testid=stDateInput] input, [data-testid=stDateInput] [role=spinbutton]").first.click()
    quick = page.get_by_test_id("stDateInputQuickSelect")
    expect(quick).to_contain_text("Período")
    expect(quick).to_contain_text("Escolher…")
    quick.get_by_role("button").click()
    options = page.get_by_test_id("stDateInputQuickSelectPopover").get_by_role("option")
    expect(options).to_have_text(
        ["Última semana", "Último mês", "Últimos 3 meses", "Últimos 6 meses", "Último ano", "Últimos 2 anos"]
    )
    options.first.click()
    expect(quick).to_contain_text("Última semana")


@pytest.mark.parametrize("role", PEOPLE)
def test_filters_go_into_the_address_and_along_to_the_next_screen(visit, role):
    page = visit(role, "/materiais?abc=A")
    expect(page.locator(GRID).first).to_be_visible()
    at_rest(page)
    search = page.get_by_placeholder(text("pt-BR", "items.search"))
    search.fill("Bateria")
    search.press("Enter")
    page.wait_for_url("**/materiais?**busca=Bateria**")
    at_rest(page)
    page.locator(MENU, has_text="Alertas").click()
    expect(page.locator(".nc-head h1")).to_have_text("Alertas")
    page.wait_for_url("**/alertas?abc=A")


@pytest.mark.parametrize("role", PEOPLE)
def test_a_click_in_the_list_opens_the_material(visit, role):
    page = visit(role, "/materiais?ordem=code")
    press(page, 160, 0)
    page.wait_for_url("**/material?item=021.104**")
    expect(page.locator(".nc-head h1")).to_contain_text("Bateria VRLA 12V 150Ah")
    expect(page.locator(".nc-decision")).to_be_visible()


@pytest.mark.parametrize("role", ["ADMIN", "ANALYST"])
def test_who_decides_approves_and_undoes_and_the_database_knows(visit, town, role):
    page = visit(role, "/recomendacoes?acoes=REORDER")
    tick(page, 0)
    expect(page.locator(".nc-decision")).to_contain_text("Comprar")
    page.get_by_role("button", name="Aprovar", exact=True).click()
    expect(page.locator(".nc-band")).to_contain_text("1 já decidida")
    query = """
        SELECT s.state, p.username
        FROM support.recommendation_states AS s JOIN support.people() AS p ON p.user_id = s.updated_by
    """
    assert town.owner().rows(query) == [{"state": "APPROVED", "username": PEOPLE[role][0]}]
    tick(page, 0)
    page.get_by_role("button", name="Desfazer").click()
    expect(page.locator(".nc-band")).to_contain_text("0 já decididas")
    assert town.owner().rows(query) == []


def test_a_viewer_reads_the_reasons_but_gets_no_button(visit):
    page = visit("VIEWER", "/recomendacoes?acoes=REORDER")
    tick(page, 0)
    expect(page.locator(".nc-decision")).to_contain_text("Por quê")
    assert page.get_by_role("button", name="Aprovar", exact=True).count() == 0


def test_a_download_is_a_file_in_the_readers_form_and_is_recorded(visit, town):
    page = visit("VIEWER", "/materiais?familia=Energia")
    expect(page.locator(GRID).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("Código;Material;Família")
    assert all(line.split(";")[2] == "Energia" for line in lines[1:]) and len(lines) > 1
    query = """
        SELECT actor, details ->> 'rows' AS rows FROM support.audit_logs
        WHERE action = 'export.downloaded' ORDER BY audit_id DESC LIMIT 1
    """
    assert town.owner().rows(query) == [{"actor": "carla", "rows": str(len(lines) - 1)}]


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_walks_every_screen_of_its_menu(visit, role, pictures):
    page = visit(role)
    expect(page.locator(".nc-queues")).to_be_visible()
    for screen in SCREENS:
        if not screen.in_menu or role not in screen.roles:
            continue
        page.locator(f'{MENU}[href$="/{screen.path}"]').first.click()
        expect(page.locator(".nc-head h1")).to_contain_text(text("pt-BR", screen.title_key))
        at_rest(page)
        assert page.locator("[data-testid=stException], .nc-state").count() == 0, screen.name
        if role == "ADMIN":
            pictures(page, screen.name)


@pytest.mark.parametrize("role", ["ANALYST", "VIEWER"])
def test_a_workbook_holds_what_the_database_holds_and_says_so(visit, town, role):
    page = visit(role, "/materiais?familia=Energia")
    expect(page.locator(GRID).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel").click()
    book = load_workbook(str(download.value.path()))
    header, *rows = book.get_sheet_by_name("Dados").to_python()
    query = """
        SELECT item_code, site_code, on_hand::float AS on_hand, stock_value::float AS stock_value
        FROM analytics.mv_item_sites_latest WHERE family = 'Energia'
    """
    told = {(row["item_code"], row["site_code"]): row for row in town.owner().rows(query)}
    code, site, on_hand, worth = (header.index(name) for name in ("Código", "Site", "Em estoque", "Estoque (R$)"))
    assert {(row[code], row[site]) for row in rows} == set(told) and rows
    for row in rows:
        expected = told[row[code], row[site]]
        assert row[on_hand] == pytest.approx(expected["on_hand"])
        assert row[worth] == pytest.approx(expected["stock_value"])
    statement = dict(book.get_sheet_by_name("Filtros").to_python())
    assert statement["Família"] == "Energia" and statement["Linhas"] == str(len(rows))
    assert statement["Baixado por"] == PEOPLE[role][1]


def test_what_is_approved_goes_to_the_erp_once(visit, town):
    page = visit("ANALYST", "/recomendacoes?acoes=REORDER")
    tick(page, 0)
    page.get_by_role("button", name="Aprovar", exact=True).click()
    expect(page.locator(".nc-band")).to_contain_text("1 já decidida")
    page.get_by_role("button", name="Exportar 1 para o ERP").click()
    expect(page.get_by_role("button", name="Pedidos do ERP (1)")).to_be_visible()
    at_rest(page)  # what is opened before the page is whole closes again
    page.get_by_role("button", name="Pedidos do ERP (1)").click()
    with page.expect_download() as download:
        page.locator("[data-testid=stPopoverBody]").get_by_role("button", name="CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    query = """
        SELECT i.item_code, s.state FROM support.recommendation_states AS s JOIN core.dim_item AS i USING (item_id)
    """
    (row,) = town.owner().rows(query)
    assert row["state"] == "EXPORTED"
    assert (
        lines[0].startswith("as_of;item_code;site_code;action;quantity") and lines[1].split(";")[1] == row["item_code"]
    )
    at_rest(page)
    assert page.get_by_role("button", name="Exportar").count() == 0


def test_a_planners_number_stands_beside_the_forecast(visit, town):
    page = visit("ANALYST", "/previsoes?busca=033.010")
    tick(page, 0)
    expect(page.get_by_text("Ajustar:")).to_be_visible()
    at_rest(page)
    page.get_by_text("Ajustar:").click()
    page.get_by_label("Motivo").fill("Obra nova na base")
    page.get_by_label("Seu número").fill("77")
    page.get_by_role("button", name="Guardar ajuste").click()
    (row,) = written(page, town, "SELECT field, target, value, reason FROM support.overrides")
    assert row == {"field": "FORECAST", "target": "D30", "value": 77.0, "reason": "Obra nova na base"}


def test_a_view_is_kept_and_leads_back(visit, town):
    page = visit("VIEWER", "/simulador?demanda=20&nivel=0.95")
    at_rest(page)
    page.get_by_role("button", name="Visões").click()
    page.get_by_label("Nome da visão").fill("Demanda alta")
    page.get_by_role("button", name="Guardar").click()
    assert written(page, town, "SELECT name FROM support.saved_views") == [{"name": "Demanda alta"}]
    page.goto("/simulador")
    at_rest(page)
    page.get_by_role("button", name="Visões").click()
    expect(page.locator("[data-testid=stPopoverBody]")).to_be_visible()
    page.get_by_role("link", name="Demanda alta").click()
    page.wait_for_url("**/simulador?demanda=20&nivel=0.95")


@pytest.mark.parametrize("role", PEOPLE)
def test_signing_out_closes_the_door_for_the_back_button_too(visit, role):
    page = visit(role)
    expect(page.locator(".nc-queues")).to_be_visible()
    page.locator(".nc-user form button").click()
    expect(page.locator(".note.good")).to_have_text("Você saiu. Até logo!")
    page.go_back()
    page.wait_for_url("**/entrar**")
    page.goto("/materiais")
    assert "/entrar" in page.url


def test_a_narrow_screen_has_no_sideways_scroll(visit):
    page = visit("VIEWER", is_mobile=True, has_touch=True)
    page.set_viewport_size({"width": 390, "height": 844})
    at_rest(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def at_rest(page) -> None:
    """Wait until a screen is drawn and still. After what asks for a run, wait for its outcome first."""
    page.evaluate("window.calm = 0")
    page.wait_for_function(AT_REST)


def written(page, town, query: str) -> list[dict]:
    """Rows of a query once there are any: what a click writes comes a moment after it."""
    deadline = time.monotonic() + PATIENCE
    while not (rows := town.owner().rows(query)) and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    return rows


def tick(page, row: int) -> None:
    """Tick a row of the queue."""
    press(page, 16, row)


def press(page, x: int, row: int) -> None:
    """Click into a row of the first table: its cells are drawn on a canvas below the layer that scrolls."""
    expect(page.locator(GRID).first).to_be_visible()
    at_rest(page)
    y = HEADER_HEIGHT + row * ROW_HEIGHT + ROW_HEIGHT // 2
    page.locator("[data-testid=stDataFrame] .dvn-scroller").first.click(position={"x": x, "y": y})
