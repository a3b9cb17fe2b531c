"""`python -m nova_cli.code_server`: become the code server, after closing the runs that died with the one before.

Dagster's local launcher starts a run as a child of the code server and never asks again whether it lives.
"""

from __future__ import annotations

import os
import subprocess
import sys

from nova_resources import dagster_instance
from nova_resources.dagster_recovery import is_settled
from nova_resources.settings import load_settings


def main() -> None:
    """Recover when there is something to recover, then turn into `dagster api grpc` on the home's socket or port."""
    settings = load_settings()
    if not is_settled(settings):
        subprocess.run([sys.executable, "-m", "nova_resources.dagster_recovery"], check=True)
    place = dagster_instance.code_server_address(settings)
    if "port" in place:
        arguments = ["--host", settings.host, "--port", str(place["port"])]
    else:
        arguments = ["--socket", str(place["socket"])]
    arguments += ["--log-format", "json", "--module-name", dagster_instance.DEFINITIONS_MODULE]
    arguments += ["--location-name", dagster_instance.CODE_LOCATION, "--use-python-environment-entry-point"]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "dagster", "api", "grpc", *arguments])  # noqa: S606


if __name__ == "__main__":
    main()
