"""The HTML page in which the screens run: Streamlit's own, in the reader's language and without what we do not use."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from streamlit_app.screens import SCREENS
from streamlit_app.web.requests import language_of


class ShellError(RuntimeError):
    """Streamlit's page is not as this version of the app expects it."""


async def shell(request: Request) -> HTMLResponse:
    """The page, for every address of a screen."""
    return HTMLResponse(shell_html(language_of(request)))


@cache
def shell_html(language: str) -> str:
    """Streamlit's index.html with `<html lang>` set, our icon, and browser locale = the app's language.

    Number and date formats of the tables follow `navigator.language`; shell.js makes that the reader's choice here.
    The inline script is left out (the content security policy allows none) and so is the pointer to an API that is off.
    """
    html = resources.files("streamlit").joinpath("static", "index.html").read_text("utf-8")
    edits = (
        (r'<html lang="en">', f'<html lang="{language}">'),
        (r"<!--.*?-->", ""),
        (r"<script>\s*window\.prerenderReady = false\s*</script>", '<script src="/nova/shell.js"></script>'),
        (r'<link rel="service-desc"[^>]*>', ""),
        (r'<link rel="shortcut icon"[^>]*>', '<link rel="icon" href="/nova/icon.svg" type="image/svg+xml" />'),
        (r"<link\s+rel=\"preload\"[^>]*SourceSans[^>]*>", _FONT_PRELOAD),
        (r"<title>Streamlit</title>", "<title>Nova Corrente</title>"),
        (r"<noscript>.*?</noscript>", ""),
    )
    for pattern, replacement in edits:
        html, found = re.subn(pattern, replacement, html, flags=re.DOTALL)
        if not found:
            raise ShellError(f"Streamlit's index.html has no {pattern!r}")
    return html


_FONT_PRELOAD = '<link rel="preload" href="/nova/inter.woff2" as="font" type="font/woff2" crossorigin />'

routes = [Route(f"/{screen.path}", shell) for screen in SCREENS]
