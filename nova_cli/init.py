"""`nova init`: a database server made ready for the platform, and the link that creates its first ADMIN."""

from __future__ import annotations

from nova_cli.access import new_setup_link
from nova_cli.progress import Progress
from nova_resources.bootstrap_database import bootstrap
from nova_resources.dagster_instance import prepare_instance, write_dagster_home
from nova_resources.embedded.servers import running_postgres
from nova_resources.settings import load_settings


def command() -> None:
    """Create databases, roles and tables, or bring them up to date; print the link that creates the first ADMIN.

    Safe to repeat. On an external server NOVA_DATABASE_URL names its administrator.
    """
    settings = load_settings()
    progress = Progress()
    with running_postgres(settings):
        with progress.stage("Roles, databases, tables") as say:
            say(f"revision {bootstrap(settings, say)}")
        with progress.stage("Dagster's storage"):
            write_dagster_home(settings)
            prepare_instance(settings)
        link = new_setup_link(settings)
    if link:
        print(f"Create the first ADMIN (once, within a day): {link}")
