"""ARIMA models of smooth series: the automatic one of statsforecast, and statsmodels' with the Brazilian calendar.

Both belong on aggregates: a second or so for each hundred weeks of a hundred series, and Gaussian errors.
"""

from __future__ import annotations

import warnings

import numpy as np
from scipy.signal import lfilter

from nova_assets.science.holidays_brazil import closed_weekdays
from nova_assets.science.models.base import Floats
from nova_assets.science.models.dense import SEASONAL_MONTHS, DenseModel, Path, bucket_size
from nova_assets.science.panel import Panel


class AutoARIMA(DenseModel):
    """Orders by corrected AIC (Hyndman and Khandakar 2008); a season of twelve on monthly data over three years."""

    name, complexity = "auto_arima", 9

    def path(self, history: Floats, panel: Panel, steps: int) -> Path:
        from statsforecast.models import AutoARIMA as Method

        season = 12 if panel.freq == "MS" and len(history) >= SEASONAL_MONTHS else 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an order that does not converge loses the race for the lowest AIC
            fit = Method(season_length=season, approximation=True, nmodels=20).fit(history)
        state = fit.model_["model"]
        psi = psi_weights(np.convolve(np.r_[1, -state["phi"]], np.r_[1, -state["delta"]]), state["theta"], steps)
        mean = np.nan_to_num(fit.predict(h=steps)["mean"], nan=float(history.mean()))
        return Path(mean, psi, float(np.sqrt(max(fit.model_["sigma2"], 0.0))))


class Sarimax(DenseModel):
    """State-space ARIMA of a few small orders, with and without holidays as regressors; corrected AIC decides."""

    name, complexity = "sarimax", 10
    orders = ((0, 1, 1), (1, 0, 1), (1, 1, 1))

    def path(self, history: Floats, panel: Panel, steps: int) -> Path:
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        scale = float(history.std()) or 1.0
        known = _holiday_counts(panel, len(history), steps)
        regressors = [None, known] if known[: len(history)].std(axis=0).all() else [None]
        fits = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for exog in regressors:
                for order in self.orders:
                    past = None if exog is None else exog[: len(history)]
                    model = SARIMAX(history / scale, past, order=order, trend="n" if order[1] else "c")
                    fits.append((model.fit(disp=0, maxiter=50), None if exog is None else exog[len(history) :]))
            best, future = min(fits, key=lambda fit: np.nan_to_num(fit[0].aicc, nan=np.inf))
            mean = np.nan_to_num(best.forecast(steps, exog=future) * scale, nan=float(history.mean()))
        difference = np.array([1.0, -1.0]) if best.model.order[1] else np.ones(1)
        ar = np.convolve(np.asarray(best.polynomial_ar, dtype=float), difference)
        psi = psi_weights(ar, best.polynomial_ma[1:], steps)
        sigma2 = float(best.params[best.param_names.index("sigma2")])
        return Path(mean, psi, float(np.sqrt(max(sigma2, 0.0))) * scale)


def psi_weights(ar: Floats, ma: Floats, steps: int) -> Floats:
    """(S,) effect of one error on its own and later steps: the series ma / ar, with `ar` a full polynomial with its
    leading 1 and differences, `ma` the coefficients after the leading 1."""
    return np.nan_to_num(lfilter(np.r_[1, ma], ar, np.eye(1, steps)[0]))


def _holiday_counts(panel: Panel, past: int, steps: int) -> Floats:
    """(past + S, 2) public and optional holidays on weekdays of each bucket."""
    size = bucket_size(panel)
    if panel.freq == "MS":
        month = panel.dates[-1].astype("datetime64[M]") + np.arange(1 - past, steps + 2)
        edges = month.astype("datetime64[D]")
    else:
        days = int(size * panel.days_per_period)
        last = panel.dates[-1] + (1 if panel.freq == "D" else days)  # first day after the panel
        edges = last + days * np.arange(-past, steps + 1)
    return closed_weekdays(edges[:-1], np.diff(edges).astype(int))[:, 1:]
