"""Weather by region, exchange rate and interest of the simulated country, one value a day.

Weather is a daily chain: wet spells and warm spells persist (lag-one correlation about 0.4 and 0.85, as observed in
five Brazilian capitals), amounts follow a gamma law around the region's monthly normal. The exchange rate is a random
walk that is pulled back to its long-run level (daily volatility 0.9 %); the policy rate moves in steps every 45 days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from nova_assets.demo.clock import WARM_UP_DAYS, months, stream
from nova_assets.demo.families import FAMILIES
from nova_assets.demo.geography import REGIONS
from nova_assets.demo.master import Floats

_WET_DAY_MM = 9.0
_POLICY_MEETING_DAYS = 45


@dataclass(frozen=True)
class Environment:
    """Days [first, first + n). `rain` mm, `temp` °C, `wind` km/h: shape (n, regions). `usd` BRL, `selic` % a year."""

    first: int
    rain: Floats
    temp: Floats
    wind: Floats
    usd: Floats
    selic: Floats


def build_environment(seed: int, start: int, last: int) -> Environment:
    """Weather and money of every month from the warm-up before `start` until `last` (both days since 1970)."""
    spans = months(start - WARM_UP_DAYS, last)
    blocks = [_draw_month(seed, begin, stop) for begin, stop in spans]
    shocks = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    first, stop = spans[0][0], spans[-1][1]
    return Environment(first, *_weather(np.arange(first, stop), shocks), *_money(shocks["money"], shocks["policy"]))


def _draw_month(seed: int, start: int, stop: int) -> dict[str, np.ndarray]:
    rng, shape = stream(seed, "environment", start), (stop - start, len(REGIONS))
    return {
        "wet": rng.standard_normal(shape),
        "amount": rng.gamma(0.75, 1 / 0.75, shape),
        "warm": rng.standard_normal(shape),
        "gust": rng.gamma(9.0, 1 / 9.0, shape),
        "money": rng.standard_normal(stop - start),
        "policy": rng.random(stop - start),
    }


def _persist(shocks: np.ndarray, memory: float) -> np.ndarray:
    """Stationary AR(1) with unit variance along the first axis."""
    state, fresh = np.empty_like(shocks), np.sqrt(1 - memory**2)
    state[0] = shocks[0]
    for t in range(1, len(shocks)):
        state[t] = memory * state[t - 1] + fresh * shocks[t]
    return state


def _weather(day: np.ndarray, shocks: dict[str, np.ndarray]) -> tuple[Floats, Floats, Floats]:
    month = ((day.astype("datetime64[D]") - day.astype("datetime64[Y]").astype("datetime64[D]")).astype(float) / 30.44)[
        :, None
    ]
    yearly, peak, season, mean, swing, breeze = (
        np.array([getattr(region, name) for region in REGIONS])
        for name in ("rain_year", "rain_peak_month", "rain_season", "temp_mean", "temp_swing", "wind_mean")
    )
    normal = yearly / 365.25 * (1 + season * np.cos(2 * np.pi * (month + 1 - peak) / 12))
    chance = np.clip(normal / _WET_DAY_MM + 0.12, 0.02, 0.85)
    depth = ndtr(_persist(shocks["wet"], 0.75)) / chance
    # The deeper in a wet spell, the more it rains; over all wet days the factor averages one.
    rain = np.where(depth < 1, shocks["amount"] * normal / chance * (1.8 - 1.6 * depth), 0.0)
    warm = _persist(shocks["warm"], 0.85)
    temp = (
        mean
        + swing * np.cos(2 * np.pi * (month - 0.8) / 12)
        + warm * (0.5 + 0.35 * swing)
        - np.minimum(rain, 30) * 0.03
    )
    wind = breeze * (0.35 + 0.65 * shocks["gust"]) + np.maximum(rain - 18, 0) * 0.45
    return rain.round(1), temp.round(2), wind.round(1)


def _money(shocks: np.ndarray, policy: np.ndarray) -> tuple[Floats, Floats]:
    usd, selic = np.empty(len(shocks)), np.empty(len(shocks))
    level, rate = np.log(5.15), 12.75
    for t, shock in enumerate(shocks):
        level += 0.002 * (np.log(5.35) - level) + 0.0085 * shock
        if t % _POLICY_MEETING_DAYS == _POLICY_MEETING_DAYS - 1:
            # Moves of half a point, more often towards 12 % than away from it.
            down = 0.45 + 0.08 * (rate - 12.0)
            rate += -0.5 if policy[t] < down * 0.6 else 0.5 if policy[t] > 1 - (1 - down) * 0.6 else 0.0
        usd[t], selic[t] = np.exp(level), rate
    return np.round(usd, 4), np.round(selic, 2)


def failure_multiplier(env: Environment, first: int, last: int) -> Floats:
    """How many times the usual failures the days [first, last) bring: shape (days, regions, families), mean near 1."""
    days = slice(first - env.first, last - env.first)
    yesterday = env.rain[np.maximum(np.arange(first, last) - 1 - env.first, 0)]
    soaked = np.maximum(env.rain[days], 0.6 * yesterday)
    rain = np.maximum(soaked - 12, 0) / 12
    gale = np.maximum(env.wind[days] - 30, 0) / 8
    normal = np.array([region.temp_mean for region in REGIONS])
    heat = np.maximum(env.temp[days] - normal, 0) / 2
    sense = np.array([(f.rain, f.wind, f.heat) for f in FAMILIES])
    drive = rain[:, :, None] * sense[:, 0] + gale[:, :, None] * sense[:, 1] + heat[:, :, None] * sense[:, 2]
    return (1 + drive) / (1 + sense @ np.array([0.13, 0.045, 0.35]))
