"""Who may do what, tried for everything there is: database functions, addresses, API calls and screens, each as the
three roles and as a stranger. What exists is asked of the database and the routers, so that nothing new is forgotten.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any

import psycopg
import pytest
from psycopg import sql
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from nova_resources.postgres import Database
from streamlit_app.access import roles, sessions
from streamlit_app.access.roles import ADMINS, DECIDERS, EVERYBODY
from streamlit_app.access.tokens import digest
from streamlit_app.api.answers import PREFIX
from streamlit_app.api.routes import router
from streamlit_app.app import middleware, routes
from streamlit_app.screens import SCREENS
from streamlit_app.web.gatekeeper import NEEDED

STRANGER = "stranger"
WHO = (*EVERYBODY, STRANGER)

# Whom each function of the database lets act that takes a session. With somebody else's name in p_username, the
# functions of accounts are for ADMINs.
ACT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("audit_list", "create_user", "set_active", "set_role", "users_list"), ADMINS),
    **dict.fromkeys(("reset_totp", "revoke_sessions", "set_password"), ADMINS),
    **dict.fromkeys(("end_planning_rule", "set_planning_rule", "request_run"), ADMINS),
    **dict.fromkeys(("decide_recommendation", "withdraw_decision", "request_scenario", "add_comment"), DECIDERS),
    **dict.fromkeys(("set_alert_state", "resolve_alert", "reopen_alert"), DECIDERS),
    **dict.fromkeys(("add_override", "withdraw_override"), DECIDERS),
    **dict.fromkeys(("begin_totp", "confirm_password", "confirm_totp", "own_totp", "set_locale"), EVERYBODY),
    **dict.fromkeys(("api_tokens_list", "create_api_token", "revoke_api_token"), EVERYBODY),
    **dict.fromkeys(("revoke_session", "sessions_list"), EVERYBODY),
    **dict.fromkeys(("delete_view", "save_view", "saved_views_list"), EVERYBODY),
    # They look at a session, or write down what it did; they refuse nobody.
    **dict.fromkeys(("audit", "audit_api_call", "check_session", "end_session"), WHO),
    **dict.fromkeys(("finish_login", "finish_second_factor", "identity_login"), WHO),
}
# Doors: no session yet, or nothing that a stranger could use.
DOORS = {
    "audit_verify",
    "begin_login",
    "begin_second_factor",
    "check_api_token",
    "create_first_admin",
    "people",
    "setup_open",
}
# Addresses of the app, the API's calls and the screens: what is not named here fails, whatever it answers.
ADDRESSES = {
    "GET": {f"/{screen.path}" for screen in SCREENS}
    | {"/conta", "/conta/senha", "/entrar", "/entrar/oidc/", "/entrar/oidc/volta", "/sair", "/configurar", "/idioma"}
    | {"/health", "/portaria/{what}"},
    "POST": {"/conta/senha", "/conta/sessoes/encerrar", "/conta/tokens", "/conta/tokens/revogar", "/entrar"}
    | {"/conta/segundo-fator", "/conta/segundo-fator/confirmar", "/conta/segundo-fator/remover", "/entrar/codigo"}
    | {"/sair", "/configurar"},
}
CALLS = {
    "GET": {"/items", "/items/{item_code}", "/demand/timeseries", "/inventory", "/forecasts", "/features"}
    | {"/analytics/kpis", "/recommendations", "/alerts", "/suppliers", "/health"},
    "POST": {"/token"},
    "DELETE": {"/token"},
}
SCREENS_OF = dict.fromkeys(("panel", "items", "item", "forecasts", "recommendations", "alerts"), EVERYBODY)
SCREENS_OF |= dict.fromkeys(("simulator", "suppliers", "data"), EVERYBODY) | {"admin": ADMINS}
SIGN_IN = {"/entrar", "/entrar/codigo", "/entrar/oidc/", "/entrar/oidc/volta"}
PUBLIC = SIGN_IN | {"/sair", "/configurar", "/idioma", "/health"}
# It has a door of its own: a token, or a call from this machine (tests/app/test_metrics.py).
OWN_DOOR = {"/metrics"}
OTHERS_NAME = "ana"


@pytest.fixture(scope="module")
def functions(template) -> dict[str, list[tuple[str, str]]]:
    """Function of the schema support that the app may call, to its parameters with their types."""
    found = Database(template, role="nova_owner").rows(
        """
        SELECT p.proname AS name, a.name AS parameter, format_type(a.type, NULL) AS type
        FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'support'
        LEFT JOIN LATERAL unnest(p.proargnames[1:p.pronargs], p.proargtypes::oid[])
            WITH ORDINALITY AS a(name, type, i) ON true
        WHERE has_function_privilege('nova_app', p.oid, 'EXECUTE')
        ORDER BY p.proname, a.i
        """
    )
    functions: dict[str, list[tuple[str, str]]] = {}
    for row in found:
        functions.setdefault(row["name"], [])
        if row["parameter"]:
            functions[row["name"]].append((row["parameter"], row["type"]))
    return functions


@pytest.fixture
def session_of(sign_in: Callable[[str], str]) -> Callable[[str], str | None]:
    kept: dict[str, str] = {}

    def session(who: str) -> str | None:
        if who != STRANGER and who not in kept:
            kept[who] = sign_in(who)
        return kept.get(who)

    return session


@pytest.fixture
def app_role(company) -> Iterator[psycopg.Connection]:
    """One connection in the app's role, for many calls."""
    with Database(company.settings, role="nova_app").connect() as connection:
        yield connection
        connection.rollback()


