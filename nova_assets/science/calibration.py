"""Conformal calibration of the chosen models' quantiles, per demand class, from the folds that chose them.

Split conformal prediction with multiplicative scores (Vovk, Gammerman and Shafer 2005; Lei et al. 2018): at each level
the score of a past forecast is what came over what was said, and the factor is the score's quantile at that level.
Scores are weighted by what was said in typical demands, so that the factor is the one with the lowest pinball loss and
a forecast of nothing, which is calibrated by its zeros, has no say. Cross-fitted: each origin is corrected by factors
of origins whose windows do not touch its own. Kept where that gains more than its standard error over origins, for what
an origin's series share is one observation, and at least one per cent. Every verdict is stored, kept or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from nova_assets.science import quantiles
from nova_assets.science.models.base import Floats

MIN_GAIN = 0.01
MIN_ORIGINS = 3
BOUNDS = (0.5, 2.0)
"""A model that is further off than this is not one to be corrected."""


@dataclass(frozen=True)
class Past:
    """What the chosen models said at past origins of one class and horizon, and what came, for m forecasts."""

    values: Floats  # (m, Q)
    actual: Floats  # (m,)
    unit: Floats  # (m,) typical demand
    cut: NDArray[np.int64]  # (m,) periods known at the forecast's origin
    reach: int  # periods from an origin to the end of its last window

    def of(self, rows: NDArray[np.bool_]) -> Past:
        """Those of the forecasts (m,) that are True."""
        return Past(self.values[rows], self.actual[rows], self.unit[rows], self.cut[rows], self.reach)


@dataclass(frozen=True)
class Calibration:
    """Factors (Q,) at `levels` (Q,) and the verdict on them; `gain` is 1 - loss with / without, at unseen origins."""

    levels: tuple[float, ...]
    factors: tuple[float, ...]
    kept: bool
    gain: float
    standard_error: float  # of the gain, over origins
    origins: int

    def at(self, levels: Floats) -> Floats:
        """(W,) factors at other levels: linear between those fitted, level beyond them; 1 unless kept."""
        return np.interp(levels, self.levels, self.factors) if self.kept else np.ones(len(levels))

    def as_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping) -> Calibration:
        """What `as_dict` gave, or the same read from JSON."""
        return cls(**{**stored, "levels": tuple(stored["levels"]), "factors": tuple(stored["factors"])})


def calibrate(past: Past, levels: Floats) -> Calibration | None:
    """Factors from all of `past` with the verdict of the cross-fit; None where too few origins stand apart."""
    moved, judged = corrected(past, levels)
    cuts = np.unique(past.cut[judged])
    before, after = (
        np.array([_loss(past, past.cut == c, said, levels) for c in cuts]) for said in (past.values, moved)
    )
    without = float(before.sum())
    if len(cuts) < MIN_ORIGINS or without <= 0:
        return None
    gains = (before - after) * len(cuts) / without
    gain, error = float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains)))
    found = fitted(past.values, past.actual, past.unit, levels)
    kept = gain > max(error, MIN_GAIN)
    told = tuple(levels.tolist()), tuple(found.round(6).tolist())
    return Calibration(*told, kept, round(gain, 6), round(error, 6), len(gains))


def corrected(past: Past, levels: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Quantiles (m, Q), each origin's moved by the factors of origins whose windows do not touch its own, and which
    forecasts (m,) have such origins; the others stay as they were said."""
    values, judged = past.values.copy(), np.zeros(len(past.cut), dtype=bool)
    for cut in np.unique(past.cut):
        apart, here = np.abs(past.cut - cut) >= past.reach, past.cut == cut
        if apart.any():
            factors = fitted(past.values[apart], past.actual[apart], past.unit[apart], levels)
            values[here], judged[here] = quantiles.tidy(past.values[here] * factors), True
    return values, judged


def fitted(values: Floats, actual: Floats, unit: Floats, levels: Floats) -> Floats:
    """(Q,) factor of each level: the weighted quantile of actual / values, with the correction for finite samples."""
    factors = np.ones(len(levels))
    for q, level in enumerate(levels):
        said = values[:, q]
        some = said > 0
        if some.any():
            with np.errstate(over="ignore"):  # a mountain over a speck: infinite, and no factor goes that far
                score, weight = actual[some] / said[some], said[some] / unit[some]
            order = np.argsort(score, kind="stable")
            share = np.cumsum(weight[order]) / weight.sum()
            wanted = min(level * (1 + 1 / int(some.sum())), 1.0)
            factors[q] = score[order][min(int(np.searchsorted(share, wanted)), len(order) - 1)]
    return np.clip(factors, *BOUNDS)


def _loss(past: Past, rows: NDArray[np.bool_], said: Floats, levels: Floats) -> float:
    return float((quantiles.pinball(past.actual[rows], said[rows], levels).mean(axis=1) / past.unit[rows]).sum())
