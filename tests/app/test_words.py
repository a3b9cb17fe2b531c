"""The catalogue: complete in both languages, and every key that the code names is in it."""

from __future__ import annotations

import ast
import re
import string
from importlib import resources
from pathlib import Path

import pytest

from nova_assets.science.registry import MODELS
from nova_resources.sql_library import FUNCTIONS
from streamlit_app import screens
from streamlit_app.data import items
from streamlit_app.i18n import LANGUAGES, speaking, t, text, value
from streamlit_app.i18n.words import WORDS
from streamlit_app.ui import explain
from streamlit_app.views import admin_audit, alerts, recommendations

APP = Path(screens.__file__).parent
PLACES = string.Formatter()
KEY_IN_TEMPLATE = re.compile(r"""\bt\(\s*["']([\w.]+)["']""")


def places(words: str) -> set[str]:
    return {name for _, name, _, _ in PLACES.parse(words) if name is not None}


def test_every_key_speaks_both_languages_with_the_same_places():
    silent = [key for key, (portuguese, english) in WORDS.items() if not portuguese.strip() or not english.strip()]
    unlike = [key for key, (portuguese, english) in WORDS.items() if places(portuguese) != places(english)]
    assert (silent, unlike) == ([], [])


def strings_in_code() -> set[str]:
    """Every string of the app's code and templates that could be a key."""
    found = set()
    for path in APP.rglob("*.py"):
        if path.parent.name != "words":
            tree = ast.walk(ast.parse(path.read_text("utf-8")))
            found |= {node.value for node in tree if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for path in APP.rglob("*.html"):
        found |= set(KEY_IN_TEMPLATE.findall(path.read_text("utf-8")))
    return found


def first_arguments(function: str) -> set[str]:
    """Literal first arguments of the calls of a function in the app's code."""
    found = set()
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == function
                and node.args
            ):
                first = node.args[0]
                found |= {first.value} if isinstance(first, ast.Constant) else set()
    return found


def test_every_key_that_the_code_asks_for_is_in_the_catalogue():
    in_templates = {key for path in APP.rglob("*.html") for key in KEY_IN_TEMPLATE.findall(path.read_text("utf-8"))}
    assert (first_arguments("t") | first_arguments("tn") | in_templates) - WORDS.keys() == set()
    assert {screen.title_key for screen in screens.SCREENS} <= WORDS.keys()


def test_every_word_of_streamlit_that_is_translated_is_one_that_it_says():
    ours = (APP / "assets" / "shell.js").read_text("utf-8")
    words = dict(re.findall(r'^    "([^"]+)": "([^"]+)",$', ours, re.MULTILINE))
    assert len(words) > 30 and not words.keys() & set(words.values())
    static = Path(str(resources.files("streamlit"))) / "static" / "static" / "js"
    said = "".join(path.read_text("utf-8") for path in static.glob("*.js"))
    assert [word for word in words if f"`{word}`" not in said] == []


def test_no_word_is_kept_for_nobody():
    strings = strings_in_code()
    # Built from a code of the data or of a list: t(f"items.by_{code}"), value("action", code).
    built = {prefix for text in strings if text.endswith((".", "_")) for prefix in [text]}
    kinds = first_arguments("value") | set(explain.KINDS.values())
    singular = {key for key in WORDS if key.endswith(".one") and key.removesuffix(".one") in strings}
    unused = [
        key
        for key in WORDS
        if key not in strings | singular
        and key.split(".")[0] not in kinds
        and not any(key.startswith(prefix) for prefix in built)
    ]
    assert unused == []


def test_every_event_of_the_audit_log_has_words():
    """Those that functions of the database write, and those that the app and the commands give to one."""
    functions = "".join(path.read_text("utf-8") for path in FUNCTIONS.glob("*.sql"))
    written = set(re.findall(r"append_audit\(\s*[\w.']+,\s*'([a-z_]+\.[a-z_]+)'", functions))
    assert len(written) > 20
    given = set()
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"record", "carry_out"}
            ):
                given |= {arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)}
    assert len(given) > 20
    decided = {f"recommendation.{state.lower()}" for state in recommendations.STATES} - {"recommendation.proposed"}
    commands = {"export.written", "retention.thinned"}
    assert written | given | decided | commands <= set(admin_audit.EVENTS)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("role", ("ADMIN", "ANALYST", "VIEWER")),
        ("action", recommendations.ACTIONS),
        ("priority", recommendations.PRIORITIES),
        ("state", recommendations.STATES),
        ("cause", alerts.CAUSES),
        ("severity", alerts.SEVERITIES),
        ("demand_class", items.DEMAND_CLASSES),
    ],
)
def test_every_code_of_the_data_has_words(kind, codes):
    assert [code for code in codes if f"{kind}.{code}" not in WORDS] == []


def test_the_codes_that_screens_offer_are_those_of_the_catalog():
    from nova_assets.catalog import analytics, support

    assert set(recommendations.ACTIONS) == set(analytics.ACTIONS)
    assert set(recommendations.PRIORITIES) == set(analytics.PRIORITIES)
    assert set(alerts.CAUSES) == set(analytics.ALERT_CAUSES)
    assert set(alerts.SEVERITIES) == set(analytics.SEVERITIES)
    assert set(items.DEMAND_CLASSES) == set(analytics.DEMAND_CLASSES)
    states = support.RECOMMENDATION_STATES.column("state").values
    assert set(recommendations.STATES) == {*states, "PROPOSED"}


def test_the_reader_gets_the_language_of_the_block():
    with speaking("en"):
        assert t("screen.panel") == "Dashboard"
        assert value("action", "REORDER") == "Buy"
    with speaking("pt-BR"):
        assert t("screen.panel") == "Painel"
        assert value("action", "SOMETHING_NEW") == "SOMETHING_NEW"
    assert text("en", "header.run", run="7f3a") == "run 7f3a"
    assert list(LANGUAGES) == ["pt-BR", "en"]


def test_where_a_rule_holds_is_told_in_words():
    scope = "item_code=1, family=Cabos, abc_class=A, site_code=S, criticality>=8"
    with speaking("pt-BR"):
        told = explain.term_value("service_level.scope", scope)
        assert told == "material 1, família Cabos, classe A, site S, criticidade ≥ 8"
        assert explain.term_value("scope", "*") == "tudo"


def test_every_model_has_a_name_for_people():
    assert [name for name in MODELS if f"model.{name}" not in WORDS] == []
