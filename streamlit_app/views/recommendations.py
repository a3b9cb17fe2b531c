"""Recommendations: the queue by value, the explanation of each line, and the decision about it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from streamlit_app.access.current import require_role
from streamlit_app.access.roles import DECIDERS, EVERYBODY, Refused
from streamlit_app.access.sessions import Session
from streamlit_app.data import decisions, queue_budget
from streamlit_app.data.decisions import PROPOSED, QueueWish
from streamlit_app.data.filters import Filters
from streamlit_app.data.frames import where
from streamlit_app.data.freshness import Freshness
from streamlit_app.downloads import file_buttons
from streamlit_app.i18n import current_language, t, tn, value
from streamlit_app.ui import bound, explain, marks, tables
from streamlit_app.ui import format as fmt
from streamlit_app.ui.header import global_filters, page_header
from streamlit_app.ui.states import empty, say_refused
from streamlit_app.views import decision_balance

ACTIONS = ("REORDER", "EXPEDITE", "REALLOCATE", "SUBSTITUTE", "REDUCE", "DISPOSE", "HOLD")
PRIORITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
STATES = (PROPOSED, "APPROVED", "ADJUSTED", "REJECTED", "EXPORTED", "RECEIVED")
VIEWS = ("fila", "balanco")
# Nobody has to decide about doing nothing.
OPEN_ACTIONS = tuple(action for action in ACTIONS if action != "HOLD")
LONGEST_REASON = 500
# Column names of the ERP's side: codes and plain names, the same in every language.
ERP_LABELS = {
    name: name
    for name in (
        "as_of",
        "item_code",
        "site_code",
        "action",
        "quantity",
        "supplier_code",
        "order_ref",
        "order_by",
        "arrive_by",
        "decided_by",
    )
}
# Where a material comes from, the first that is given: the order to hurry, the giving site, the stand-in, the supplier.
ORIGINS = ["order_ref", "from_site_code", "substitute_code", "supplier_name"]
SHOWN_TERMS = 24
MOST_ADJUSTED = 20
_GENERATION = "_queue_generation"
Row = dict[str, Any]


def render() -> None:
    """Draw the screen."""
    session = require_role(*EVERYBODY, what="screen.recommendations")
    stands_on = page_header(session, t("screen.recommendations"))
    filters = global_filters(session, "recommendations")
    if bound.segmented("vista", t("queue.view"), VIEWS, show=lambda name: t(f"queue.view_{name}")) == "balanco":
        decision_balance.balance(session, stands_on, filters)
        return
    wish, states = _wish()
    rows = decisions.recommendations(session, stands_on.as_of, filters, wish)
    rows = where(rows, rows["state"].isin(states)).reset_index(drop=True) if states else rows
    if rows.empty:
        empty(t("queue.none"))
        return
    budget = _budget(rows)
    rows = rows if budget is None else queue_budget.within(rows, budget)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.html(f'<div class="nc-band">{_summary(rows)}</div>', width="stretch")
        _files(session, stands_on, filters, wish, states, budget, rows)
    chosen = _table(rows)
    if chosen:
        _explanation(decisions.told(session, pd.DataFrame(chosen[:1])).iloc[0].to_dict())
    if not chosen:
        st.caption(t("queue.choose") if session.role in DECIDERS else t("queue.read_only"))
    elif session.role in DECIDERS:
        _action_bar(chosen)


def _wish() -> tuple[QueueWish, tuple[str, ...]]:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="wishes"):
        search = bound.search("busca", t("common.search"), t("queue.search"), width=300)
        actions = bound.multiselect(
            "acoes", t("common.action"), ACTIONS, show=lambda code: value("action", code), width=200
        )
        priorities = bound.multiselect(
            "prioridade", t("queue.priority"), PRIORITIES, show=lambda code: value("priority", code), width=190
        )
        states = bound.multiselect(
            "estado", t("queue.state"), STATES, show=lambda code: value("state", code), width=190
        )
    item, site = st.query_params.get("item"), st.query_params.get("onde")
    if item:
        st.button(fmt.plain(t("queue.only", item=item, site=site or "*")), icon=":material/close:", on_click=_show_all)
    return QueueWish(actions or OPEN_ACTIONS, priorities, search, item, site), states


def _budget(rows: pd.DataFrame) -> float | None:
    """How much may be spent, R$: None at the slider's right end, and where nothing waits to be bought."""
    need = queue_budget.need(rows)
    if not need:
        return None
    steps = queue_budget.steps(need)
    chosen = bound.slider(
        "orcamento",
        t("queue.budget"),
        0,
        steps.most,
        default=steps.most,
        step=steps.size,
        show=lambda value: t("whatif.no_limit") if value >= steps.most else fmt.money(value),
        help=t("whatif.budget_help"),
    )
    return None if chosen >= steps.most else chosen


