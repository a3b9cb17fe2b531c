"""Every file that the app gives, taken in the browser as a workbook and compared with what the database holds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from playwright.sync_api import expect
from python_calamine import load_workbook

from streamlit_app.i18n import text
from tests.app.places import EXPORTS
from tests.app.sample_master import AS_OF
from tests.e2e.test_walk import at_rest

# File to the place with its button, the columns compared (keys of their words), and the same columns of the database.
FILES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "items": (
        "materiais",
        ("common.code", "common.site", "item.on_hand", "items.stock_value"),
        "SELECT item_code, site_code, on_hand, stock_value FROM analytics.mv_item_sites_latest",
    ),
    "forecasts": (
        "previsoes",
        ("common.code", "common.site", "item.mean"),
        """
        SELECT i.item_code, s.site_code, mean FROM analytics.forecasts
        JOIN core.dim_item AS i USING (item_id) JOIN core.dim_site AS s USING (site_id)
        WHERE as_of = %(as_of)s AND target = 'D30'
        """,
    ),
    "forecast_value_added": (
        "previsoes?parte=valor",
        ("forecast.scored", "forecast.loss"),
        "SELECT forecasts, pinball FROM analytics.forecast_value_added WHERE target = 'D30'",
    ),
    "recommendations": (
        "recomendacoes",
        ("common.code", "common.site", "queue.quantity", "queue.avoided"),
        """
        SELECT i.item_code, s.site_code, quantity, avoided_cost FROM analytics.recommendations AS r
        JOIN core.dim_item AS i USING (item_id) JOIN core.dim_site AS s USING (site_id)
        WHERE as_of = %(as_of)s AND action <> 'HOLD'
        """,
    ),
    "decision_balance": (
        "recomendacoes?vista=balanco",
        ("common.code", "common.site", "balance.saved"),
        """
        SELECT i.item_code, s.site_code, cost_without - cost_with FROM analytics.decision_replay
        JOIN core.dim_item AS i USING (item_id) JOIN core.dim_site AS s USING (site_id)
        WHERE as_of > %(as_of)s::date - 30
        """,
    ),
    "alerts": (
        "alertas?caixa=todos",
        ("common.code", "common.site", "alerts.value", "alerts.hours"),
        """
        SELECT i.item_code, s.site_code, value_at_risk, hours_at_risk FROM analytics.mv_alerts_open
        JOIN core.dim_item AS i USING (item_id) JOIN core.dim_site AS s USING (site_id)
        """,
    ),
    "alerts_resolved": (
        "alertas?caixa=resolvidos",
        ("common.code", "common.site", "alerts.resolved_on", "alerts.days"),
        """
        SELECT i.item_code, s.site_code, resolved_on, days_seen FROM analytics.mv_alert_lives
        JOIN core.dim_item AS i USING (item_id) JOIN core.dim_site AS s USING (site_id)
        WHERE resolved_on IS NOT NULL
        """,
    ),
    "suppliers": (
        "fornecedores",
        ("common.code", "supplier.orders", "supplier.late"),
        """
        SELECT v.supplier_code, orders, late_orders
        FROM analytics.supplier_scorecard JOIN core.dim_supplier AS v USING (supplier_id) WHERE as_of = %(as_of)s
        """,
    ),
    # Computed on the page: tests/app/test_whatif.py has the sums.
    "whatif": (
        "simulador",
        ("common.family",),
        "SELECT DISTINCT family FROM analytics.mv_item_sites_latest",
    ),
    "rejects": (
        "dados?parte=rejeitadas",
        ("data.line", "data.raw"),
        "SELECT line_no, raw FROM staging.rejects",
    ),
    "audit": (
        "administracao?parte=auditoria&evento=login.succeeded",
        ("data.number", "admin.actor"),
        "SELECT audit_id, actor FROM support.audit_logs WHERE action = 'login.succeeded'",
    ),
}


def plain(value: Any) -> Any:
    """A value as a workbook gives it back: numbers to six digits, days without a time."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, str | date) else float(f"{float(value):.6g}")


def test_every_file_holds_what_the_database_holds_and_says_so(visit, town):
    # The orders for the ERP are walked by test_walk.py: they are there after an approval only.
    assert FILES.keys() | {"erp_orders"} == EXPORTS
    page = visit("ADMIN")
    expect(page.locator(".nc-queues")).to_be_visible()
    for name, (place, columns, query) in FILES.items():
        page.goto(f"/{place}")
        at_rest(page)
        with page.expect_download() as download:
            page.get_by_role("button", name="Excel").first.click()
        book = load_workbook(str(download.value.path()))
        header, *rows = book.get_sheet_by_name("Dados").to_python()
        places = [header.index(text("pt-BR", key)) for key in columns]
        held = sorted([plain(row[n]) for n in places] for row in rows)
        told = sorted([plain(value) for value in row.values()] for row in town.owner().rows(query, as_of=AS_OF))
        assert held == told and told, name
        statement = dict(book.get_sheet_by_name("Filtros").to_python())
        assert statement["Linhas"] == str(len(rows)) and statement["Baixado por"] == "Ana Souza", name
    recorded = town.owner().rows(
        "SELECT DISTINCT entity FROM support.audit_logs WHERE action = 'export.downloaded' AND actor = 'ana'"
    )
    assert {row["entity"] for row in recorded} >= FILES.keys()
