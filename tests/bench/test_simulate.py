"""The loop that the simulation is measured against does the same, and the measurement runs."""

from __future__ import annotations

import numpy as np

from nova_assets.science.simulate import simulate_policy
from nova_cli.benchmarks import simulate


def test_the_loop_and_the_vectorised_simulation_agree() -> None:
    demand = np.random.default_rng(3).poisson(0.6, size=(5, 200)).astype(float)
    run = simulate_policy(demand, simulate.LEAD, 9.0, 14.0, 14.0, simulate.REVIEW)
    for row, asked in enumerate(demand):
        held, ordered = simulate.one_by_one(asked, 9.0, 14.0)
        assert held == run.on_hand[row].tolist() and ordered == run.ordered[row].tolist()


def test_it_measures_a_small_company() -> None:
    speed, loop, ratio, whole = simulate.run(40, lambda _text: None)
    assert ratio.value == loop.value / speed.value and whole.value > 0
