"""Questions about a request that several routes ask: is it from our own page, where may it go next, who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection, Request

from streamlit_app.i18n import DEFAULT_LANGUAGE, LANGUAGES
from streamlit_app.web.cookies import LANGUAGE

START = "/"
LONGEST_NEXT = 2000
LONGEST_USER_AGENT = 300
LONGEST_FIELD = 200


def is_same_origin(request: Request) -> bool:
    """Whether a form came from a page of this app: browsers say so in Origin, or at least in Referer.

    A request that says neither is refused: every browser that can run the screens sends one of them with a POST.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin") or request.headers.get("referer")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host")


def is_foreign(connection: HTTPConnection) -> bool:
    """Whether a page of another origin asks, as browsers say with every WebSocket and every POST."""
    origin = connection.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != connection.headers.get("host")


def field_of(form: Mapping[str, object], name: str) -> str:
    """A field of a form, cut to a sane length; empty when it is a file or holds a NUL, which PostgreSQL cannot keep."""
    value = form.get(name)
    return value[:LONGEST_FIELD] if isinstance(value, str) and "\0" not in value else ""


def safe_next(target: str | None) -> str:
    """`target` when it is a path of this app, else the start page.

    A browser reads `//host`, `/\\host` and control characters as the beginning of another site's address.
    """
    if not target or len(target) > LONGEST_NEXT or not target.startswith("/") or target.startswith(("//", "/\\")):
        return START
    if any(ord(character) < ord(" ") or character == "\\" for character in target):
        return START
    parts = urlsplit(target)
    is_door = parts.path in {"/sair", "/configurar", "/idioma"} or parts.path.startswith("/entrar")
    return START if parts.scheme or parts.netloc or is_door else target


def sign_in_address(connection: HTTPConnection) -> str:
    """Address of the sign-in page that comes back here."""
    here = connection.url.path + (f"?{connection.url.query}" if connection.url.query else "")
    return f"/entrar?next={quote(here, safe='')}" if safe_next(here) not in {START} else "/entrar"


def language_of(connection: HTTPConnection) -> str:
    """The reader's language: what the cookie says, else Portuguese."""
    wanted = connection.cookies.get(LANGUAGE)
    return wanted if wanted in LANGUAGES else DEFAULT_LANGUAGE


def client_address(connection: HTTPConnection) -> str | None:
    """Address of the browser as the server or the trusted proxy knows it."""
    return connection.client.host if connection.client else None


def user_agent(connection: HTTPConnection) -> str | None:
    """The browser's own description, cut to a sane length."""
    agent = connection.headers.get("user-agent")
    return agent[:LONGEST_USER_AGENT] if agent else None


def wants_page(connection: HTTPConnection) -> bool:
    """Whether a person is waiting for a page, rather than a program for data."""
    return "text/html" in connection.headers.get("accept", "")


def next_of(values: QueryParams) -> str:
    """The `next` of a query string, made safe."""
    return safe_next(values.get("next"))
