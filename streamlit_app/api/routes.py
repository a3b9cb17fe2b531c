"""What can be asked: every address of the API with its parameters, its answer and how long that is remembered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from streamlit_app.access import bearer
from streamlit_app.access.sessions import API, SignIn, answer_challenge, end_session_of_key, session_of, sign_in
from streamlit_app.access.tokens import digest
from streamlit_app.api import problems, rows
from streamlit_app.api.answers import Question, limited, reply, store, version
from streamlit_app.api.callers import Caller, audit, caller_of, require_role
from streamlit_app.data.database import database
from streamlit_app.web.requests import client_address, user_agent

router = APIRouter()

# PostgreSQL's text holds no NUL.
TEXT = r"^[^\x00]*$"
Code = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]
Words = Annotated[str, Field(max_length=100, pattern=TEXT)]
YEAR = timedelta(days=365)
MINUTE, HOUR = 60, 3600


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    names = {
        304: "Not modified: what If-None-Match names is still current",
        400: "The body is no JSON",
        401: "No valid token",
        403: "Not allowed",
        404: "Unknown code",
        422: "A parameter is wrong",
        429: "Too many requests",
        503: "The database does not answer, or nothing has been computed yet",
    }
    bodiless = {304: {"description": names[304]}}
    return {status: bodiless.get(status) or _problem(names[status]) for status in statuses}


def _problem(description: str) -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/ProblemBody"}
    return {"description": description, "content": {problems.MEDIA_TYPE: {"schema": reference}}}


COMMON = (304, 401, 403, 422, 429, 503)


class Paged(BaseModel):
    """Parameters of every list. An unknown parameter is an error: a filter with a typing error must not show all."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=1000, description="Rows of a page")
    offset: int = Field(0, ge=0, le=10_000_000, description="Rows to leave out before the first")


class OfPair(Paged):
    """A list that can be narrowed to a material and a site."""

    item_code: Code | None = Field(None, description="Material")
    site_code: Code | None = Field(None, description="Site")


class ItemsQuery(Paged):
    search: Words | None = Field(None, description="Part of the code or of the name")
    family: Code | None = Field(None, description="Family")
    active: bool | None = Field(None, description="In use")


class DemandQuery(Paged):
    item_code: Code = Field(description="Material")
    site_code: Code | None = Field(None, description="Site; all of them together by default")
    date_from: date | None = Field(None, description="First day; by default 365 days before the last")
    date_to: date | None = Field(None, description="Last day; by default the day that the results stand on")
    grain: Literal["day", "week", "month"] = Field("day", description="Length of a period")


class InventoryQuery(OfPair):
    family: Code | None = Field(None, description="Family")
    abc_class: Literal["A", "B", "C"] | None = Field(None, description="ABC class")
    region_code: Code | None = Field(None, description="Region")


class ForecastsQuery(OfPair):
    target: Literal["PROTECTION", "D30", "D60", "D90"] | None = Field(None, description="Sum that is forecast")


class FeaturesQuery(OfPair):
    as_of: date | None = Field(None, description="Day; by default the newest")


class KpisQuery(Paged):
    kpi_code: Code | None = Field(None, description="Key figure")
    dimension: Literal["company", "region", "family", "abc", "site"] = Field("company", description="Cut")
    member: Code | None = Field(None, description="Member of the dimension")


class RecommendationsQuery(OfPair):
    action: Code | None = Field(None, description="Action, such as REORDER")
    priority: Literal["LOW", "MEDIUM", "HIGH", "CRITICAL"] | None = Field(None, description="Priority")
    state: Literal["PROPOSED", "APPROVED", "ADJUSTED", "REJECTED", "EXPORTED", "RECEIVED"] | None = Field(
        None, description="What people decided"
    )


class AlertsQuery(OfPair):
    cause: Code | None = Field(None, description="Cause")
    severity: Literal["NORMAL", "WARNING", "CRITICAL"] | None = Field(None, description="Severity")


class SuppliersQuery(Paged):
    search: Words | None = Field(None, description="Part of the code or of the name")
    active: bool | None = Field(None, description="In use")


class NoParameters(BaseModel):
    """An address that takes none."""

    model_config = ConfigDict(extra="forbid")


