"""From files in the landing zone to rows in schema staging, or to the quarantine, with nothing lost in between.

`LOADERS` names, for each feed's table, the function (db, settings, *, run_id, progress=None) -> LoadReport that loads
what is new of it.
"""

from __future__ import annotations

from nova_assets.catalog import FEEDS
from nova_assets.staging.load import load_landing, loader

LOADERS = {table.qualified: loader(name) for name, table in FEEDS.items()}

__all__ = ["LOADERS", "load_landing"]