def _files(
    session: Session,
    stands_on: Freshness,
    filters: Filters,
    wish: QueueWish,
    states: tuple[str, ...],
    budget: float | None,
    shown: pd.DataFrame,
) -> None:
    """The queue as a file, and the orders for the ERP: marked as exported first, then to be had as often as needed."""

    def everything() -> pd.DataFrame:
        found = decisions.recommendations(session, stands_on.as_of, filters, wish, rows=decisions.EXPORT_ROWS)
        found = decisions.told(session, found, every=True)
        found = where(found, found["state"].isin(states)) if states else found
        return _exported(found if budget is None else queue_budget.within(found, budget))

    file_buttons("recommendations", f"recomendacoes_{stands_on.as_of}", _export_labels(), everything, stands_on)
    ready = where(shown, shown["state"].isin(["APPROVED", "ADJUSTED"]))
    if session.role in DECIDERS and len(ready):
        st.button(
            t("queue.to_erp", count=fmt.number(len(ready))),
            icon=":material/send:",
            help=t("queue.to_erp_help"),
            on_click=partial(_decide, ready.to_dict("records"), "EXPORTED"),
            key="to_erp",
        )
    gone = where(shown, shown["state"] == "EXPORTED")
    if len(gone):
        orders = gone.assign(quantity=gone["decided_quantity"].fillna(gone["quantity"]))
        with st.popover(t("queue.erp_file", count=fmt.number(len(gone))), icon=":material/local_shipping:"):
            st.caption(t("queue.erp_file_note"))
            file_buttons("erp_orders", f"pedidos_{stands_on.as_of}", ERP_LABELS, lambda: orders, stands_on)


def _show_all() -> None:
    st.query_params.pop("item", None)
    st.query_params.pop("onde", None)


def _summary(rows: pd.DataFrame) -> str:
    waiting = rows[rows["state"] == PROPOSED]
    decided = len(rows) - len(waiting)
    matching = int(rows["matching"].iloc[0]) if len(rows) else 0
    cut = marks.muted(t("queue.first", count=fmt.number(decisions.MOST_ROWS))) if matching > decisions.MOST_ROWS else ""
    return "".join(
        (
            f"<b>{escape(tn('queue.waiting', len(waiting), count=fmt.number(len(waiting))))}</b>",
            marks.muted(t("queue.costs", value=fmt.money(waiting["spend"].sum()))),
            marks.muted(t("queue.avoids", value=fmt.money(waiting["avoided_cost"].sum()))),
            marks.muted(tn("queue.decided", decided, count=fmt.number(decided))),
            cut,
        )
    )


def _risk_changes(rows: pd.DataFrame) -> list[str]:
    """How the order changes the risk of a stock-out; the same share is put into words once."""
    words = cache(lambda share: fmt.percent(share, 0))
    both = (rows[name].round(4) for name in ("stockout_probability", "stockout_probability_after"))
    told = ((words(before), words(after)) for before, after in zip(*both, strict=True))
    return [before if before == after else f"{before} → {after}" for before, after in told]


