"""What the checks found is kept where screens find it: the latest outcome of each table and check."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from nova_assets import checks
from nova_assets.catalog import table
from nova_assets.publishing import publish_windows
from nova_resources.postgres import Database
from nova_resources.rules import Violation
from nova_resources.tables import Window
from nova_resources.window import WindowRejected

FACT = table("core.fact_demand_daily")
DAY = Window.day(date(2024, 3, 9))
NEGATIVE = Violation("quantity_range", "quantity >= 0", 2, [{"quantity": -1}])
DIFFERENT = Violation("reconciled_quantity", "quantity of each day as landed", 1, [{"day": "2024-03-09"}])


def kept(db: Database) -> dict[str, tuple]:
    rows = Database(db.settings, role="nova_app").rows("SELECT * FROM support.check_results")
    return {row["check_name"]: (row["passed"], row["severity"], row["broken"], row["run_id"]) for row in rows}


def test_the_latest_outcome_of_each_check_is_kept(database):
    checks.record(database, FACT, [checks.Checked(DAY, 5, [NEGATIVE, DIFFERENT])], "first")
    assert kept(database) == {"rules": (False, "ERROR", 2, "first"), "reconciliation": (False, "WARN", 1, "first")}
    checks.record(database, FACT, [checks.Checked(DAY, 5, [])], "second")
    assert kept(database) == {"rules": (True, "ERROR", 0, "second"), "reconciliation": (True, "WARN", 0, "second")}
    (row,) = database.rows("SELECT windows::text, rows FROM support.check_results WHERE check_name = 'rules'")
    assert row == {"windows": "{[2024-03-09,2024-03-10)}", "rows": 5}


def test_refused_rows_turn_only_the_rules_red(database):
    checks.record(database, FACT, [checks.Checked(DAY, 5, [])], "before")

    def refuse(window):
        raise WindowRejected(FACT, window, [NEGATIVE])

    with pytest.raises(WindowRejected):
        publish_windows(SimpleNamespace(run=SimpleNamespace(run_id="refused")), FACT, database, [DAY], refuse)
    assert kept(database) == {"rules": (False, "ERROR", 2, "refused"), "reconciliation": (True, "WARN", 0, "before")}
    (row,) = database.rows("SELECT details FROM support.check_results WHERE check_name = 'rules'")
    wanted = {"window": str(DAY), "rule": "quantity_range", "rows": 2, "samples": [{"quantity": -1}]}
    assert row["details"] == [wanted]


def test_a_table_without_windows_is_kept_too(database):
    checks.record(database, table("core.dim_item"), [checks.Checked(None, 7, [])], "run")
    assert kept(database) == {"rules": (True, "ERROR", 0, "run")}
