"""`python -m streamlit_app`: serve the app in the foreground on the address that the settings give."""

from __future__ import annotations

import gc
import logging
import os
import sys

import uvicorn

from nova_resources.logs import configure, json_handler
from nova_resources.secrets import load_secrets
from nova_resources.settings import load_settings
from streamlit_app.access.tokens import derived_key

GRACE_SECONDS = 5
LARGEST_MESSAGE = 50 * 1024 * 1024


def main() -> int:
    """Serve until SIGTERM or SIGINT; the exit code is 1 when the port is taken."""
    configure()
    settings = load_settings()
    # Streamlit signs its own cookies; a key of the home keeps them valid across restarts and replicas.
    os.environ["STREAMLIT_SERVER_COOKIE_SECRET"] = derived_key(load_secrets(settings), "streamlit-cookies")
    # Imported here: Streamlit reads the key when it is imported.
    from streamlit_app.app import app

    # What has been imported stays: a full collection need not walk it, while everybody waits a tenth of a second.
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.app_port,
        ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE,
        ws_ping_interval=30,
        ws_ping_timeout=30,
        access_log=False,
        server_header=False,
        use_colors=False,
        # Scheme and client address are taken from our own proxy only.
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    _streamlit_logs_as_we_do()
    # Addresses of requests carry one-time tokens.
    logging.getLogger("uvicorn.access").disabled = True
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


def _streamlit_logs_as_we_do() -> None:
    """Streamlit gives its own and uvicorn's loggers a handler whenever its configuration is read; let it be ours."""
    from streamlit import logger

    def give_handler(own: logging.Logger) -> None:
        own.handlers = [json_handler()]

    logger.setup_formatter = give_handler
    logger.update_formatter()


if __name__ == "__main__":
    sys.exit(main())
