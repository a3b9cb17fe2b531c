"""Versions of code, families of checks, kinds of failures, types of frames and the sensors' memory."""

from datetime import date

import dagster as dg
import psycopg
import pyarrow as pa
import pytest

from nova_assets import catalog, checks, code_version
from nova_assets.analytics import COMPUTE
from nova_assets.failures import PermanentFailure, classified, is_transient
from nova_assets.model_asset import Days, chosen
from nova_assets.sensors import PAUSES, TRIES, Cursor
from nova_assets.types import frame_type, type_name, validated
from nova_resources.rules import Violation
from nova_resources.sql_library import Query
from nova_resources.window import WindowRejected


def test_version_follows_the_statement():
    assert code_version.of_query(Query("a", "SELECT 1")) != code_version.of_query(Query("a", "SELECT 2"))


def test_version_of_a_model_covers_the_science_and_the_statements_that_it_uses():
    names = [text.split("\n")[0] for text in code_version._texts("nova_assets.analytics.forecasts")]
    assert "nova_assets.science.forecast" in names
    assert any(name.startswith("sql/analytics/inputs/") for name in names)
    assert not any(name.startswith("nova_assets.catalog") for name in names)


def test_a_function_that_loads_another_is_versioned_by_the_other():
    assert code_version._home(COMPUTE["analytics.forecasts"]) == "nova_assets.analytics.forecasts"


def test_every_rule_of_the_catalog_has_a_family():
    forecasts = catalog.table("analytics.forecasts")
    assert checks.families(forecasts) == ["keys", "nulls", "ranges", "values", "references"]
    assert checks.families(catalog.table("analytics.mv_kpis_latest")) == []
    assert {checks.family(rule) for rule in ("unique_key", "in_window")} == {"keys"}
    assert checks.family("item_id_known") == "references"
    assert checks.family("rows_add_up") == "values"


def test_what_the_database_mends_by_itself_may_be_tried_again():
    assert is_transient(psycopg.errors.AdminShutdown())
    assert is_transient(psycopg.errors.DeadlockDetected())
    assert not is_transient(psycopg.errors.QueryCanceled())
    assert not is_transient(psycopg.errors.InvalidPassword())
    assert not is_transient(psycopg.errors.UndefinedColumn())


class Context:
    """What `classified` needs of a step: the run's id and where its tags go."""

    def __init__(self) -> None:
        self.run_id, self.tags, self.instance, self.run = "run", {}, self, self

    def add_run_tags(self, _run_id, tags):
        self.tags |= tags


def test_a_transient_failure_passes_and_a_bug_becomes_permanent():
    context = Context()
    with pytest.raises(psycopg.OperationalError), classified(context):
        raise psycopg.OperationalError("server closed the connection")
    assert context.tags == {}
    with pytest.raises(PermanentFailure, match="ZeroDivisionError") as caught, classified(context):
        _ = 1 / 0
    assert caught.value.allow_retries is False
    assert context.tags == {"dagster/retry_on_asset_or_op_failure": "false"}


def test_dagster_is_told_no_secret_of_an_error_nor_of_what_led_to_it():
    """What the Dagster UI shows of a failed run is its stored events."""
    secret = "hunter" + "2"

    @dg.asset
    def leaky(context: dg.AssetExecutionContext) -> None:
        with classified(context):
            try:
                raise KeyError(f"postgresql://nova_etl:{secret}@db/nova")
            except KeyError as error:
                raise ValueError(f"cannot reach smtp://bob:{secret}@mail, password={secret}") from error

    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.materialize([leaky], instance=instance, raise_on_error=False)
        stored = [dg.serialize_value(event) for event in instance.all_logs(run.run_id)]
    assert not run.success
    assert any("postgresql://nova_etl:***@db/nova" in text for text in stored)
    assert [text for text in stored if secret in text] == []


def test_refused_rows_are_told_with_their_rules():
    broken = Violation("quantity_range", "quantity >= 0", 3, [{"quantity": -1}])
    with pytest.raises(PermanentFailure, match="was not published") as caught, classified(Context()):
        raise WindowRejected(catalog.table("core.fact_orders"), None, [broken])
    assert caught.value.metadata["table"].value == "core.fact_orders"


CALENDAR = catalog.table("analytics.kpi_definitions")


def definitions(**changes: object):
    row = {
        "kpi_code": ["fill_rate"],
        "position": [1],
        "name_pt": ["a"],
        "name_en": ["b"],
        "numerator": ["n"],
        "denominator": pa.array([None], pa.string()),
        "basis": ["day"],
        "null_rule": ["r"],
        "unit": ["share"],
        "lower_is_better": [True],
        "target": [0.9],
    }
    return pa.table(row | changes)


def test_a_frame_within_its_rules_passes_whatever_the_order_of_its_columns():
    rows = definitions()
    assert validated(CALENDAR, rows.select(rows.column_names[::-1])).num_rows == 1
    assert frame_type("analytics.kpi_definitions").unique_name == type_name(CALENDAR) == "AnalyticsKpiDefinitionsFrame"


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": ["pieces"]},
        {"target": [1.5]},
        {"kpi_code": pa.array([None], pa.string())},
        {"position": ["first"]},
        {"surplus": [1]},
    ],
)
def test_a_frame_that_breaks_a_rule_is_refused(changes):
    with pytest.raises(PermanentFailure, match="AnalyticsKpiDefinitionsFrame"):
        validated(CALENDAR, definitions(**changes))


def test_a_model_takes_month_ends_and_the_last_day_of_a_range():
    table = catalog.table("analytics.forecasts")
    keys = [date.fromordinal(date(2024, 1, 30).toordinal() + n).isoformat() for n in range(35)]
    found = [window.start for window in chosen(table, keys, Days.MONTH_ENDS, db=None)]
    assert found == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 4)]
    assert len(chosen(table, keys, Days.EVERY, db=None)) == 35
    assert [window.start for window in chosen(table, keys[:1], Days.MONTH_ENDS, db=None)] == [date(2024, 1, 30)]


def test_work_is_tried_a_bounded_number_of_times_with_growing_pauses():
    cursor, now, tries = Cursor(), 1e9, 0
    for minute in range(60 * 24 * 7):
        if cursor.may_try("work", now + minute * 60):
            tries += 1
            cursor.tries["work"] = (tries, now + minute * 60)
    assert tries == TRIES == len(PAUSES)


def test_a_cursor_is_read_as_it_was_written():
    cursor = Cursor(7, {"work": (2, 12.5)})
    assert Cursor.parse(cursor.dump()) == cursor
    assert Cursor.parse(None).head == -1
