"""Small pieces of HTML: tiles, sparklines, badges, queue cards. Every text from the data is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote, urlencode

from streamlit_app.data.standing import Standing
from streamlit_app.ui.format import missing
from streamlit_app.ui.theme import Palette

SPARK_WIDTH, SPARK_HEIGHT = 132, 34
# State to (icon, CSS class): a state is never told by colour alone.
STATES = {"good": "●", "warn": "▲", "bad": "■", "info": "○", "quiet": "·"}
# How far a request is to its state.
STANDINGS = {
    Standing.DONE: "good",
    Standing.FAILED: "bad",
    Standing.SILENT: "warn",
    Standing.RUNNING: "info",
    Standing.LATE: "warn",
    Standing.WAITING: "quiet",
}


def link(path: str, text: str, *, css: str = "", **query: str | Sequence[str] | None) -> str:
    """An escaped link to a screen of ours, opened in place."""
    asked = {key: value for key, value in query.items() if value}
    address = f"/{path}" + (f"?{urlencode(asked, doseq=True)}" if asked else "")
    return f'<a class="{css}" href="{escape(address)}" target="_self">{escape(text)}</a>'


def badge(state: str, text: str) -> str:
    """A state in words, with its icon and colour."""
    return f'<span class="nc-badge nc-{state}"><i aria-hidden="true">{STATES[state]}</i>{escape(text)}</span>'


def sparkline(values: Iterable[float | None], label: str, palette: Palette) -> str:
    """A line of the given values on a tinted area, drawn between their least and greatest; gaps are skipped.

    An image: Streamlit strips drawings from HTML, and an image's colours cannot follow the page's.
    """
    numbers = [(n, float(v)) for n, v in enumerate(values) if not missing(v)]
    if len(numbers) < 2:
        return '<span class="nc-spark"></span>'
    low, high = min(v for _, v in numbers), max(v for _, v in numbers)
    last = numbers[-1][0]

    def place(n: int, value: float) -> str:
        share = (value - low) / (high - low) if high > low else 0.5
        return f"{n / last * SPARK_WIDTH:.1f},{3 + (SPARK_HEIGHT - 6) * (1 - share):.1f}"

    line = " ".join(place(n, v) for n, v in numbers)
    area = f"0,{SPARK_HEIGHT} {line} {SPARK_WIDTH},{SPARK_HEIGHT}"
    frame = f'viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}" preserveAspectRatio="none"'
    stroke = f'fill="none" stroke="{palette.primary}" stroke-width="1.6" vector-effect="non-scaling-stroke"'
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {frame}>'
        f'<polygon points="{area}" fill="{palette.primary}" fill-opacity=".11"/>'
        f'<polyline points="{line}" {stroke}/></svg>'
    )
    return f'<img class="nc-spark" alt="{escape(label)}" src="data:image/svg+xml,{quote(drawing)}">'


def tile(
    label: str, value: str, *, change: str = "", target: str = "", spark: str = "", href: str = "", hint: str = ""
) -> str:
    """A key figure: label small, value large, change against yesterday and target beneath, trend of 90 days.

    `change`, `target` and `spark` are HTML made by this module; `href` an address of ours.
    """
    body = (
        f'<span class="nc-label">{escape(label)}</span><span class="nc-value">{escape(value)}</span>'
        f'<span class="nc-row">{change}{target}</span>{spark}'
    )
    title = f' title="{escape(hint)}"' if hint else ""
    if href:
        return f'<a class="nc-tile" href="{escape(href)}" target="_self"{title}>{body}</a>'
    return f'<div class="nc-tile"{title}>{body}</div>'


def tiles(pieces: Iterable[str]) -> str:
    """A row of tiles that wraps on narrow screens."""
    return f'<div class="nc-tiles">{"".join(pieces)}</div>'


def change(amount: str, *, rising: bool | None, good: bool | None, label: str) -> str:
    """Change against the day before: an arrow for the direction, a colour for what it means, words for the rest."""
    arrow = "" if rising is None else "▲" if rising else "▼"
    css = "quiet" if good is None else "good" if good else "bad"
    return f'<span class="nc-change nc-{css}" title="{escape(label)}">{arrow}{escape(amount)}</span>'


def section(title: str) -> str:
    """Heading of a part of a page."""
    return f'<h2 class="nc-section">{escape(title)}</h2>'


def muted(text: str) -> str:
    """Secondary text."""
    return f'<span class="nc-muted">{escape(text)}</span>'


def queue(title: str, count: str, note: str, rows: Sequence[str], more: str, empty: str) -> str:
    """A short work queue: what it is, how many, what it is worth, the first lines, and the way to all of them."""
    body = "".join(rows) if rows else f'<p class="nc-empty">{escape(empty)}</p>'
    remark = f'<span class="nc-muted">{escape(note)}</span>' if note else ""
    return (
        f'<section class="nc-queue"><header><h2>{escape(title)}</h2><b>{escape(count)}</b>{remark}</header>'
        f'<div class="nc-lines">{body}</div><footer>{more}</footer></section>'
    )


def queue_line(href: str, main: str, sub: str, right: str, right_sub: str, state: str = "quiet") -> str:
    """One line of a queue: what, where, and at the right the number that ranks it."""
    return (
        f'<a class="nc-line" href="{escape(href)}" target="_self"><i class="nc-dot nc-{state}"></i>'
        f"<span><b>{escape(main)}</b><small>{escape(sub)}</small></span>"
        f"<span class='nc-right'><b>{escape(right)}</b><small>{escape(right_sub)}</small></span></a>"
    )


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Label and value pairs in a compact grid."""
    cells = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in pairs)
    return f'<dl class="nc-facts">{cells}</dl>'


def address(path: str, **query: str | Sequence[str] | None) -> str:
    """Address of a screen with its query, not escaped for HTML."""
    asked = {key: value for key, value in query.items() if value}
    return f"/{path}" + (f"?{urlencode(asked, doseq=True)}" if asked else "")
