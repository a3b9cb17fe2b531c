"""The floor of any answer over HTTP: uvicorn and one route that gives back bytes. `python -m … SOCKET BYTES`."""

from __future__ import annotations

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def main(port: int, size: int) -> None:
    """Serve a body of `size` bytes in the foreground, as the app's server is set up."""
    body = b"[" + b"0," * (size // 2) + b"0]"

    async def answer(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    site = Starlette(routes=[Route("/health", answer), Route("/{path:path}", answer)])
    uvicorn.run(site, host="127.0.0.1", port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