def admits(connection: psycopg.Connection, name: str, parameters: list[tuple[str, str]], session: bytes | None) -> bool:
    """Whether a function lets a session act, whatever it then says about its other arguments; nothing stays changed."""
    values: dict[str, Any] = {p: None for p, _ in parameters} | {"p_session": session}
    if "p_username" in values:
        values["p_username"] = OTHERS_NAME
    arguments = sql.SQL(", ").join(
        sql.SQL("{} => {}::{}").format(sql.Identifier(p), sql.Placeholder(p), sql.SQL(kind))  # pyright: ignore
        for p, kind in parameters
    )
    call = sql.SQL("SELECT * FROM support.{}({})").format(sql.Identifier(name), arguments)
    try:
        connection.execute(call, values)
    except psycopg.Error as error:
        return error.sqlstate not in {roles.NO_SESSION, roles.FORBIDDEN}
    finally:
        connection.rollback()
    return True


def test_every_function_of_the_database_lets_in_whom_it_should(app_role, functions, session_of):
    with_session = {name: p for name, p in functions.items() if "p_session" in dict(p)}
    assert len(with_session) > 20
    wrong = []
    for name, parameters in with_session.items():
        for who in WHO:
            token = session_of(who)
            admitted = admits(app_role, name, parameters, digest(token) if token else None)
            if admitted != (who in ACT.get(name, ())):
                wrong.append((name, who, "admitted" if admitted else "refused"))
    assert wrong == []
    assert functions.keys() - with_session.keys() == DOORS, "a function without a session is a door: say so in DOORS"
    assert ACT.keys() == with_session.keys(), "say in ACT whom a function with a session lets act"


def test_no_function_takes_a_session_of_the_api(company, app_role, functions):
    key = digest("an api session")
    opened = "SELECT support.open_session(u, 'x', 'x', %(k)s, 'API', '{}') FROM support.users u WHERE username = 'ana'"
    company.owner().rows(opened, k=key)
    acting = {n: p for n, p in functions.items() if "p_session" in dict(p) and STRANGER not in ACT[n]}
    assert [name for name, p in acting.items() if admits(app_role, name, p, key)] == []


async def _inside(_request) -> PlainTextResponse:
    return PlainTextResponse("inside")