class Credentials(BaseModel):
    """What signs a person in."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")
    password: str = Field(min_length=1, max_length=200)
    code: str | None = Field(None, max_length=40, description="Code of the second factor, for who has one")


@router.get("/items", response_model=rows.Page[rows.Item], responses=_problems(*COMMON), tags=["data"])
async def items(request: Request, query: Annotated[ItemsQuery, Query()]) -> Response:
    """Materials and services."""
    params = query.model_dump() | {"search": _contains(query.search)}
    return await reply(request, Question("api/items", params, HOUR))


@router.get("/items/{item_code}", response_model=rows.ItemDetail, responses=_problems(*COMMON, 404), tags=["data"])
async def item(
    request: Request, item_code: Annotated[Code, Path(description="Material")], _: Annotated[NoParameters, Query()]
) -> Response:
    """One material with what each of its sites has and plans."""
    params = {"item_code": item_code}
    return await reply(
        request, Question("api/item", params, 10 * MINUTE, paged=False, missing=f"material {item_code!r}")
    )


@router.get("/demand/timeseries", response_model=rows.Page[rows.Demand], responses=_problems(*COMMON), tags=["data"])
async def demand(request: Request, query: Annotated[DemandQuery, Query()]) -> Response:
    """Demand of a material over time."""
    params = query.model_dump()
    params["date_to"] = query.date_to or database().settings.last_complete_day()
    params["date_from"] = query.date_from or max(params["date_to"], date.min + YEAR) - YEAR
    return await reply(request, Question("api/demand", params, HOUR))


@router.get("/inventory", response_model=rows.Page[rows.Stock], responses=_problems(*COMMON), tags=["data"])
async def inventory(request: Request, query: Annotated[InventoryQuery, Query()]) -> Response:
    """Stock, position and policy of materials at sites."""
    return await reply(request, Question("api/inventory", query.model_dump(), 5 * MINUTE))


@router.get("/forecasts", response_model=rows.Page[rows.Forecast], responses=_problems(*COMMON), tags=["results"])
async def forecasts(request: Request, query: Annotated[ForecastsQuery, Query()]) -> Response:
    """Forecasts of the sums over 30, 60 and 90 days and the protection period, with their intervals."""
    return await reply(request, Question("api/forecasts", query.model_dump(), HOUR))


@router.get("/features", response_model=rows.Page[rows.Features], responses=_problems(*COMMON), tags=["results"])
async def features(request: Request, query: Annotated[FeaturesQuery, Query()]) -> Response:
    """Features as the models see them."""
    return await reply(request, Question("api/features", query.model_dump(), HOUR))


@router.get("/analytics/kpis", response_model=rows.Page[rows.Kpi], responses=_problems(*COMMON), tags=["results"])
async def kpis(request: Request, query: Annotated[KpisQuery, Query()]) -> Response:
    """Key figures with their definitions, the day before, 30 days before and 90 days of trend."""
    return await reply(request, Question("api/kpis", query.model_dump(), 10 * MINUTE))


@router.get(
    "/recommendations",
    response_model=rows.Page[rows.Recommendation],
    responses=_problems(*COMMON),
    tags=["results"],
)
async def recommendations(request: Request, query: Annotated[RecommendationsQuery, Query()]) -> Response:
    """What to buy, move or expedite, why, and what people decided."""
    return await reply(request, Question("api/recommendations", query.model_dump(), 30, ("as_of", "decisions")))


@router.get("/alerts", response_model=rows.Page[rows.Alert], responses=_problems(*COMMON), tags=["results"])
async def alerts(request: Request, query: Annotated[AlertsQuery, Query()]) -> Response:
    """What is wrong or about to be, worst first."""
    return await reply(request, Question("api/alerts", query.model_dump(), 30, ("alert_states",)))


@router.get("/suppliers", response_model=rows.Page[rows.Supplier], responses=_problems(*COMMON), tags=["data"])
async def suppliers(request: Request, query: Annotated[SuppliersQuery, Query()]) -> Response:
    """Suppliers and how punctual they are."""
    params = query.model_dump() | {"search": _contains(query.search)}
    return await reply(request, Question("api/suppliers", params, HOUR))


@router.get("/health", response_model=rows.Health, responses=_problems(401, 403, 422, 429, 503), tags=["service"])
async def health(request: Request, _: Annotated[NoParameters, Query()]) -> Response:
    """Database, cache and freshness."""
    caller = await caller_of(request)
    await limited(caller)
    require_role(caller)
    stands_on = await version()
    at = (await to_thread.run_sync(partial(database().row, "freshness")) or {}).get("at")
    there = await to_thread.run_sync(store().is_there)
    body = rows.Health(
        status="ok" if there else "degraded",
        database="ok",
        cache="ok" if there else "absent",
        as_of=stands_on.as_of,
        data_version=stands_on.data,
        published_at=at,
        age_hours=round((datetime.now(UTC) - at).total_seconds() / HOUR, 2) if at else None,
    )
    await audit(caller, "/health", 200, 0.0)
    return JSONResponse(body.model_dump(mode="json"), headers={"Cache-Control": "no-store"})


@router.post("/token", response_model=rows.Token, responses=_problems(400, 401, 403, 422, 429, 503), tags=["service"])
async def make_token(request: Request, credentials: Credentials) -> Response:
    """A token for 8 hours, for name and password. Systems use an API token instead."""
    source, agent = client_address(request), user_agent(request)
    await limited(Caller(None, source or "", agent))
    outcome = await to_thread.run_sync(_sign_in, credentials, source, agent)
    if outcome.wait_seconds:
        raise problems.too_many(outcome.wait_seconds, 0)
    if outcome.token is None:
        raise problems.unauthorized("wrong_password")
    key = digest(outcome.token)
    session = await to_thread.run_sync(session_of, API, key)
    if session is None:
        raise problems.unauthorized()
    require_role(Caller(session, source or "", agent))
    body = rows.Token(
        access_token=bearer.issue(key, session.username),
        token_type="Bearer",  # noqa: S106 - the scheme's name
        expires_in=int(bearer.LIFETIME.total_seconds()),
    )
    return JSONResponse(body.model_dump(), headers={"Cache-Control": "no-store"})


@router.delete(
    "/token", status_code=204, response_class=Response, responses=_problems(401, 403, 422, 429, 503), tags=["service"]
)
async def end_token(request: Request, _: Annotated[NoParameters, Query()]) -> Response:
    """End the token that this call carries."""
    caller = await caller_of(request)
    await limited(caller)
    session = require_role(caller)
    if session.kind != API:
        raise problems.Problem(403, "forbidden", "other_door")
    await to_thread.run_sync(end_session_of_key, session.key)
    return Response(status_code=204)


def _sign_in(credentials: Credentials, source: str | None, agent: str | None) -> SignIn:
    outcome = sign_in(credentials.username, credentials.password, source, agent, kind=API)
    if outcome.challenge:
        return answer_challenge(outcome.challenge, credentials.code or "", source, agent, kind=API)
    return outcome


def _contains(words: str | None) -> str | None:
    from streamlit_app.data.items import contains

    return contains(words) if words else None
