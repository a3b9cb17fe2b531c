"""Security headers of every answer, and no caching of anything that is not a fixed asset."""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Inline styles are Streamlit's own way of styling; scripts come from our files only. Measured with tables, Vega charts
# and the sign-in page: no violation, no eval.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'{streams}",
        "worker-src 'self' blob:",
        "frame-ancestors 'self'",
        "form-action 'self'",
        "object-src 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")
# Their names carry a hash of their content, or they are fixed files of this version.
CACHEABLE = ("/static/", "/nova/")
# Answers of the API carry a tag of their version: a caller keeps them and asks whether they still hold.
REVALIDATED = "/api/"


def content_security_policy(host: str) -> str:
    """The policy with the page's own WebSocket by its name: some browsers leave streams out of 'self'."""
    return CONTENT_SECURITY_POLICY.format(streams=f" ws://{host} wss://{host}" if HOST.fullmatch(host) else "")


class SecurityHeaders:
    """ASGI middleware; outermost, so that refusals and errors carry the headers too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = content_security_policy(Headers(scope=scope).get("host", ""))
                for name, value in HEADERS.items():
                    headers[name] = value
                if scope.get("scheme") == "https":
                    headers["Strict-Transport-Security"] = TRANSPORT_SECURITY
                if scope["path"].startswith(REVALIDATED):
                    headers.setdefault("Cache-Control", "no-store")
                elif not scope["path"].startswith(CACHEABLE):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, with_headers)
