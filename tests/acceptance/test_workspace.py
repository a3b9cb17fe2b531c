"""Dagster's own tool finds nothing wrong with the workspace that the checkout ships."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nova_resources.settings import CHECKOUT


@pytest.mark.slow
def test_dagster_validates_the_workspace(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("NOVA_", "DAGSTER_"))}
    command = [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"]
    environment = clean | {"NOVA_HOME": str(tmp_path), "DAGSTER_HOME": "", "DAGSTER_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All code locations passed validation" in done.stdout + done.stderr
