"""`python -m nova_resources.embedded.serve`: start this home's PostgreSQL and end; how the supervisor revives it."""

from __future__ import annotations

from nova_resources.embedded.postgres import EmbeddedPostgres
from nova_resources.settings import load_settings

if __name__ == "__main__":
    EmbeddedPostgres(load_settings()).start()
