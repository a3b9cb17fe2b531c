"""Text from outside that means harm stays text: in every place of the app, in the API and in every file.

Names of materials, sites and suppliers come from extracts; remarks, reasons and labels from people.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
import streamlit as st
from google.protobuf.json_format import MessageToDict
from python_calamine import CalamineWorkbook
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from nova_resources.postgres import Database
from nova_resources.settings import Settings
from nova_resources.spreadsheets import FORMULA_SIGNS
from streamlit_app import downloads
from streamlit_app.access import accounts, current, sessions
from streamlit_app.access.sessions import Session
from streamlit_app.app import middleware, routes
from streamlit_app.data import decisions, forecasts, items, views
from streamlit_app.data.database import AppDatabase, use_database
from streamlit_app.data.decisions import QueueWish
from streamlit_app.data.filters import Filters
from streamlit_app.data.items import ItemSite
from streamlit_app.i18n import speaking, text
from streamlit_app.ui import format as fmt
from tests.app import sample
from tests.app.conftest import PASSWORD, PEOPLE, fill_company
from tests.app.places import EXPORTS, ITEM, places
from tests.app.sample_master import AS_OF
from tests.app.test_screens import words
from tests.conftest import PREFIX, drop_database

# A formula; attributes and tags closed, script in four ways; Markdown; a template; a reading direction turned around.
EVIL = (
    "=cmd|'/C calc'!A0\"'><script>window.pwned=1</script><img src=x onerror=window.pwned=1>"
    '<a href="javascript:window.pwned=1">x</a>[x](javascript:window.pwned=1) **b** $x$ :red[y] {{7*7}} \u202egnp.exe '
)
NAMES = ("core.dim_item", "core.dim_site", "core.dim_supplier", "core.dim_region")
# Strings of a widget that the browser shows as they are; every other one is read as Markdown.
AS_THEY_ARE = {
    "alt",
    "altText",
    "options",
    "placeholder",
    "default",
    "rawValue",
    "rawValues",
    "value",
    "defaultValue",
    "formId",
}
CODE_OF_CHARTS = {"expr", "signal", "test", "calculate", "filter", "href", "url"}
UNSAFE_MARKDOWN = re.compile(r"(?<!\\)(?:<(?:script|img|a)\b|\[x\]\(|\*\*b|:red\[)")


@pytest.fixture(scope="module")
def evil(template: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A company of its own whose names and people mean harm."""
    name = f"{PREFIX}_evil"
    settings = fill_company(template, tmp_path_factory.mktemp("evil") / "home", name)
    owner = Database(settings, role="nova_owner")
    for table in NAMES:
        owner.execute(f"UPDATE {table} SET name = %(evil)s || name", evil=EVIL)  # noqa: S608 - four fixed tables
    owner.execute("UPDATE staging.rejects SET raw = %(evil)s, detail = %(evil)s", evil=EVIL * 20)
    owner.execute("UPDATE support.users SET display_name = %(evil)s", evil=EVIL[:100])
    sample.refresh(settings)
    sessions.forget_sessions()
    st.cache_data.clear()
    use_database(AppDatabase(settings))
    _say_everything(entered("ANALYST"))
    yield settings
    use_database(None)
    st.cache_data.clear()
    sessions.forget_sessions()
    drop_database(settings, name)


def entered(role: str) -> Session:
    session = sessions.find_session(sessions.sign_in(PEOPLE[role][0], PASSWORD, "10.0.0.1", "pytest").token or "")
    assert session
    return session


def _say_everything(person: Session) -> None:
    """All that a planner may write, with harm in it."""
    (row, *_) = items.sites_of(person, ITEM["item"]).to_dict("records")
    items.add_comment(person, ItemSite(row["item_id"], row["site_id"], AS_OF), EVIL * 3, everywhere=True)
    until = fmt.today()
    given = {"field": "FORECAST", "target": "D30", "value": 7.0, "reason": EVIL, "valid_until": until}
    forecasts.add_override(person, row, **given)
    queue = decisions.recommendations(person, AS_OF, Filters(), QueueWish(actions=("REORDER",))).to_dict("records")
    decisions.decide(person, queue[0], "REJECTED", reason=EVIL)
    decisions.decide(person, queue[1], "ADJUSTED", quantity=3.0, reason=EVIL)
    decisions.decide(person, queue[1] | {"version": 1}, "EXPORTED")
    first, second, *_ = decisions.alerts(person, Filters()).to_dict("records")
    decisions.resolve_alert(person, first, EVIL)
    decisions.set_alert_state(person, second, read=True, snoozed_until=None, owner=person.username, note=EVIL[:200])
    views.save(person, "items", EVIL[:80], "familia=Energia")
    accounts.create_api_token(person, EVIL[:100], 30)


@pytest.fixture(scope="module")
def drawn(evil: Settings) -> tuple[dict[str, AppTest], dict[tuple[str, str], Callable[[], bytes]]]:
    """Every place as an ADMIN sees it, and what each file button would give."""
    pages, files = {}, {}
    admin = entered("ADMIN")

    def button(session: Any, label: str, what: str, _file: str, _mime: str, rows: Any, write: Any) -> None:
        def content() -> bytes:
            with speaking("pt-BR"):
                return write(rows())

        files[label, what] = content

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(current, "current_session", lambda: admin)
        patch.setattr(downloads, "current_session", lambda: admin)
        patch.setattr(downloads, "_button", button)
        for name, query in places():
            script = f"from streamlit_app.ui.states import guarded\nfrom streamlit_app.views import {name} as view\n"
            pages[f"{name} {query}"] = _run(f"{script}guarded(view.render)\n", query)
        pages["what opens at a click"] = _run(CLICKED, {})
    return pages, files


