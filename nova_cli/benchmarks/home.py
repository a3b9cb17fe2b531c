"""A platform that exists only for a measurement: own home, own embedded server with its usual settings, then gone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nova_resources.settings import Settings, load_settings


@contextlib.contextmanager
def temporary_platform(home: Path | None = None, *, dagster: bool = False) -> Iterator[Settings]:
    """Settings of an empty platform whose server runs inside this block, with Dagster's own tables if asked for.

    Nothing of the caller's NOVA_* reaches it. A `home` of one's own is used as it is and stays.
    """
    from nova_resources.bootstrap_database import bootstrap
    from nova_resources.dagster_instance import prepare_instance, write_dagster_home
    from nova_resources.embedded.servers import running_postgres

    with tempfile.TemporaryDirectory(prefix="nova-bench-") as folder, _environment(home or Path(folder) / "home"):
        settings = load_settings()
        with running_postgres(settings):
            bootstrap(settings)
            if dagster:
                write_dagster_home(settings)
                prepare_instance(settings)
            yield settings


@contextlib.contextmanager
def _environment(home: Path) -> Iterator[None]:
    """Only NOVA_HOME among the platform's variables; what stood there comes back."""
    before = {name: value for name, value in os.environ.items() if name.startswith(("NOVA_", "DAGSTER_"))}
    for name in before:
        del os.environ[name]
    os.environ["NOVA_HOME"] = str(home)
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith(("NOVA_", "DAGSTER_"))]:
            del os.environ[name]
        os.environ |= before