def _table(rows: pd.DataFrame) -> list[Row]:
    shown = pd.DataFrame(
        {
            "action": [value("action", code) for code in rows["action"]],
            "item_name": rows["item_name"],
            "site_code": rows["site_code"],
            "quantity": rows["quantity"].round(2),
            "supplier": [_comes_from(given) for given in rows[ORIGINS].itertuples(index=False)],
            "order_by": rows["order_by"],
            "arrive_by": rows["arrive_by"],
            "risk": _risk_changes(rows),
            "avoided_cost": rows["avoided_cost"].round(0),
            "value_per_spend": rows["value_per_spend"].round(1),
            "priority": [value("priority", code) for code in rows["priority"]],
            "state": [value("state", code) for code in rows["state"]],
        }
    )
    state = tables.show(
        shown,
        row_height=tables.ROW_HEIGHT,
        height=min(len(shown), 12) * tables.ROW_HEIGHT + 42,
        key=f"queue_{st.session_state.setdefault(_GENERATION, 0)}",
        on_select="rerun",
        selection_mode="multi-row",
        alt=t("queue.table"),
        column_config={
            "action": tables.text(t("common.action"), width=84, pinned=True),
            "item_name": tables.text(t("common.material"), width=190),
            "site_code": tables.text(t("common.site"), width=76),
            "quantity": tables.number(t("queue.quantity"), width=62),
            "supplier": tables.text(t("queue.from"), width=104),
            "order_by": tables.short_day(t("queue.order_by")),
            "arrive_by": tables.short_day(t("queue.arrives")),
            "risk": tables.text(t("items.risk"), width=94, help=t("queue.risk_help")),
            "avoided_cost": tables.number(t("queue.avoided"), width=84, help=t("queue.avoided_help")),
            "value_per_spend": tables.number(t("queue.per_spend"), width=58, help=t("queue.per_spend_help")),
            "priority": tables.text(t("queue.priority"), width=78),
            "state": tables.text(t("queue.state"), width=84),
        },
    )
    return [rows.iloc[n].to_dict() for n in state["selection"]["rows"] if n < len(rows)]


def _told() -> str:
    """Column of the explanation in the reader's language."""
    return "explanation_en" if current_language() == "en" else "explanation"


def _comes_from(given: Iterable[str | None]) -> str | None:
    """Where the material comes from, of its ORIGINS."""
    return next((name for name in given if name and not fmt.missing(name)), None)


def _explanation(row: Row) -> None:
    address = marks.link("material", t("queue.open_item"), item=row["item_code"], onde=row["site_code"])
    by = ""
    if row["state"] != PROPOSED:
        who = row["decided_by"] or fmt.NOTHING
        by = t("queue.decided_by", state=value("state", row["state"]), who=who, when=fmt.moment(row["updated_at"]))
        by += "" if fmt.missing(row["reason"]) else f" · “{row['reason']}”"
    title = f"{row['item_name']} · {row['item_code']} · {row['site_code']}"
    st.html(
        f'<div class="nc-decision"><p class="nc-muted">{escape(title)} · {address}</p>'
        f'<p class="nc-do">{escape(explain.sentence(row))}</p><p class="nc-why">{escape(explain.why(row))}</p>'
        + (f'<p class="nc-why">{escape(by)}</p>' if by else "")
        + "</div>"
    )
    with st.expander(t("queue.numbers")):
        st.write(fmt.plain(row[_told()]))
        stored = [(explain.term_name(k), explain.term_value(k, v)) for k, v in explain.terms(row).items()]
        own = [
            (t("item.on_hand"), fmt.quantity(row["on_hand"])),
            (t("item.on_order"), fmt.quantity(row["on_order"])),
            (t("queue.on_order_late"), fmt.quantity(row["on_order_late"])),
            (t("item.reserved"), fmt.quantity(row["reserved"])),
            (t("queue.backorder"), fmt.quantity(row["backorder"])),
            (t("queue.shortage"), fmt.number(row["expected_shortage"], 2)),
            (t("queue.shortage_after"), fmt.number(row["expected_shortage_after"], 2)),
            (t("queue.spend"), fmt.money(row["spend"])),
        ]
        st.html(marks.facts(own + stored[:SHOWN_TERMS]))


