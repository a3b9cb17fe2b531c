"""Questions of the material list and of the material's own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from streamlit_app.access.roles import carry_out
from streamlit_app.access.sessions import Session
from streamlit_app.data.cache import frame, fresh
from streamlit_app.data.database import database
from streamlit_app.data.filters import Filters

PAGE_ROWS = 100
EXPORT_ROWS = 100_000
DEMAND_CLASSES = ("smooth", "erratic", "intermittent", "lumpy", "new", "single_event", "dead", "none")
ORDERS = ("risk", "stock_value", "demand", "coverage", "code")


@dataclass(frozen=True, slots=True)
class ListWish:
    """What the reader wants to see of the list: words, classes, actions, least risk and the order of the rows."""

    search: str = ""
    demand_classes: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    threshold: float | None = None
    order: str = "risk"


def contains(words: str) -> str | None:
    """Pattern for ILIKE that finds the words anywhere, with its own signs taken literally."""
    words = words.strip()
    if not words:
        return None
    for sign in ("\\", "%", "_"):
        words = words.replace(sign, "\\" + sign)
    return f"%{words}%"


def item_list(
    session: Session, filters: Filters, wish: ListWish, *, rows: int = PAGE_ROWS, offset: int = 0
) -> pd.DataFrame:
    """One page of the list; column `matching` holds the number of all rows that match."""
    return frame(
        session,
        "items_list",
        search=contains(wish.search),
        demand_classes=list(wish.demand_classes) or None,
        actions=list(wish.actions) or None,
        threshold=wish.threshold,
        order_key=wish.order,
        row_limit=rows,
        row_offset=offset,
        **filters.params(),
    )


def filter_options(session: Session) -> pd.DataFrame:
    """Families, regions and sites to choose from: kind, code, name, parent."""
    return frame(session, "filter_options")


def sites_of(session: Session, item_code: str) -> pd.DataFrame:
    """The sites of a material with its header's numbers, riskiest first; empty for an unknown code."""
    return frame(session, "item_sites", item_code=item_code)


@dataclass(frozen=True, slots=True)
class ItemSite:
    """A material at a site on a date."""

    item_id: int
    site_id: int
    as_of: date

    def params(self) -> dict[str, Any]:
        return {"item_id": self.item_id, "site_id": self.site_id, "as_of": self.as_of}


def history(session: Session, where: ItemSite, days: int) -> pd.DataFrame:
    """full_date, quantity, on_hand (None where no extract told it), one row a day."""
    return frame(session, "item_history", days=days, **where.params())


def path(session: Session, where: ItemSite) -> pd.DataFrame:
    """Forecast by step with its bands."""
    return frame(session, "item_path", **where.params())


def sums(session: Session, where: ItemSite) -> dict[str, dict[str, Any]]:
    """Forecast sums by target."""
    rows = frame(session, "item_sums", item_id=where.item_id, site_id=where.site_id)
    return {row["target"]: row for row in rows.to_dict("records")}


def model_choice(session: Session, as_of: date, demand_class: str | None, family: str | None) -> dict[str, Any] | None:
    """The choice of model in force for a class and family; None before the first backtest."""
    rows = frame(session, "item_model", as_of=as_of, demand_class=demand_class, family=family)
    return None if rows.empty else rows.iloc[0].to_dict()


def orders(session: Session, where: ItemSite, rows: int = 200) -> pd.DataFrame:
    """Order lines, newest first."""
    return frame(session, "item_orders", row_limit=rows, **where.params())


def suppliers(session: Session, where: ItemSite) -> pd.DataFrame:
    """Who sells the material here, agreed and observed lead times."""
    return frame(session, "item_suppliers", **where.params())


def policy(session: Session, where: ItemSite) -> dict[str, Any] | None:
    """Stock policy with the source of each term."""
    rows = frame(session, "item_policy", **where.params())
    return None if rows.empty else rows.iloc[0].to_dict()


def past(where: ItemSite, rows: int = 200) -> pd.DataFrame:
    """What was recommended and what people decided, newest first; asked anew, for decisions change it."""
    return fresh("item_past", row_limit=rows, **where.params())


def policies(session: Session, where: ItemSite, rows: int = 100) -> pd.DataFrame:
    """The days on which the policy's levels changed, newest first."""
    return frame(session, "item_policies", row_limit=rows, **where.params())


def comments(where: ItemSite) -> pd.DataFrame:
    """Remarks on the material, newest first."""
    return fresh("item_comments", item_id=where.item_id, site_id=where.site_id)


def add_comment(session: Session, where: ItemSite, body: str, *, everywhere: bool) -> None:
    """Remark on the material at this site, or at every one. Raises Refused."""
    carry_out(
        session,
        "comment.added",
        f"{where.item_id}/{where.site_id}",
        lambda: database().rows(
            "add_comment",
            session=session.key,
            item_id=where.item_id,
            site_id=None if everywhere else where.site_id,
            body=body,
        ),
    )


def features(session: Session, where: ItemSite) -> dict[str, Any] | None:
    """schema_version and features (JSON text)."""
    rows = frame(session, "item_features", **where.params())
    return None if rows.empty else rows.iloc[0].to_dict()
