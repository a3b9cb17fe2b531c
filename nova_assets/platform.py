"""The platform as a Dagster resource: settings and database, made when a body asks for them."""

from __future__ import annotations

from nova_resources.postgres import Database
from nova_resources.settings import Settings


class Platform:
    """Settings of this home and its database. Making one reads nothing and connects to nothing."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def database(self, run_id: str | None = None) -> Database:
        """The database in the role of the pipeline; `run_id` names the run in the server's process list."""
        return Database(self.settings, role="nova_etl", run_id=run_id)
