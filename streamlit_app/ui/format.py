"""Numbers, money, dates and spans in the reader's form. Every figure on a screen or in a file passes through here."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent
from typing_extensions import TypeIs

from streamlit_app.i18n import current_language

NOTHING = "–"
CURRENCY = "BRL"
MINUS = "−"
# From here on an amount reads better as "R$ 1,92 mi".
COMPACT_FROM = 100_000
# Below this, cents would say nothing: the cost of holding a connector for a day.
CENTS_ENOUGH = 0.1
ZONE = ZoneInfo("America/Bahia")
LOCALES = {"pt-BR": Locale("pt", "BR"), "en": Locale("en", "US")}

Number = int | float | Decimal
# What CommonMark and Streamlit's own signs give a meaning to: emphasis, links, code, formulas, colours, icons.
MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=])")


def locale() -> Locale:
    """Babel's locale of the reader."""
    return LOCALES[current_language()]


def missing(value: object) -> TypeIs[None]:
    """Whether there is no value: None, NaN or NaT."""
    return value is None or (isinstance(value, float) and math.isnan(value)) or value != value


def number(value: Number | None, decimals: int = 0) -> str:
    """1.234,56 with at most `decimals` places."""
    if missing(value):
        return NOTHING
    pattern = "#,##0." + "#" * decimals if decimals else "#,##0"
    return _minus(format_decimal(value, pattern, locale=locale()))


def plain(text: str) -> str:
    """Text from the data where Streamlit reads Markdown: it stays what it is."""
    return MARKDOWN.sub(r"\\\1", text)


def quantity(value: Number | None, unit: str | None = None) -> str:
    """A quantity with its unit: whole where it is whole, small ones with up to two places."""
    if missing(value):
        return NOTHING
    decimals = 0 if abs(float(value)) >= 100 or float(value).is_integer() else 1 if abs(float(value)) >= 1 else 2
    return number(value, decimals) + (f" {unit.lower()}" if unit else "")


def money(value: Number | None) -> str:
    """R$ 1.234 below a thousand reais with cents, R$ 1,92 mi for large amounts."""
    if missing(value):
        return NOTHING
    if abs(value) >= COMPACT_FROM:
        return _minus(format_compact_currency(value, CURRENCY, locale=locale(), fraction_digits=_compact_places(value)))
    small = abs(value) < 100 and value != int(value)
    pattern = "#,##0.0000" if 0 < abs(value) < CENTS_ENOUGH else "#,##0.00" if small else "#,##0"
    sign = "¤ " if current_language() == "pt-BR" else "¤"
    return _minus(format_currency(value, CURRENCY, sign + pattern, locale=locale(), currency_digits=False))


def percent(value: Number | None, decimals: int = 1) -> str:
    """2,8 % of a share between 0 and 1."""
    if missing(value):
        return NOTHING
    pattern = "#,##0." + "0" * decimals + "%" if decimals else "#,##0%"
    return _minus(format_percent(value, pattern, locale=locale()))


def points(value: Number | None) -> str:
    """0,3 for a difference of shares, in percentage points and without its sign (an arrow carries it)."""
    return NOTHING if missing(value) else number(abs(float(value)) * 100, 1)


def days(value: Number | None) -> str:
    """A number of days with its unit."""
    if missing(value):
        return NOTHING
    return f"{number(value, 1 if value < 10 and value != int(value) else 0)} d"


def hours(value: Number | None) -> str:
    """A number of hours with its unit."""
    if missing(value):
        return NOTHING
    return f"{number(value, 1 if 0 < value < 10 else 0)} h"


def day(value: date | None) -> str:
    """20/11/2026 or Nov 20, 2026."""
    if missing(value):
        return NOTHING
    return format_date(value, "dd/MM/yyyy" if current_language() == "pt-BR" else "medium", locale=locale())


def short_day(value: date | None) -> str:
    """24/11 or Nov 24, for lists where the year is plain."""
    if missing(value):
        return NOTHING
    return format_date(value, "dd/MM" if current_language() == "pt-BR" else "MMM d", locale=locale())


def moment(value: datetime | None) -> str:
    """Date and time of day in the business time zone."""
    if missing(value):
        return NOTHING
    local = value.astimezone(ZONE)
    return format_datetime(
        local, "dd/MM/yyyy HH:mm" if current_language() == "pt-BR" else "MMM d, yyyy HH:mm", locale=locale()
    )


def ago(value: datetime | None, now: datetime | None = None) -> str:
    """há 5 horas, 5 hours ago."""
    if missing(value):
        return NOTHING
    return format_timedelta(value - (now or datetime.now(UTC)), add_direction=True, threshold=0.95, locale=locale())


def lasting(value: timedelta) -> str:
    """A stretch of time: 3 minutos, 3 minutes."""
    return format_timedelta(value, threshold=0.95, locale=locale())


def older_than_a_day(as_of: date | None, now: datetime | None = None) -> bool:
    """Whether the business day before today is missing from the data."""
    today = (now or datetime.now(UTC)).astimezone(ZONE).date()
    return as_of is None or as_of < today - timedelta(days=1)


def measure(value: Number | None, unit: str) -> str:
    """A key figure in the unit of its definition: share, BRL, days or units."""
    if unit == "share":
        return percent(value)
    if unit == "BRL":
        return money(value)
    return days(value) if unit == "days" else number(value, 1 if not missing(value) and abs(value) < 100 else 0)


def _compact_places(value: Number) -> int:
    return 2 if abs(value) >= 1_000_000 else 0


def _minus(text: str) -> str:
    return text.replace("-", MINUS)


def today() -> date:
    """Business date now."""
    return datetime.now(ZONE).date()


def long_day(value: date) -> str:
    """sábado, 21 de novembro."""
    pattern = "EEEE, d 'de' MMMM" if current_language() == "pt-BR" else "EEEE, MMMM d"
    return format_date(value, pattern, locale=locale())
