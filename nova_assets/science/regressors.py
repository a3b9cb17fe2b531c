"""What a panel file tells ahead (a plan, a price, a promotion), used where the panel's own past says that it helps.

The same verdict as for the platform's drivers: the same past forecasts with and without a column, kept when the gain
exceeds a standard error and a per cent. What is kept moves every forecast by one factor, learned across series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nova_assets.science import drivers as driving
from nova_assets.science.backtest import Progress
from nova_assets.science.corrections import by_driver
from nova_assets.science.drivers import KnownAhead
from nova_assets.science.forecast import Choice, Forecast, forecast_steps, forecast_sums, resolve
from nova_assets.science.models.base import Request
from nova_assets.science.panel import Panel
from nova_assets.science.quantiles import check_levels
from nova_assets.science.verdicts import Verdict, judge, trials


def forecast(
    panel: Panel,
    horizon: int,
    levels: Sequence[float],
    models: Choice = "auto",
    *,
    steps: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Forecast, list[Verdict]]:
    """Distribution of the sum over `horizon` periods, or of each of them (`steps`), with what is known ahead where its
    verdict kept it, and the verdicts."""
    lengths, begins = ((1,) * horizon, tuple(range(horizon))) if steps else ((horizon,), (0,))
    request = Request(lengths, check_levels(levels), begins, seed)
    chosen = resolve(panel, request, models, "family", progress)
    if steps:
        answer = forecast_steps(panel, horizon, 1, levels, chosen, seed, progress=progress)
    else:
        answer = forecast_sums(panel, [horizon], levels, chosen, seed, progress=progress)
    tried = verdicts(panel, horizon, chosen, seed, progress)
    return corrected(panel, answer, horizon, [verdict.name for verdict in tried if verdict.kept]), tried


def verdicts(
    panel: Panel, horizon: int, models: Choice, seed: int = 0, progress: Progress | None = None
) -> list[Verdict]:
    """One for each column that is known ahead, on sums over `horizon` periods; none without such columns."""
    past = trials(panel, [horizon], models, seed, progress) if panel.known else []
    return [judge(name, past, by_driver(panel, KnownAhead(name))) for name in sorted(panel.known)]


def corrected(panel: Panel, answer: Forecast, horizon: int, kept: Sequence[str]) -> Forecast:
    """A forecast of the sum over `horizon` periods, or of its single steps, moved by the kept columns together."""
    total = answer.targets == (horizon,)
    windows = [(0, horizon)] if total else [(step - 1, 1) for step in answer.targets]
    chosen = [KnownAhead(name) for name in kept]
    factor = driving.window_factors(panel, chosen, panel.periods, horizon, windows)
    return replace(answer, values=answer.values * factor[:, :, None], mean=answer.mean * factor)
