"""The header line of every page: title at the left, what the page stands on at the right; and the global filters."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from streamlit_app.access.sessions import Session
from streamlit_app.data.database import NotMaterialized
from streamlit_app.data.filters import Filters
from streamlit_app.data.freshness import Freshness, failed_checks, freshness
from streamlit_app.data.items import filter_options
from streamlit_app.i18n import t, tn
from streamlit_app.ui import bound, marks
from streamlit_app.ui import format as fmt
from streamlit_app.ui.saved_views import saved_views

ABC = ("A", "B", "C")
DAYS_A_MONTH = 30
MONTHS, DEFAULT_MONTHS = ("3", "6", "12", "24"), "12"
RUN_ID_SHOWN = 4


def plain_header(session: Session, title: str) -> Freshness | None:
    """The same line for pages that are of use before the first results: None, and said so, when there are none yet."""
    try:
        return page_header(session, title)
    except NotMaterialized:
        missing = f'<span class="nc-stand nc-warn">{escape(t("header.no_data"))}</span>'
        st.html(f'<div class="nc-head"><h1>{escape(title)}</h1>{missing}</div>')
        return None


def page_header(session: Session, title: str, subtitle: str = "") -> Freshness:
    """Draw the line and return what the page stands on. Raises NotMaterialized when there is nothing yet."""
    bound.begin_page()
    stands_on = freshness(session)
    stale = fmt.older_than_a_day(stands_on.as_of)
    parts = [t("header.data_of", day=fmt.day(stands_on.as_of))]
    if stands_on.run_id:
        parts.append(t("header.run", run=stands_on.run_id[:RUN_ID_SHOWN]))
    if stands_on.published_at:
        parts.append(fmt.ago(stands_on.published_at))
    files = "\n".join(f"{path} · {fmt.moment(at)}" for path, at in stands_on.files)
    note = (t("header.stale") + "\n\n" if stale else "") + (t("header.files") + "\n" + files if files else "")
    sub = f'<span class="nc-sub">{escape(subtitle)}</span>' if subtitle else ""
    css = "nc-stand nc-warn" if stale else "nc-stand"
    st.html(
        f'<div class="nc-head"><h1>{escape(title)}{sub}</h1><span class="nc-stands">{_checks()}'
        f'<a class="{css}" href="/dados?parte=linhagem" target="_self" title="{escape(note)}">'
        f"{escape(' · '.join(parts))}</a></span></div>"
    )
    return stands_on


def _checks() -> str:
    """A red mark when a check says that something must not be trusted, an amber one when it says to look."""
    failed = failed_checks()
    if failed.empty:
        return ""
    blocking = failed[failed["severity"] == "ERROR"]
    state, rows = ("bad", blocking) if len(blocking) else ("warn", failed)
    names = ", ".join(sorted(set(rows["table_name"])))
    text = tn(f"header.checks_{state}", len(rows), count=fmt.number(len(rows)))
    href = marks.address("dados", parte="verificacoes")
    mark = marks.badge(state, text)
    return f'<a class="nc-check" href="{escape(href)}" target="_self" title="{escape(names)}">{mark}</a>'


def global_filters(session: Session, screen: str, *, period: bool = False) -> Filters:
    """The filters that every list shares; they live in the address, so a link carries them and so does the menu.

    Beside them the views that the reader has saved of the screen. `period` is for screens that show history.
    """
    options = filter_options(session)
    families = options.loc[options["kind"] == "family", "code"].tolist()
    regions = options.loc[options["kind"] == "region"].set_index("code")["name"].to_dict()
    sites = options.loc[options["kind"] == "site"]
    with st.container(horizontal=True, gap="small", key="filters"):
        months = chosen_period() if period else DEFAULT_MONTHS
        chosen_families = bound.multiselect("familia", t("common.family"), families, carried=True)
        chosen_abc = bound.multiselect("abc", t("common.abc"), ABC, carried=True, width=130)
        chosen_regions = bound.multiselect(
            "regiao", t("common.region"), list(regions), show=_named(regions), carried=True
        )
        offered = sites[sites["parent"].isin(chosen_regions)] if chosen_regions else sites
        names = offered.set_index("code")["name"].to_dict()
        chosen_sites = bound.multiselect("site", t("common.site"), list(names), show=_named(names), carried=True)
        saved_views(session, screen)
    return Filters(chosen_families, chosen_abc, chosen_regions, chosen_sites, int(months))


def chosen_period() -> str:
    """How far back the histories of the page go, in months."""
    return bound.selectbox(
        "periodo",
        t("common.period"),
        MONTHS,
        default=DEFAULT_MONTHS,
        show=lambda n: t("common.last_months", n=n),
        carried=True,
        width=170,
    )


def _named(names: dict[str, str]) -> Callable[[str], str]:
    return lambda code: f"{code} · {names[code]}" if names.get(code) not in {None, code} else code