def addresses(of: Sequence[Any] = routes) -> list[tuple[str, str]]:
    """Every method and address of the app but the API and the files of the program."""
    found = []

    def walk(prefix: str, some: list[Any]) -> None:
        for route in some:
            if isinstance(route, Mount):
                if route.path not in {"/nova", PREFIX}:
                    walk(prefix + route.path, list(route.routes))
            else:
                found.extend((method, prefix + route.path) for method in sorted(route.methods - {"HEAD"}))

    walk("", list(of))
    return found


def pairs(table: dict[str, set[str]]) -> set[tuple[str, str]]:
    return {(method, path) for method, paths in table.items() for path in paths}


def test_nothing_is_forgotten():
    """What the routers and the menu hold is what this file tries; one more of either, and it fails."""
    assert set(addresses()) == pairs(ADDRESSES)
    assert {(method, route.path) for route in router.routes for method in route.methods} == pairs(CALLS)
    assert {screen.name: screen.roles for screen in SCREENS} == SCREENS_OF
    assert set(addresses([*routes, Route("/novo", _inside, methods=["GET"])])) != pairs(ADDRESSES)


@pytest.fixture
def client(app) -> TestClient:
    site = Starlette(routes=[*routes, Route("/{path:path}", _inside)], middleware=middleware)
    return TestClient(site, follow_redirects=False)


def test_every_address_but_the_doors_is_closed_to_strangers(client):
    found = addresses()
    assert len(found) > 20
    opened = {path for method, path in found if client.request(method, path).status_code not in {401, 403, 404}}
    assert opened <= PUBLIC
    assert {path for _, path in found if path not in PUBLIC | OWN_DOOR} == {
        path for method, path in found if client.request(method, path).status_code == 401
    }


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_page_answers_a_role_that_may_have_it(client, session_of, role):
    client.cookies.set("nova_session", session_of(role))
    for method, path in addresses():
        if method == "GET" and path not in PUBLIC | OWN_DOOR and "{" not in path:
            assert client.get(path).status_code == 200, path
    for what, needed in NEEDED.items():
        assert client.get(f"/portaria/{what}").status_code == (204 if role in needed else 403), what
    assert client.get("/_stcore/metrics").status_code == (200 if role in ADMINS else 403)


@pytest.mark.parametrize("who", WHO)
def test_every_call_of_the_api_answers_roles_and_no_stranger(client, session_of, who):
    token = session_of(who)
    if token:
        client.cookies.set("nova_session", token)
    calls = [(method, route.path) for route in router.routes for method in route.methods]
    assert len(calls) >= 12
    statuses = {}
    for method, path in calls:
        if path == "/token":
            continue
        address = PREFIX + path.replace("{item_code}", "033.010")
        asked = {"item_code": "033.010"} if path.startswith("/demand") else {}
        statuses[method, path] = client.request(method, address, params=asked).status_code
    wanted = {401} if who == STRANGER else {200, 404}
    assert set(statuses.values()) <= wanted, statuses


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_every_screen_asks_for_its_roles_first(session_of, screen):
    """Its first statement is require_role with exactly the roles of the menu; and that refuses everybody else."""
    render = import_module(f"streamlit_app.views.{screen.name}").render
    body = ast.parse(inspect.getsource(render)).body[0]
    assert isinstance(body, ast.FunctionDef)
    first = body.body[1] if ast.get_docstring(body) else body.body[0]
    call = first.value if isinstance(first, ast.Assign | ast.Expr) else None
    assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "require_role"
    groups = [argument.value.id for argument in call.args if isinstance(argument, ast.Starred)]  # pyright: ignore
    assert len(groups) == len(call.args), "roles are named by their group: *EVERYBODY, *DECIDERS, *ADMINS"
    asked = {role for group in groups for role in vars(roles)[group]}
    assert asked == set(screen.roles)
    for who in EVERYBODY:
        session = sessions.find_session(session_of(who) or "")
        assert session
        if who in screen.roles:
            roles.check_role(session, screen.roles, screen.title_key)
        else:
            with pytest.raises(roles.AccessDenied):
                roles.check_role(session, screen.roles, screen.title_key)
