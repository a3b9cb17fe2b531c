"""What a page says when it has nothing to show: no data yet, no rows, no right, no database, or an error of ours.

Each names the cause and the next step.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from functools import partial
from html import escape
from urllib.parse import quote

import streamlit as st

from streamlit_app.access.roles import FORBIDDEN, NO_SESSION, AccessDenied, Refused, SignedOut
from streamlit_app.access.sessions import forget_sessions
from streamlit_app.data.database import DatabaseUnavailable, NotMaterialized, database
from streamlit_app.i18n import t, value
from streamlit_app.ui.place import here

RETRY_SECONDS = 5

log = logging.getLogger(__name__)


def guarded(show: Callable[[], None]) -> None:
    """Run what draws a page; whatever goes wrong becomes a page that says so."""
    try:
        show()
    except SignedOut:
        _signed_out()
    except AccessDenied as denied:
        roles = ", ".join(value("role", role) for role in denied.needed)
        _state("block", t("state.denied_title"), t("state.denied", roles=roles))
    except DatabaseUnavailable:
        _state("cloud_off", t("door.unavailable_title"), t("door.unavailable_text"), _link(here(), t("state.retry")))
        st.fragment(partial(_look_again, time.monotonic()), run_every=RETRY_SECONDS)()
    except NotMaterialized:
        _state("hourglass_empty", t("state.no_data_title"), t("state.no_data"), _link(here(), t("state.retry")))
    except Exception as error:
        if _is_refusal(error):
            return
        number = secrets.token_hex(4)
        log.exception("page failed, incident %s", number)
        _state("error", t("state.error_title"), t("state.error", number=number), _link(here(), t("state.retry")))


def _is_refusal(error: Exception) -> bool:
    """Whether the database knew better than what is remembered here: the session has ended, or the role has changed.
    Says so to the reader, and forgets what was remembered."""
    code = error.code if isinstance(error, Refused) else getattr(error, "sqlstate", None)
    if code not in {NO_SESSION, FORBIDDEN}:
        return False
    forget_sessions()
    if code == NO_SESSION:
        _signed_out()
    else:
        _state("block", t("state.denied_title"), t(f"refused.{FORBIDDEN}"), _link("/", t("door.back")))
    return True


def empty(text: str) -> None:
    """An empty list: why it is empty, and when it will not be."""
    st.html(f'<p class="nc-empty">{escape(text)}</p>')


def say_refused(refused: Refused) -> None:
    """Tell the reader why the database did not carry out a write."""
    found = [key for key in (f"refused.{refused.message}", f"refused.{refused.code}") if key in REFUSALS]
    st.toast(t(found[0] if found else "refused.other"), icon=":material/block:")


def _look_again(failed_at: float) -> None:
    """Draw the page anew as soon as the database answers; never at once, or a full server would get no rest."""
    if time.monotonic() - failed_at < RETRY_SECONDS / 2:
        return
    try:
        database().row("freshness")
    except DatabaseUnavailable:
        return
    except NotMaterialized:
        log.info("the database answers again, without results")
    st.rerun()


# By what the database says, or by the class of it.
REFUSALS = frozenset(
    f"refused.{code}" for code in ("run_asked_already", "run_unknown", "NV401", "NV403", "NV404", "NV409", "NV422")
)


def _signed_out() -> None:
    _state("lock", t("state.signed_out_title"), t("state.signed_out"), _sign_in_link())


def _state(icon: str, title: str, text: str, action: str = "") -> None:
    st.markdown(f"<div style='height:6vh'></div>\n\n:material/{icon}:", unsafe_allow_html=True, text_alignment="center")
    st.html(f'<div class="nc-state" role="alert"><h2>{escape(title)}</h2><p>{escape(text)}</p>{action}</div>')


def _sign_in_link() -> str:
    return _link(f"/entrar?next={quote(here(), safe='')}", t("door.sign_in"))


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}" target="_self">{escape(text)}</a>'
