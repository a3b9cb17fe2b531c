"""What the screens say about where numbers come from is what the catalog declares.

`python tests/app/test_lineage.py` writes it anew after a change of the catalog.
"""

from __future__ import annotations

import json
from pathlib import Path

from nova_assets.catalog import TABLES

TARGET = Path(__file__).parents[2] / "streamlit_app" / "assets" / "lineage.json"


def declared() -> dict[str, list[str]]:
    """Table to the tables that it is computed from, for every table that takes part."""
    reads = {table.qualified: [edge.table for edge in table.upstream] for table in TABLES}
    used = {name for names in reads.values() for name in names}
    return {name: sorted(set(reads[name])) for name in sorted(reads) if reads[name] or name in used}


def test_the_lineage_of_the_screens_is_that_of_the_catalog():
    assert json.loads(TARGET.read_text("utf-8")) == declared(), "run: python tests/app/test_lineage.py"


def test_a_number_leads_back_to_its_files():
    from streamlit_app.views.data_lineage import origins

    assert {"staging.demand", "staging.inventory", "staging.purchase_orders"} <= origins("analytics.recommendations")
    assert origins("staging.demand") == {"staging.demand"}


if __name__ == "__main__":
    TARGET.write_text(json.dumps(declared(), indent=1) + "\n", "utf-8")
