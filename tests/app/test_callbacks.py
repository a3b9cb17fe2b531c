"""What a press does: every callback of a screen asks for the role before anything else, found in the code by itself."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from streamlit_app import screens
from streamlit_app.access import current
from streamlit_app.access.roles import ADMINS, DECIDERS, EVERYBODY, SignedOut

APP = Path(screens.__file__).parent
FOLDERS = ("views", "ui")
# Module and callback to the roles that it lets act; one that is not named here fails.
ACTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("views.admin_people._create", "views.admin_people._create_token"), ADMINS),
    **dict.fromkeys(("views.admin_people._end", "views.admin_people._end_sessions"), ADMINS),
    **dict.fromkeys(("views.admin_people._reset_factor", "views.admin_people._reset_password"), ADMINS),
    **dict.fromkeys(("views.admin_people._revoke_tokens", "views.admin_people._set_active"), ADMINS),
    "views.admin_people._set_role": ADMINS,
    **dict.fromkeys(("views.admin_rules._end", "views.admin_rules._save"), ADMINS),
    "views.admin_runs._ask": ADMINS,
    **dict.fromkeys(("views.alerts._act", "views.alerts._reopen", "views.alerts._resolve"), DECIDERS),
    **dict.fromkeys(("views.forecasts._override", "views.forecasts._withdraw"), DECIDERS),
    "views.item_past._comment": DECIDERS,
    **dict.fromkeys(("views.recommendations._decide", "views.recommendations._decide_adjusted"), DECIDERS),
    "views.recommendations._undo": DECIDERS,
    "views.simulator_replay._ask": DECIDERS,
    **dict.fromkeys(("ui.saved_views._delete", "ui.saved_views._save"), EVERYBODY),
}
# They change the reader's own address and nothing else.
TURN = {"views.admin_audit._turn", "views.recommendations._show_all"}
# Widgets whose answer is acted on in the script itself: `if st.button(...) and act()`.
PRESSED = {"button", "form_submit_button", "menu_button", "download_button"}
# Callbacks that take their action as a parameter: the functions that are handed to them count.
HANDED_ON = {"views.admin_people.action"}


def modules() -> dict[str, ast.Module]:
    paths = [path for folder in FOLDERS for path in sorted((APP / folder).glob("*.py"))]
    return {f"{path.parent.name}.{path.stem}": ast.parse(path.read_text("utf-8")) for path in paths}


def names_in(node: ast.AST) -> set[str]:
    """Names of the functions that an expression would call: `f`, `partial(f, …)`, and what local names stand for."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "partial":
        return names_in(node.args[0])
    if isinstance(node, ast.IfExp):
        return names_in(node.body) | names_in(node.orelse)
    return {node.id} if isinstance(node, ast.Name) else set()


def callbacks(module: str, tree: ast.Module) -> set[str]:
    """Every function of a module that a press runs."""
    local = {
        target.id: assigned.value
        for assigned in ast.walk(tree)
        if isinstance(assigned, ast.Assign)
        for target in assigned.targets
        if isinstance(target, ast.Name)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = [k.value for k in node.keywords if (k.arg or "").startswith("on_") and k.arg != "on_select"]
            for one in given:
                for name in names_in(one):
                    found |= names_in(local[name]) if name in local else {name}
        if isinstance(node, ast.If) and any(_is_press(part) for part in ast.walk(node.test)):
            calls = [part for place in (node.test, *node.body) for part in ast.walk(place)]
            called = {part.func.id for part in calls if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}
            found |= {name for name in called if name.startswith("_")}
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    handed = {f"{module}.{name}" for name in found - functions} - HANDED_ON
    assert not handed, f"say what these callbacks are: {handed}"
    # Where actions are handed on as a parameter, each call of such a function names one.
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_button":
            found |= {arg.id for arg in node.args if isinstance(arg, ast.Name) and arg.id in functions}
    return {f"{module}.{name}" for name in found & functions}


def _is_press(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PRESSED


def test_every_press_is_named_here():
    found = {name for module, tree in modules().items() for name in callbacks(module, tree)}
    assert found == ACTS.keys() | TURN


class Asked(Exception):
    """Raised in place of the check: the roles that would have been let through."""


def press(name: str) -> Any:
    """Run a callback as a press would; nothing of its arguments may be looked at before the role is."""
    module, _, function = name.rpartition(".")
    callback = getattr(import_module(f"streamlit_app.{module}"), function)
    required = [p for p in inspect.signature(callback).parameters.values() if p.default is inspect.Parameter.empty]
    given = {"list": [object()], "str": "x"}
    return callback(*(given.get(str(p.annotation).partition("[")[0], object()) for p in required))


@pytest.mark.parametrize("name", ACTS)
def test_a_press_asks_for_its_roles_first_and_does_nothing_for_strangers(name, app, monkeypatch):
    def asked(_session: object, needed: tuple[str, ...], _what: str) -> None:
        raise Asked(needed)

    monkeypatch.setattr(current, "session_token", lambda: None)
    with pytest.raises(SignedOut):
        press(name)
    monkeypatch.setattr(current, "current_session", object)
    monkeypatch.setattr(current, "check_role", asked)
    with pytest.raises(Asked) as told:
        press(name)
    assert told.value.args == (ACTS[name],)
