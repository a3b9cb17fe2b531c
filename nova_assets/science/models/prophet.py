"""Prophet with Brazilian holidays, for smooth aggregates such as a family in a region.

Its noise is Gaussian and knows no intermittency (M4 daily series: MASE 14.3 where ARIMA has 3.3), so single materials
at single sites are not its place. Quantiles are of sums of its predictive samples, never sums of its quantiles.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nova_assets.science import randomness
from nova_assets.science.holidays_brazil import closed_weekdays, holiday_names
from nova_assets.science.models.base import Floats, QuantileForecast, Request
from nova_assets.science.models.dense import dense
from nova_assets.science.panel import Panel
from nova_assets.science.periods import Periods

if TYPE_CHECKING:
    import pandas as pd

SAMPLES = 400
YEARLY_FROM_DAYS = 2 * 365


class Prophet:
    """Trend, week, year (from two years on) and holidays, public and optional; draws of whole paths, sums clipped."""

    name, complexity, flat = "prophet", 11, False

    def eligible(self, panel: Panel) -> NDArray[np.bool_]:
        """The dense series, at most 200 of them: a fit takes 0.1 to 0.3 s."""
        return dense(panel)

    def fit_predict(self, panel: Panel, request: Request) -> QuantileForecast:
        rows = request.chosen(panel)
        ends = np.asarray(request.begins) + np.asarray(request.lengths)
        frame, future = _calendar(panel, int(ends.max()))
        keys = randomness.series_keys(panel.ids[rows], panel.dates[-1], request.seed, self.name)
        values = np.zeros((len(rows), len(ends), len(request.levels)))
        mean = np.zeros(values.shape[:2])
        for i, row in enumerate(rows):
            frame["y"] = np.where(panel.observed[row], panel.demand[row], np.nan)
            paths = _draw(frame.iloc[panel.start[row] :], future, panel.freq, int(keys[i] % 2**31))
            for k, (begin, end) in enumerate(zip(request.begins, ends, strict=True)):
                sums = paths[begin:end].sum(axis=0)
                values[i, k], mean[i, k] = np.quantile(sums, request.levels), sums.mean()
        return QuantileForecast(request.levels, values, mean)


def _draw(history: pd.DataFrame, future: pd.DataFrame, freq: str, seed: int) -> Floats:
    """(steps, SAMPLES) paths of one series."""
    made = _quiet_prophet()(
        growth="linear",
        yearly_seasonality=len(history) * {"D": 1, "W": 7, "MS": 30}[freq] >= YEARLY_FROM_DAYS,
        weekly_seasonality=freq == "D",
        daily_seasonality=False,
        holidays=_holiday_frame(history, future) if freq == "D" else None,
        uncertainty_samples=SAMPLES,
    )
    for name in (c for c in history.columns if c not in ("ds", "y")):
        made.add_regressor(name)
    before = np.random.get_state()  # Prophet draws from numpy's global generator and from no other
    try:
        np.random.seed(seed)
        made.fit(history, seed=seed)
        return made.predictive_samples(future)["yhat"]
    finally:
        np.random.set_state(before)


def _quiet_prophet() -> Any:
    """The class; its libraries report on every fit and on optional plotting packages otherwise."""
    logging.getLogger("prophet.plot").setLevel(logging.CRITICAL)
    from cmdstanpy.utils import get_logger
    from prophet import Prophet as Method

    get_logger().setLevel(logging.ERROR)  # it gives its logger a level of its own when first asked for it
    return Method


def _calendar(panel: Panel, steps: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Frames of the past and future periods; weeks and months carry their holidays as regressors."""
    import pandas as pd

    periods = Periods.of(panel.freq, panel.dates)[0]
    last = int(periods.index(panel.dates[-1:])[0])
    dates = np.concatenate([panel.dates, periods.labels(last + 1 + np.arange(steps))])
    frame = pd.DataFrame({"ds": dates.astype("datetime64[ns]")})
    if panel.freq != "D":
        following = periods.labels(periods.index(dates) + 1)
        counts = closed_weekdays(dates, (following - dates).astype(int))
        frame["public"], frame["optional"] = counts[:, 1], counts[:, 2]
    return frame.iloc[: panel.periods].copy(), frame.iloc[panel.periods :].copy()


def _holiday_frame(history: pd.DataFrame, future: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    first, last = history["ds"].iloc[0], future["ds"].iloc[-1]
    days = {day: name for names in holiday_names(first.year, last.year).values() for day, name in names.items()}
    return pd.DataFrame({"holiday": list(days.values()), "ds": pd.to_datetime([str(day) for day in days])})
