"""The last resort: an error that no route foresaw becomes a page with a number, and too large a body is not read.

No form of ours is longer than a few fields and no screen takes a file.
"""

from __future__ import annotations

import logging
import secrets

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamlit_app.web.pages import message_page
from streamlit_app.web.requests import wants_page

LARGEST_BODY = 64 * 1024

log = logging.getLogger(__name__)


class Failures:
    """ASGI middleware inside of the security headers, so that its answers carry them too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request, began = Request(scope), False

        async def noted(message: Message) -> None:
            nonlocal began
            began = began or message["type"] == "http.response.start"
            await send(message)

        try:
            if _announced(request) > LARGEST_BODY:
                await _too_large(request)(scope, receive, send)
            else:
                await self.app(scope, _bounded(receive), noted)
        except Exception:
            number = secrets.token_hex(4)
            log.exception("%s %s failed, incident %s", scope["method"], scope["path"], number)
            if began:
                raise
            await _failed(request, number)(scope, receive, send)


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdigit() else 0


def _bounded(receive: Receive) -> Receive:
    """The same messages, until a body that did not announce its length has become too long."""
    read = 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST_BODY:
            raise HTTPException(413)
        return message

    return bounded


def _too_large(request: Request) -> Response:
    if wants_page(request):
        return message_page(request, "failure.large_title", "failure.large_text", status=413)
    return Response(status_code=413)


def _failed(request: Request, number: str) -> Response:
    if wants_page(request):
        return message_page(request, "state.error_title", "state.error", status=500, number=number)
    return Response(f"incident {number}", status_code=500, media_type="text/plain")