def _action_bar(chosen: list[Row]) -> None:
    waiting = [row for row in chosen if row["state"] == PROPOSED]
    decided = [row for row in chosen if row["state"] in {"APPROVED", "ADJUSTED", "REJECTED"}]
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f"<b>{escape(tn('queue.selected', len(chosen), count=fmt.number(len(chosen))))}</b>", width="content")
        if waiting:
            approve = partial(_decide, waiting, "APPROVED")
            st.button(t("queue.approve"), type="primary", icon=":material/check:", on_click=approve, key="approve")
            with st.popover(t("queue.reject"), icon=":material/close:"):
                st.text_area(t("queue.reason"), key="reject_reason", max_chars=LONGEST_REASON)
                st.button(
                    t("queue.reject_now"), on_click=partial(_decide, waiting, "REJECTED", "reject_reason"), key="reject"
                )
            _adjust(waiting)
        if decided:
            st.button(t("queue.undo"), icon=":material/undo:", on_click=partial(_undo, decided), key="undo")


def _adjust(rows: list[Row]) -> None:
    """Another quantity for each ticked line, with one reason for all."""
    shown = rows[:MOST_ADJUSTED]
    with st.popover(t("queue.adjust"), icon=":material/edit:"):
        for n, row in enumerate(shown):
            label = f"{row['item_name']} · {row['site_code']} ({row['unit_measure']})"
            st.number_input(
                fmt.plain(label), min_value=0.0, value=float(row["quantity"]), format="%g", key=f"adjust_{n}"
            )
        if len(rows) > len(shown):
            st.caption(t("queue.adjust_first", count=fmt.number(len(shown))))
        st.text_area(t("queue.reason"), key="adjust_reason", max_chars=LONGEST_REASON)
        st.button(t("queue.adjust_now"), on_click=partial(_decide_adjusted, shown), key="adjust")


def _decide_adjusted(rows: list[Row]) -> None:
    require_role(*DECIDERS, what="recommendation.adjusted")
    quantities = [float(st.session_state[f"adjust_{n}"]) for n in range(len(rows))]
    _decide(rows, "ADJUSTED", "adjust_reason", quantities)


def _decide(rows: list[Row], state: str, reason_key: str | None = None, quantities: list[float] | None = None) -> None:
    session = require_role(*DECIDERS, what=f"recommendation.{state.lower()}")
    reason = str(st.session_state.get(reason_key, "")).strip() if reason_key else None
    if reason_key and not reason:
        st.toast(t("queue.reason_needed"), icon=":material/edit_note:")
        return
    done = 0
    for n, row in enumerate(rows):
        try:
            decisions.decide(session, row, state, quantity=quantities[n] if quantities else None, reason=reason)
            done += 1
        except Refused as refused:
            say_refused(refused)
    if done:
        st.toast(t("queue.done", count=fmt.number(done), state=value("state", state).lower()), icon=":material/check:")
    st.session_state[_GENERATION] += 1


def _undo(rows: list[Row]) -> None:
    session = require_role(*DECIDERS, what="recommendation.withdrawn")
    for row in rows:
        try:
            decisions.withdraw(session, row)
        except Refused as refused:
            say_refused(refused)
    st.session_state[_GENERATION] += 1


def _export_labels() -> dict[str, str]:
    return {
        "as_of": t("common.day"),
        "action": t("common.action"),
        "item_code": t("common.code"),
        "item_name": t("common.material"),
        "site_code": t("common.site"),
        "quantity": t("queue.quantity"),
        "unit_measure": t("queue.unit"),
        "supplier_name": t("common.supplier"),
        "from_site_code": t("queue.from_site"),
        "substitute_code": t("queue.substitute"),
        "order_ref": t("item.order"),
        "order_by": t("queue.order_by"),
        "arrive_by": t("queue.arrives"),
        "stockout_probability": t("items.risk"),
        "stockout_probability_after": t("queue.risk_after"),
        "spend": t("queue.spend"),
        "avoided_cost": t("queue.avoided"),
        "priority": t("queue.priority"),
        "state": t("queue.state"),
        "reason": t("queue.reason"),
        _told(): t("queue.explanation"),
    }


def _exported(rows: pd.DataFrame) -> pd.DataFrame:
    words = {name: [value(name, code) for code in rows[name]] for name in ("action", "priority", "state")}
    return rows.assign(**words)
