"""Keyboard and screen reader: axe-core finds nothing on any screen in either theme; Tab reaches every control."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from streamlit_app.screens import SCREENS
from streamlit_app.views import item
from tests.app.places import ITEM
from tests.e2e.test_walk import at_rest

WIDTH, HEIGHT = 1440, 900
PARTS = (
    "previsoes?parte=valor",
    "previsoes?parte=calibracao",
    "recomendacoes?vista=balanco",
    "alertas?caixa=acerto",
    "dados?parte=linhagem",
    "administracao?parte=regras",
    "administracao?parte=execucoes",
)
MATERIAL = f"material?{urlencode(ITEM)}"
ADDRESSES = [
    *(MATERIAL if screen.name == "item" else screen.path for screen in SCREENS),
    *(f"{MATERIAL}&aba={tab}" for tab in list(item.TABS)[1:]),
    *PARTS,
]
# Pictures of the documentation beyond the screens of the menu.
PICTURES = {
    MATERIAL: "item",
    "previsoes?parte=valor": "forecast_value",
    "recomendacoes?vista=balanco": "balance",
    "administracao?parte=regras": "rules",
}
# Each with another popover.
POPOVERS = ("", MATERIAL)
# Streamlit's grid numbers its cells from zero in every table: two tables of a page share ids that nothing refers to.
OPTIONS = {"resultTypes": ["violations"], "rules": {"duplicate-id-active": {"enabled": False}}}
STOPS = """() => {
    const look = e => {
        const seen = [];
        for (let n = e, i = 0; n && i < 4; n = n.parentElement, i++) {
            const s = getComputedStyle(n);
            seen.push(s.outline, s.boxShadow, s.borderColor, s.backgroundColor);
        }
        return seen.join('|');
    };
    const shown = e => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
    const all = [...document.querySelectorAll('a[href], button, input, textarea, summary, [tabindex]')];
    // Tab reaches one radio of a group, arrows the others; what scrolls is no control.
    const radio = e => e.getAttribute('role') === 'radio';
    const group = e => radio(e) ? e.closest('[role=radiogroup]') || e : e;
    const able = all.filter(e => !e.disabled && !e.closest('[inert]') && shown(e) && e.dataset.testid !== 'stMain');
    const looks = new Map(able.map(e => [e, look(e)]));
    window.stops = [...new Set(able.filter(e => e.tabIndex >= 0 || radio(e)).map(group))];
    // Some looks change in a transition, which has not begun when the key is down.
    window.here = async () => {
        const e = document.activeElement, same = () => looks.get(e) === look(e);
        for (let n = 0; n < 60 && same(); n++) await new Promise(requestAnimationFrame);
        return [window.stops.indexOf(group(e)), !same()];
    };
    return window.stops.map(e => (e.getAttribute('aria-label') || e.innerText || e.type || e.tagName).slice(0, 40));
}"""

TOLD_IN_WORDS = """() => [...document.querySelectorAll('[data-testid=stVegaLiteChart], [data-testid=stDataFrame]')]
    .every(e => [e, ...e.querySelectorAll('[aria-label]')].some(n => n.ariaLabel?.length > 3))"""

WHOLE_HEIGHT = "() => document.querySelector('[data-testid=stMain]').scrollHeight"


def settle(page: Page, address: str) -> None:
    page.goto(f"/{address}")
    at_rest(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_to_mend_and_charts_and_tables_are_told_in_words(visit, theme, pictures):
    page, axe, found = visit("ADMIN", color_scheme=theme), Axe(), {}
    expect(page.locator(".nc-queues")).to_be_visible()
    for address in ADDRESSES:
        settle(page, address)
        # Charts are drawn after the script has ended; one that stays without words runs into the page's patience.
        page.wait_for_function(TOLD_IN_WORDS)
        at_rest(page)
        if theme == "light" and address in PICTURES:
            pictures(page, PICTURES[address])
        for closed in page.locator("[data-testid=stExpander] details:not([open]) > summary").all():
            closed.click()
        # axe passes over what is scrolled out of sight.
        page.set_viewport_size({"width": WIDTH, "height": page.evaluate(WHOLE_HEIGHT)})
        at_rest(page)
        for broken in axe.run(page, options=OPTIONS).response["violations"]:
            found[address, broken["id"]] = [node["html"][:160] for node in broken["nodes"][:3]]
        if address in POPOVERS:
            page.locator("[data-testid=stPopover] button").first.click()
            expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
            at_rest(page)
            for broken in axe.run(page, "[data-testid=stPopoverBody]", options=OPTIONS).response["violations"]:
                found[address, "popover", broken["id"]] = [node["html"][:160] for node in broken["nodes"][:3]]
        page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    assert found == {}


@pytest.mark.parametrize("place", ["", "recomendacoes", "alertas", "administracao?parte=regras"])
def test_tab_reaches_every_control_and_shows_where_it_is(visit, place):
    page = visit("ADMIN")
    expect(page.locator(".nc-queues")).to_be_visible()
    settle(page, place)
    names = page.evaluate(STOPS)
    assert len(names) > 15
    reached, unseen = set(), set()
    for _ in range(2 * len(names)):
        page.keyboard.press("Tab")
        number, changed = page.evaluate("window.here()")
        if number in reached:
            break
        if number >= 0:
            reached.add(number)
            unseen |= set() if changed else {names[number]}
    missed = [name for n, name in enumerate(names) if n not in reached]
    assert (missed, sorted(unseen)) == ([], [])
