"""AutoETS and Theta through statsforecast, where there is something smooth to follow (see `dense`)."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from nova_assets.science.models.base import Floats
from nova_assets.science.models.dense import SEASONAL_MONTHS, DenseModel, Path
from nova_assets.science.panel import Panel


class AutoETS(DenseModel):
    """Trend and (monthly data over three years) season chosen by corrected AIC; additive errors, negatives clipped.

    Additive only: the multiplicative forms explode near zero demand (and double the time).
    """

    name, complexity = "auto_ets", 7

    def path(self, history: Floats, panel: Panel, steps: int) -> Path:
        from statsforecast.models import AutoETS as Method

        fits = [Method(season_length=1, model="AZN").fit(history)]
        if panel.freq == "MS" and len(history) >= SEASONAL_MONTHS:
            fits.append(Method(season_length=12, model="AZA").fit(history))
        best = min(fits, key=lambda fit: fit.model_["aicc"])
        alpha, beta, gamma, phi = np.nan_to_num(best.model_["par"][:4])
        damping = np.cumsum((phi or 1.0) ** np.arange(1, steps))
        psi = np.concatenate([[1.0], alpha + beta * damping + gamma * (np.arange(1, steps) % 12 == 0)])
        mean = np.nan_to_num(best.predict(h=steps)["mean"], nan=float(history.mean()))
        return Path(mean, psi, float(np.sqrt(max(best.model_["sigma2"], 0.0))))


class Theta(DenseModel):
    """The Theta method (Assimakopoulos and Nikolopoulos 2000): exponential smoothing with half the trend as drift.

    Hyndman and Billah (2003) show that form, and with it the effect of an error on later steps: the smoothing constant.
    """

    name, complexity = "theta", 6

    def path(self, history: Floats, panel: Panel, steps: int) -> Path:
        from statsforecast.models import Theta as Method

        season = 12 if panel.freq == "MS" and len(history) >= SEASONAL_MONTHS and history.min() > 0 else 1
        fit = Method(season_length=season).fit(history)
        found = cast("dict[str, Any]", fit.model_)
        psi = np.concatenate([[1.0], np.full(steps - 1, found["par"]["alpha"])])
        mean = np.nan_to_num(fit.predict(h=steps)["mean"], nan=float(history.mean()))
        return Path(mean, psi, float(np.nanstd(found["residuals"])))
