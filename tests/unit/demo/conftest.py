"""One small demonstration company, generated once and shared by the tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nova_assets import demo

START, END = date(2026, 8, 1), date(2026, 10, 31)
PARAMETERS = {"seed": 5, "scale": 120, "start": START}


@dataclass(frozen=True)
class Home:
    """Folders of a generated demonstration."""

    landing: Path
    truth: Path
    made: demo.Generated

    def truth_of(self, name: str) -> pl.DataFrame:
        """A table of the hidden truth."""
        return pl.read_parquet(self.truth / f"{name}.parquet")

    def defects(self) -> pl.DataFrame:
        """The log of planted rows."""
        return pl.read_csv(self.truth / "defects.csv", infer_schema=False).with_columns(pl.col("line").cast(pl.Int64))

    def lines(self, feed: str, encoding: str = "utf-8-sig") -> pl.DataFrame:
        """Every line of a dated CSV feed as raw text: file, line (header is 1), the fields by column name."""
        frames = []
        for path in sorted((self.landing / feed).glob("*.csv")):
            header, *rows = path.read_bytes().decode(encoding).splitlines()
            separator = ";" if ";" in header else ","
            names = header.split(separator)
            frames.append(
                pl.DataFrame(
                    [(f"{feed}/{path.name}", n, *row.split(separator)) for n, row in enumerate(rows, start=2)],
                    schema={"file": pl.String, "line": pl.Int64} | dict.fromkeys(names, pl.String),
                    orient="row",
                )
            )
        return pl.concat(frames)

    def clean(self, feed: str) -> pl.DataFrame:
        """The lines of a feed without the planted ones."""
        planted = self.defects().filter(feed=feed).select("file", "line")
        return self.lines(feed).join(planted, on=["file", "line"], how="anti")


def make(folder: Path, end: date = END, **parameters: object) -> Home:
    """Generates (or extends) the demonstration of this folder's tests."""
    chosen = {**PARAMETERS, **parameters}
    made = demo.generate(folder / "landing", folder / "truth", end=end, **chosen)
    return Home(folder / "landing", folder / "truth", made)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make(tmp_path_factory.mktemp("demo"))
