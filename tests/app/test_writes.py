"""What people write through the screens' data functions arrives in the database, and only for who may write it."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from streamlit_app.access import sessions
from streamlit_app.access.roles import ANALYST, FORBIDDEN, VIEWER, Refused
from streamlit_app.data import decisions, forecasts, items, views
from streamlit_app.data.filters import Filters
from streamlit_app.data.items import ItemSite
from streamlit_app.ui import explain
from streamlit_app.ui import format as fmt
from tests.app.sample_master import AS_OF


@pytest.fixture
def place(app) -> tuple[ItemSite, dict]:
    """A material at a site, as the data functions name it and as a row of a list."""
    row = app.rows("item_sites", item_code="033.010")[0]
    return ItemSite(row["item_id"], row["site_id"], AS_OF), row


def person(sign_in, role: str) -> sessions.Session:
    session = sessions.find_session(sign_in(role))
    assert session
    return session


def test_a_view_is_kept_replaced_and_forgotten_and_private(sign_in):
    carla, bruno = person(sign_in, VIEWER), person(sign_in, ANALYST)
    views.save(carla, "items", "Energia", "familia=Energia")
    views.save(carla, "items", "Energia", "familia=Energia&abc=A")
    kept = views.saved(carla, "items")
    assert kept[["name", "query"]].to_numpy().tolist() == [["Energia", "familia=Energia&abc=A"]]
    assert views.saved(bruno, "items").empty
    views.delete(carla, int(kept["view_id"].iloc[0]))
    assert views.saved(carla, "items").empty


def test_an_override_stands_beside_its_baseline_until_it_is_withdrawn(sign_in, place):
    bruno, (where, row) = person(sign_in, ANALYST), place
    until = fmt.today() + timedelta(days=10)
    given = {"field": "FORECAST", "target": "D30", "value": 77.0, "reason": "Obra nova", "valid_until": until}
    forecasts.add_override(bruno, row, **given)
    (kept,) = forecasts.overrides(fmt.today(), only_valid=True, item_id=where.item_id).to_dict("records")
    assert (kept["value"], kept["author"], kept["in_force"]) == (77.0, "Bruno Lima", True)
    assert kept["baseline"] == pytest.approx(items.sums(bruno, where)["D30"]["mean"])
    forecasts.withdraw_override(bruno, int(kept["override_id"]))
    assert forecasts.overrides(fmt.today(), only_valid=True, item_id=where.item_id).empty


def test_what_explains_a_recommendation_is_asked_for_where_it_is_shown(sign_in):
    carla = person(sign_in, VIEWER)
    rows = decisions.recommendations(carla, AS_OF, Filters(), decisions.QueueWish())
    every = decisions.told(carla, rows, every=True)
    assert len(rows) > 1 and "terms" not in rows
    assert every[decisions.RECOMMENDATION_KEY].equals(rows[decisions.RECOMMENDATION_KEY])
    for number, row in enumerate(rows.to_dict("records")):
        one = decisions.told(carla, pd.DataFrame([row])).iloc[0]
        assert one["terms"] == every.loc[number, "terms"] and one["explanation"] == every.loc[number, "explanation"]
        assert explain.why(one.to_dict())
    assert "terms" in decisions.told(carla, rows.head(0))


def test_a_remark_is_read_by_all_and_written_by_planners(sign_in, place):
    where, _ = place
    items.add_comment(person(sign_in, ANALYST), where, "Fornecedor avisou atraso", everywhere=True)
    (kept,) = items.comments(where).to_dict("records")
    assert (kept["body"], kept["author"], kept["everywhere"]) == ("Fornecedor avisou atraso", "Bruno Lima", True)
    with pytest.raises(Refused) as refused:
        items.add_comment(person(sign_in, VIEWER), where, "x", everywhere=False)
    assert refused.value.code == FORBIDDEN