# The rows that a click would bring: AppTest cannot click into a table.
CLICKED = """
from streamlit_app.access import current
from streamlit_app.data import decisions, forecasts
from streamlit_app.data.filters import Filters
from streamlit_app.data.forecasts import ForecastWish
from streamlit_app.views import alerts, forecasts as screen, recommendations
from tests.app.sample_master import AS_OF

session = current.current_session()
found = decisions.recommendations(session, AS_OF, Filters(), decisions.QueueWish())
rows = decisions.told(session, found, every=True).to_dict("records")
for row in [row for row in rows if row["reason"]] + rows[:1]:
    recommendations._explanation(row)
recommendations._action_bar(rows[:3])
screen._override_form(forecasts.forecast_list(session, Filters(), ForecastWish("D30")).iloc[0].to_dict())
alerts._ask_reason(decisions.alerts(session, Filters()).iloc[0].to_dict())
"""


def _run(script: str, query: dict[str, str]) -> AppTest:
    test = AppTest.from_string(script, default_timeout=60)
    test.session_state["_language"] = "pt-BR"
    for key, given in query.items():
        test.query_params[key] = given
    return test.run()


class Harm(HTMLParser):
    """Collects tags and attributes that could do something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        scheme = {"href": ("/", "#"), "src": ("data:image/svg+xml,",), "action": ("/",)}
        if tag in {"script", "iframe", "object", "embed"}:
            self.found.append(tag)
        for name, given in attrs:
            if name.startswith("on") or not (given or "").startswith(scheme.get(name, ("",))):
                self.found.append(f"{tag} {name}={given}"[:120])


def strings(given: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string of a message with the name of its field."""
    if isinstance(given, dict):
        for name, inner in given.items():
            yield from strings(inner, name)
    elif isinstance(given, list):
        for inner in given:
            yield from strings(inner, key)
    elif isinstance(given, str):
        yield key, given


def texts(page: AppTest) -> Iterator[tuple[Any, str, str]]:
    """Every string that a page sends but the cells of tables, which are drawn: the element, its field, the text."""
    for node in page._tree:
        proto = getattr(node, "proto", None)
        if proto is not None and node.type != "arrow_data_frame":
            yield from ((node, key, text) for key, text in strings(MessageToDict(proto)) if "pwned" in text)


def harm(page: AppTest) -> list[str]:
    """What a page would let act; text that only stands there is none."""
    found = []
    for node, key, said in texts(page):
        if node.type == "html" or (node.type == "markdown" and node.proto.allow_html):
            found += [f"html: {one}" for one in Harm(said).found]
        elif key == "spec":
            parts = strings(json.loads(said))
            found += [f"chart {name}" for name, one in parts if name in CODE_OF_CHARTS and "pwned" in one]
        elif key not in AS_THEY_ARE and UNSAFE_MARKDOWN.search(said):
            found.append(f"{node.type}.{key}: {said[:160]}")
    return found


def test_in_every_place_it_stays_text(drawn):
    pages, _ = drawn
    broken = text("pt-BR", "state.error_title")
    assert [place for place, page in pages.items() if page.exception or broken in words(page)] == []
    assert {place: found for place, page in pages.items() if (found := harm(page))} == {}
    assert len([page for page in pages.values() if any(texts(page))]) > 12, "names must be there to be harmless"


def test_the_check_finds_what_it_should():
    assert Harm(EVIL).found and not Harm(fmt.plain("x")).found
    assert UNSAFE_MARKDOWN.search(EVIL) and not UNSAFE_MARKDOWN.search(fmt.plain(EVIL))


def test_every_file_is_there_and_no_cell_of_it_runs(drawn):
    _, files = drawn
    assert {what for _, what in files} == EXPORTS
    held = 0
    for (label, what), content in files.items():
        if label == "CSV":
            cells = [c for row in csv.reader(io.StringIO(content().decode("utf-8-sig")), delimiter=";") for c in row]
            running = [c for c in cells if c.startswith(FORMULA_SIGNS) and not re.fullmatch(r"-[\d,e-]+", c)]
            assert running == [], what
        else:
            book = content()
            with zipfile.ZipFile(io.BytesIO(book)) as parts:
                sheets = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/worksheets/")]
                assert not any("<f>" in s or "hyperlink" in s for s in sheets), what
                assert not any("externalLink" in n for n in parts.namelist()), what
            cells = [
                str(c)
                for row in CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
                for c in row
            ]
            held += any(c.startswith(EVIL[:60]) for c in cells)
    assert held > 5, "names arrive in files as they were given"


def test_the_api_and_the_plain_pages_answer_with_text(evil):
    site = Starlette(routes=routes, middleware=middleware)
    with TestClient(site, follow_redirects=False) as client:
        client.cookies.set(
            "nova_session", sessions.sign_in(PEOPLE["ANALYST"][0], PASSWORD, "10.0.0.1", "x").token or ""
        )
        named = 0
        for path in ("items", f"items/{ITEM['item']}", "inventory", "recommendations", "alerts", "suppliers"):
            answer = client.get(f"/api/v1/{path}")
            assert answer.headers["content-type"] == "application/json", path
            assert answer.headers["x-content-type-options"] == "nosniff", path
            named += EVIL in json.dumps(answer.json(), ensure_ascii=False).replace('\\"', '"')
        assert named >= 3
        unknown = client.get(f"/api/v1/items/{EVIL.replace('/', '')}")
        assert (unknown.status_code, unknown.headers["content-type"]) == (422, "application/problem+json")
        account = client.get("/conta").text
        assert "pwned" in account and not [one for one in Harm(account).found if "pwned" in one]
        entry = client.get("/entrar", params={"next": EVIL}, headers={"cookie": ""}).text
        assert "<script>window.pwned" not in entry
