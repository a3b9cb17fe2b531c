"""The platform as a Dagster resource: settings and database, made when a body asks for them."""

from __future__ import annotations

import dagster as dg

from nova_resources.postgres import Database
from nova_resources.settings import Settings


class Platform:
    """Settings of this home and its database. Making one reads nothing and connects to nothing."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def database(self, context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext | None = None) -> Database:
        """The database in the role of the pipeline; a context gives its run and step to the server's list and log."""
        who = f"{context.run.run_id}/{context.op_def.name}" if context else None
        return Database(self.settings, role="nova_etl", run_id=who)
