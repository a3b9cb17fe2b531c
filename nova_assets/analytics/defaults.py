"""What is planned with where neither a planning rule nor a feed says anything. Every use is written into the row's
terms.

`sql/analytics/kpis_daily.sql` repeats HOLDING_RATE_YEAR; a test holds the two together.
"""

from __future__ import annotations

SEED = 20260101
"""Mixed with the as-of date and the codes of a series: the only source of randomness."""

SERVICE_LEVELS = {"A": 0.98, "B": 0.97, "C": 0.97}
"""By ABC class: what the company promises, a stock-out on at most 2 % of the days for A and 3 % in all."""

REVIEW_DAYS = 7.0
LEAD_TIME_DAYS = 14.0
HOLDING_RATE_YEAR = 0.25
FIXED_ORDER_COST = 0.0
UNMET_DEMAND = "BACKORDER"

LONGEST_COVER_DAYS = 365.0
"""An economic order quantity never buys more than this many days of demand: contracts and models end sooner."""
