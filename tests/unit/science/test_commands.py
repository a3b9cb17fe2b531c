"""`nova forecast` and `nova backtest` on files."""

from __future__ import annotations

import json
from collections.abc import Callable

import polars as pl
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from nova_cli import backtest, forecast
from nova_resources.errors import PlatformError
from tests.unit.science.conftest import long_frame, sparse_demand


@pytest.fixture(scope="module")
def panel_csv(tmp_path_factory):
    path = tmp_path_factory.mktemp("panel") / "panel.csv"
    long_frame(sparse_demand(20, 150)).write_csv(path, separator=";")
    return path


def run(command: Callable, *arguments: object) -> Result:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_sum_is_written_with_the_horizon_as_step(panel_csv, tmp_path):
    out = tmp_path / "forecast.parquet"
    result = run(
        forecast.command, panel_csv, "--freq", "D", "--horizon", 20, "--target", "sum", "--quantiles", ".5,.9",
        "--as-of", "2024-05-01", "--out", out, "--model", "negative_binomial",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    frame = pl.read_parquet(out)
    assert frame.columns == ["series_id", "step", "quantile", "value", "mean", "model"]
    assert frame.height == 40 and frame["step"].unique().to_list() == [20]


def test_steps_are_written_one_by_one(panel_csv, tmp_path):
    out = tmp_path / "steps.csv"
    result = run(
        forecast.command,
        panel_csv,
        "--freq",
        "W",
        "--horizon",
        3,
        "--target",
        "steps",
        "--out",
        out,
        "--model",
        "naive",
    )
    assert result.exit_code == 0, result.output
    assert pl.read_csv(out)["step"].unique().sort().to_list() == [1, 2, 3]


def test_backtest_prints_scores_and_choice_as_json(panel_csv):
    result = run(backtest.command, panel_csv, "--freq", "D", "--horizon", 14, "--models", "negative_binomial", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert {row["model"] for row in told["scores"]} == {"zero", "naive", "negative_binomial", "selected"}
    assert told["selection"][0]["model"] in ("zero", "naive", "negative_binomial")


@pytest.mark.parametrize(
    ("change", "message"),
    [(("--model", "prophetic"), "no model 'prophetic'"), (("--quantiles", "0.5,1.5"), "increase strictly inside")],
)
def test_what_cannot_be_done_is_said_in_one_line(panel_csv, tmp_path, change, message):
    result = run(forecast.command, panel_csv, "--freq", "D", "--horizon", 5, "--out", tmp_path / "x.csv", *change)
    assert isinstance(result.exception, PlatformError) and message in str(result.exception)


def test_every_column_of_the_scores_fits_eighty_columns(panel_csv, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    result = run(backtest.command, panel_csv, "--freq", "D", "--horizon", 14, "--models", "negative_binomial")
    (heading,) = [line for line in result.stdout.splitlines() if line.startswith("class")]
    assert heading.split() == ["class", "model", "series", "loss", "pinball", "cover", "95", "bias", "WAPE", "RMSSE"]
    (gains,) = [line for line in result.stdout.splitlines() if line.startswith("served")]
    assert gains.split() == ["served", "model", "zero", "naive", "mean", "normal", "borrowed"]
    assert "…" not in result.stdout and max(map(len, result.stdout.splitlines())) <= 80


def test_the_verdict_on_calibration_is_told():
    rejected = {"kept": False, "gain": -0.012, "standard_error": 0.004}
    assert backtest._calibrated(rejected) == ", calibration not used: gains -1.2% ± 0.4%"
    assert "used: gains +1.2%" in backtest._calibrated(rejected | {"kept": True, "gain": 0.012})
    assert backtest._calibrated(None) == ""


def test_pictures_are_drawn_where_asked(panel_csv, tmp_path):
    result = run(
        backtest.command,
        panel_csv,
        "--freq",
        "D",
        "--horizon",
        14,
        "--models",
        "historic_mean,tsb",
        "--plots",
        tmp_path,
    )
    assert result.exit_code == 0, result.output
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(written) == {"pinball_by_model.png", "calibration.png", "value_added.png", "fans.png"}
    assert all(data.startswith(b"\x89PNG") and len(data) > 5000 for data in written.values())
