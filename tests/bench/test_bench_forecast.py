"""`nova bench forecast` on a small panel: every number is there, and the race really ran in a process of its own."""

from __future__ import annotations

from nova_cli.benchmarks import forecast


def test_overhead_and_race_are_measured() -> None:
    measures = {measure.name: measure for measure in forecast.run(40, lambda _text: None)}
    share = measures["engine's own share"]
    bare, engine = (
        measures["bare library calls, all of them, processor"],
        measures["the same by the engine, processor"],
    )
    assert share.value == engine.value / bare.value - 1 and share.most == 0.15
    assert {"scikit-learn, forest", "numpy, block bootstrap"} <= {
        name.removeprefix(f"{share.name}, ") for name in measures
    }
    assert measures["in the backtest, block_bootstrap, processor"].value > 0
    assert measures["backtest of the nightly models, 40 series"].value > 0
    assert 50 < measures["peak memory of it"].value < 2048
    assert {measure.most for measure in measures.values() if measure.most} == {0.15, 300.0, 2048.0}


def test_the_panel_is_sparse_and_always_the_same() -> None:
    first, again = forecast.sparse_panel(50), forecast.sparse_panel(50)
    assert (first.demand == again.demand).all() and first.periods == 730
    assert 0.7 < (first.demand == 0).mean() < 0.98
