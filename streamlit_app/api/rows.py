"""What the answers look like: one model per kind of row. The statements under sql/api build exactly these."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Row = TypeVar("Row")


class Plain(BaseModel):
    """A row; nothing that is not declared is in it."""

    model_config = ConfigDict(extra="forbid")


class Page(Plain, Generic[Row]):
    """A page of rows."""

    as_of: date | None = Field(description="Business date that the platform's results stand on")
    data_version: int = Field(description="Number of the newest publish of any table")
    total: int = Field(description="Rows that match, on all pages")
    limit: int
    offset: int
    rows: list[Row]


class Item(Plain):
    """A material or service."""

    item_code: str
    name: str
    family: str | None
    category: str | None
    unit_measure: str
    unit_cost: float | None = Field(description="BRL")
    criticality: float | None = Field(description="0 to 10")
    item_kind: Literal["MATERIAL", "SERVICE"]
    successor_code: str | None
    active: bool
    inferred: bool = Field(description="True for a code that no reference feed has told yet")


class ItemSite(Plain):
    """What a material's site has and plans."""

    site_code: str
    site_name: str
    region_code: str | None
    demand_class: str | None
    abc_class: str | None
    on_hand: float | None
    on_order: float | None
    reserved: float | None
    backorder: float | None
    position: float | None
    reorder_point: float | None
    safety_stock: float | None
    order_up_to: float | None
    mean_30: float | None = Field(description="Mean forecast of 30 days, units")
    coverage_days: float | None
    stockout_probability: float | None
    action: str | None
    priority: str | None
    stock_value: float | None = Field(description="BRL")
    demand_365: float | None


class ItemDetail(Item):
    """A material with its sites."""

    sites: list[ItemSite]


class Demand(Plain):
    """Demand of a period; periods without demand are not listed."""

    period: date = Field(description="The day, the week's Monday or the month's first")
    quantity: float
    fulfilled_quantity: float | None
    movements: int = Field(description="Lines of the extracts in the sum")


class Stock(Plain):
    """Stock, position and policy of a material at a site."""

    item_code: str
    item_name: str
    family: str | None
    site_code: str
    site_name: str
    region_code: str | None
    as_of: date
    abc_class: str | None
    demand_class: str | None
    on_hand: float | None
    on_order: float | None = Field(description="Open orders expected inside the protection period")
    reserved: float | None
    backorder: float | None
    position: float | None = Field(description="on_hand + on_order - reserved - backorder")
    reorder_point: float | None
    safety_stock: float | None
    order_up_to: float | None
    coverage_days: float | None
    stockout_probability: float | None
    stock_value: float | None = Field(description="BRL")


class Forecast(Plain):
    """Sum of demand over the next days with its quantiles. Quantiles of sums are never sums of quantiles."""

    item_code: str
    site_code: str
    target: Literal["PROTECTION", "D30", "D60", "D90"]
    as_of: date
    horizon_days: float
    model: str
    mean: float
    p05: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    borrowed_share: float | None = Field(description="Weight of the evidence that came from similar series")


class Features(Plain):
    """What the models know of a material at a site."""

    item_code: str
    site_code: str
    as_of: date
    schema_version: int
    features: dict[str, Any]


class Kpi(Plain):
    """A key figure with its definition."""

    kpi_code: str
    position: int
    name_pt: str
    name_en: str
    unit: str
    lower_is_better: bool
    target: float | None
    dimension: str
    member: str
    as_of: date
    numerator: float | None
    denominator: float | None
    value: float | None
    value_previous: float | None = Field(description="The day before")
    value_30: float | None = Field(description="30 days before")
    trend: list[float | None] | None = Field(description="Last 90 days, oldest first")


class Recommendation(Plain):
    """What to do, why, and what people decided."""

    as_of: date
    item_code: str
    item_name: str
    site_code: str
    action: str
    order_ref: str
    supplier_code: str | None
    quantity: float
    order_by: date | None
    arrive_by: date | None
    priority: str
    position: float
    on_hand: float
    on_order: float
    on_order_late: float
    reserved: float
    backorder: float
    stockout_probability: float
    stockout_probability_after: float
    expected_shortage: float
    expected_shortage_after: float
    spend: float = Field(description="BRL")
    avoided_cost: float = Field(description="BRL")
    value_per_spend: float | None
    state: str = Field(description="PROPOSED until somebody decides")
    decided_quantity: float | None
    decided_reason: str | None
    decided_at: datetime | None
    terms: dict[str, Any] = Field(description="Every number that the decision came from")
    flips: list[dict[str, Any]] | dict[str, Any] = Field(description="Smallest change of each input that would turn it")


class Alert(Plain):
    """Something that is wrong or about to be."""

    as_of: date
    item_code: str
    item_name: str
    site_code: str
    cause: str
    severity: Literal["NORMAL", "WARNING", "CRITICAL"]
    probability: float | None
    expected_date: date | None
    opened_on: date | None
    value_at_risk: float | None = Field(description="BRL")
    hours_at_risk: float | None = Field(description="Expected hours of waiting for the material")
    details: dict[str, Any]
    read_at: datetime | None
    snoozed_until: date | None
    owner: str | None
    note: str | None
    closed: bool = Field(description="True where a person closed it and its severity has not changed since")
    closed_on: date | None = Field(description="Business day that it was closed on")
    closed_reason: str | None
    closed_by: str | None


class Supplier(Plain):
    """A supplier and how it kept its word over a year."""

    supplier_code: str
    name: str
    supplier_type: str | None
    active: bool
    inferred: bool
    items: int = Field(description="Materials that it has terms for")
    receipts: int = Field(description="Lines received in the last year")
    open_orders: int = Field(description="Lines on the way")
    late_orders: int = Field(description="Lines of them past their promised day")
    mean_lead_time_days: float | None = Field(description="Open orders as censored observations")
    on_time_share: float | None = Field(description="Receipts on or before the promised day")


class Health(Plain):
    """State of the parts that answers come from."""

    status: Literal["ok", "degraded"]
    database: Literal["ok"]
    cache: Literal["ok", "absent"]
    as_of: date | None = Field(description="Business date that the results stand on")
    data_version: int
    published_at: datetime | None
    age_hours: float | None = Field(description="Hours since the newest publish")


class Token(Plain):
    """A signed token."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds")
