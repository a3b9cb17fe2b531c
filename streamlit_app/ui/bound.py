"""Widgets whose value lives in the address, as codes: a link means the same in both languages.

Streamlit's own `bind=` writes the labels that the reader sees. A value is taken from the address when the widget first
appears on a page; failing that, from the same widget on the page before (Streamlit empties the address on the way).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from streamlit_app.i18n import t

_CARRIED = "_carried"
_STATED = "_stated"


def begin_page() -> None:
    """Forget what the page before had chosen; first thing on every page."""
    st.session_state[_STATED] = {}


def stated() -> dict[str, str]:
    """What is chosen on this page so far, label to words: files say with it what they hold."""
    return dict(st.session_state.get(_STATED, {}))


def multiselect(
    param: str,
    label: str,
    options: Sequence[str],
    *,
    show: Callable[[str], str] = str,
    carried: bool = False,
    width: int = 200,
) -> tuple[str, ...]:
    """Several of some codes; empty means all."""
    key = _begin(param, lambda given: [code for code in given if code in options], carried=carried)
    # What was chosen before may no longer be on offer: a site of another region.
    st.session_state[key] = [code for code in st.session_state[key] if code in options]
    chosen = st.multiselect(
        label,
        options,
        key=key,
        placeholder=label,
        label_visibility="collapsed",
        format_func=show,
        select_all=False,
        width=width,
    )
    _state(label, [show(code) for code in chosen])
    return tuple(_end(param, chosen, carried=carried))


def selectbox(
    param: str,
    label: str,
    options: Sequence[str],
    *,
    show: Callable[[str], str] = str,
    default: str | None = None,
    carried: bool = False,
    width: int = 200,
) -> str:
    """One of some codes, the first unless told otherwise."""
    first = default or options[0]
    key = _begin(param, lambda given: next((code for code in given if code in options), first), carried=carried)
    chosen = st.selectbox(label, options, key=key, label_visibility="collapsed", format_func=show, width=width)
    _state(label, [show(chosen)])
    _end(param, [] if chosen == first else [chosen], carried=carried)
    return chosen


def segmented(
    param: str, label: str, options: Sequence[str], *, show: Callable[[str], str] = str, default: str | None = None
) -> str:
    """One of some codes, side by side."""
    first = default or options[0]
    key = _begin(param, lambda given: next((code for code in given if code in options), first))
    chosen = st.segmented_control(
        label, options, key=key, required=True, label_visibility="collapsed", format_func=show
    )
    chosen = chosen or first
    _state(label, [show(chosen)])
    _end(param, [] if chosen == first else [chosen])
    return chosen


def search(param: str, label: str, placeholder: str, *, width: int = 300) -> str:
    """Words to search for."""
    key = _begin(param, lambda given: given[0] if given else "")
    words = st.text_input(
        label, key=key, placeholder=placeholder, label_visibility="collapsed", icon=":material/search:", width=width
    )
    _state(label, [words] if words else [])
    _end(param, [words] if words else [])
    return words


def toggle(param: str, label: str) -> bool:
    """Yes or no; no by default."""
    key = _begin(param, lambda given: given == ["1"])
    chosen = st.toggle(label, key=key)
    _state(label, [t("common.yes")] if chosen else [])
    _end(param, ["1"] if chosen else [])
    return chosen


def slider(
    param: str,
    label: str,
    least: float,
    most: float,
    *,
    default: float,
    step: float,
    show: Callable[[float], str] = str,
    help: str | None = None,
) -> float:
    """A number between two others, shown in the reader's form."""
    count = round((most - least) / step)
    options = [round(least + n * step, 6) for n in range(count + 1)]
    key = _begin(param, lambda given: _nearest(options, given[0] if given else None, default))
    # The ends may move with the filters.
    if st.session_state[key] not in options:
        st.session_state[key] = _nearest(options, str(st.session_state[key]), default)
    chosen = st.select_slider(label, options, key=key, format_func=show, help=help)
    _state(label, [show(chosen)] if chosen != default else [])
    _end(param, [] if chosen == default else [f"{chosen:g}"])
    return chosen


def _nearest(options: Sequence[float], given: str | None, default: float) -> float:
    try:
        wanted = default if given is None else float(given)
    except ValueError:
        wanted = default
    return min(options, key=lambda option: abs(option - wanted))


def _state(label: str, shown: list[str]) -> None:
    said = st.session_state.setdefault(_STATED, {})
    if shown:
        said[label] = ", ".join(shown)
    else:
        said.pop(label, None)


def _begin(param: str, read: Callable[[list[str]], Any], *, carried: bool = False) -> str:
    key = f"at_{param}"
    if key not in st.session_state:
        given = st.query_params.get_all(param)
        if not given and carried:
            given = st.session_state.get(_CARRIED, {}).get(param, [])
        st.session_state[key] = read(given)
    return key


def _end(param: str, values: list[str], *, carried: bool = False) -> list[str]:
    if st.query_params.get_all(param) != values:
        if values:
            st.query_params[param] = values
        else:
            st.query_params.pop(param, None)
    if carried:
        st.session_state.setdefault(_CARRIED, {})[param] = values
    return values
