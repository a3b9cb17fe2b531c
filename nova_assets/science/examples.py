"""Examples to learn from: every series at every past origin, its state then, and the sums that came.

Shared by the models that learn across series; computed once per panel and length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nova_assets.science import randomness
from nova_assets.science.models.base import Floats, Request
from nova_assets.science.panel import Panel
from nova_assets.science.states import States, describe

MAX_ORIGINS = 16
MAX_EXAMPLES = 120_000

_EXPECTED = 0
"""Feature of a state that is the logarithm of the number of typical demands expected over the horizon."""

_COMMON_EVENTS = 100.0
"""Expected demands of an origin against which its common shock is believed: fewer hardly tell one from chance."""

_LOUDEST = 20.0
"""Expected demands for which one series speaks at most, and multiples that its outcome counts for in its origin."""


@dataclass(frozen=True)
class Examples:
    """m examples and the states of today, for sums over `length` periods."""

    now: States
    then: States  # (m,) states at past origins
    outcomes: Floats  # (m, leads) sums that followed, as multiples of the expected ones
    length: int  # periods in a sum; shorter than asked for where the panel is short

    @classmethod
    def of(cls, panel: Panel, length: int, request: Request) -> Examples:
        """A panel shorter than three horizons gives shorter sums: their shape, as multiples, serves the longer one."""
        learned = min(length, max(panel.periods // 3, 1))
        leads = tuple(lead for lead in request.leads if lead + 3 * learned <= panel.periods) or (0,)
        memory = learned if request.horizon == request.memory else request.memory
        key = ("examples", learned, leads, memory)
        if key not in panel.memo:
            panel.memo[key] = cls._made(panel, learned, leads, memory)
        return panel.memo[key]

    @classmethod
    def _made(cls, panel: Panel, length: int, leads: tuple[int, ...], memory: float) -> Examples:
        origins = _origins(panel, length, max(leads))
        now, *before = describe(panel, length, [panel.periods, *origins], memory)
        keep = _thinned(panel, len(origins))
        names = randomness.digests(panel.ids)
        nothing = States(now.features[:0], now.scale[:0], now.series[:0])
        chosen, outcomes, weights = [nothing], [np.zeros((0, len(leads)))], [np.zeros(0)]
        for state, origin in zip(before, origins, strict=True):
            came = np.stack([panel.sums(origin + lead, origin + lead + length) for lead in leads], axis=1)
            ratio = came[state.series] / state.scale[:, None]
            usable = np.isfinite(ratio).all(axis=1) & keep[state.series]
            # Ties among identical states must not follow the order of ids.
            keys = randomness.keyed(names[state.series], origin)
            features = state.features + 1e-3 * randomness.uniforms(keys, state.features.shape[1])
            chosen.append(States(features[usable], state.scale[usable], state.series[usable]))
            outcomes.append(ratio[usable])
            weights.append(weights_of(state.features[usable]))
        then = States(
            np.concatenate([s.features for s in chosen]),
            np.concatenate([s.scale for s in chosen]),
            np.concatenate([s.series for s in chosen]),
        )
        return cls(now, then, np.concatenate(_levelled(outcomes, weights)), length)

    def __len__(self) -> int:
        return len(self.outcomes)


def weights_of(features: Floats) -> Floats:
    """(m,) demands expected of each state (m, F), for which its outcome speaks."""
    return np.minimum(np.exp(features[:, _EXPECTED]), _LOUDEST)


def _levelled(outcomes: list[Floats], weights: list[Floats]) -> list[Floats]:
    """Outcomes (m, leads) of each origin with what was common to all its series brought to the mean of the origins.

    A good or a bad season moves every series at once. Left in, what distinguishes the states of one origin from those
    of another would be learned as if it were their own, and the last season would be forecast again.
    """
    parts = zip(outcomes, weights, strict=True)
    came = np.array([(weight @ np.minimum(part.mean(axis=1), _LOUDEST), weight.sum()) for part, weight in parts])
    overall = came[:, 0].sum() / came[:, 1].sum() if came[:, 0].any() else 1.0
    common = (came[:, 0] + _COMMON_EVENTS * overall) / (came[:, 1] + _COMMON_EVENTS)
    return [part * overall / shock for part, shock in zip(outcomes, common, strict=True)]


def _origins(panel: Panel, length: int, lead: int) -> list[int]:
    """Past origins half a horizon apart, the latest one whose last outcome is known."""
    most = int(np.clip(MAX_EXAMPLES // len(panel), 4, MAX_ORIGINS))
    step, latest = max(length // 2, 1), panel.periods - length - lead
    earliest = max(min(2 * length, latest), 1)
    return [o for j in range(most) if (o := latest - j * step) >= earliest]


def _thinned(panel: Panel, origins: int) -> NDArray[np.bool_]:
    """(n,) series that lend examples: all, or a stable sample when there would be more than MAX_EXAMPLES."""
    share = MAX_EXAMPLES / (len(panel) * max(origins, 1))
    if share >= 1:
        return np.ones(len(panel), dtype=bool)
    return randomness.uniforms(randomness.series_keys(panel.ids, "examples"), 1)[:, 0] < share
