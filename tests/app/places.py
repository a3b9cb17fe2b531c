"""Every place of the app: the screens and the parts that their first control opens, found in the views themselves."""

from __future__ import annotations

from streamlit_app.screens import SCREENS
from streamlit_app.views import admin, alerts, data, forecasts, item, recommendations

# What file buttons call themselves in the audit log; one more in the code fails tests/app/test_hostile.py.
EXPORTS = {"items", "recommendations", "erp_orders", "decision_balance", "alerts", "alerts_resolved", "suppliers"}
EXPORTS |= {"forecasts", "forecast_value_added", "whatif", "rejects", "audit"}
ITEM = {"item": "033.010", "onde": "SSA-03"}
_PARTS = {
    "item": ("aba", tuple(item.TABS)),
    "forecasts": ("parte", forecasts.PARTS),
    "recommendations": ("vista", recommendations.VIEWS),
    "alerts": ("caixa", alerts.BOXES),
    "data": ("parte", data.PARTS),
    "admin": ("parte", admin.PARTS),
}


def places() -> list[tuple[str, dict[str, str]]]:
    """Name of the screen and the query that leads to the place."""
    found: list[tuple[str, dict[str, str]]] = []
    for screen in SCREENS:
        parameter, parts = _PARTS.get(screen.name, ("", ("",)))
        where = ITEM if screen.name == "item" else {}
        found += [(screen.name, where | ({parameter: part} if part else {})) for part in parts]
    return found
