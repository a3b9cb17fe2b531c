"""Pages that stand before the screens (sign-in, set-up, messages), rendered from templates with everything escaped."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from streamlit_app.i18n import LANGUAGES, speaking, text
from streamlit_app.ui.format import moment
from streamlit_app.web.requests import language_of

UNAVAILABLE = 503
RETRY_SECONDS = 5


@cache
def _templates() -> Environment:
    loader = PackageLoader("streamlit_app.web", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def page(connection: HTTPConnection, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render `templates/<template>` in the reader's language; `t` in it is the catalogue, `moment` a time as text."""
    language = language_of(connection)
    with speaking(language):
        html = (
            _templates()
            .get_template(template)
            .render(
                t=lambda key, **parts: text(language, key, **parts),
                moment=moment,
                language=language,
                languages=LANGUAGES,
                here=connection.url.path + (f"?{connection.url.query}" if connection.url.query else ""),
                **values,
            )
        )
    return HTMLResponse(html, status_code=status)


def message_page(connection: HTTPConnection, title: str, body: str, *, status: int, **parts: Any) -> HTMLResponse:
    """A page that says one thing: keys of its title and of its text in the catalogue, with the parts of the text.

    One that says that something is missing for now (503) asks again by itself.
    """
    answer = page(connection, "message.html", status=status, title=title, body=body, parts=parts)
    if status == UNAVAILABLE and connection.scope.get("method") == "GET":
        answer.headers["Refresh"] = answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer
