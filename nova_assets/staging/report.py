"""What a load did, for people, scripts and asset metadata."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from nova_resources.landing import FileError
from nova_resources.tables import Window

Outcome = Literal["LOADED", "REPLACED_OLDER", "UNCHANGED", "UNUSABLE"]


@dataclass(slots=True)
class FileReport:
    """One feed of one file. Counts are rows; `windows` the business dates whose rows changed.

    `distilled`: its rows were distilled from lines that another feed counts (a mapping's `distinct`); sums over feeds
    leave them out.
    """

    feed: str
    path: str
    outcome: Outcome
    rows_accepted: int = 0
    rows_rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    windows: list[Window] = field(default_factory=list)
    problem: str | None = None
    distilled: bool = False

    @property
    def rows_in(self) -> int:
        return self.rows_accepted + self.rows_rejected


@dataclass(slots=True)
class FeedReport:
    """Sums over the files of a feed; unchanged files count no rows."""

    files: int = 0
    unchanged: int = 0
    unusable: int = 0
    rows_in: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class LoadReport:
    """Every file that was looked at, and how long it took."""

    files: list[FileReport] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def by_feed(self) -> dict[str, FeedReport]:
        """Sums by feed, in order of name."""
        feeds: dict[str, FeedReport] = {}
        for file in sorted(self.files, key=lambda f: f.feed):
            total = feeds.setdefault(file.feed, FeedReport())
            total.files += file.outcome in ("LOADED", "REPLACED_OLDER")
            total.unchanged += file.outcome == "UNCHANGED"
            total.unusable += file.outcome == "UNUSABLE"
            total.rows_in += file.rows_in
            total.rows_accepted += file.rows_accepted
            total.rows_rejected += file.rows_rejected
            total.reasons.update(file.reasons)
        return feeds

    @property
    def problems(self) -> list[str]:
        """One message per unusable file: which, where, what is wrong, how to mend it."""
        return [file.problem for file in self.files if file.problem]

    @property
    def rows_accepted(self) -> int:
        """Accepted rows of all feeds that are not distilled from others; likewise the next two."""
        return sum(file.rows_accepted for file in self.files if not file.distilled)

    @property
    def rows_rejected(self) -> int:
        return sum(file.rows_rejected for file in self.files if not file.distilled)

    @property
    def rows_in(self) -> int:
        return self.rows_accepted + self.rows_rejected

    @property
    def windows(self) -> dict[str, list[Window]]:
        """Business dates whose rows changed, by feed."""
        feeds: dict[str, set[Window]] = {}
        for file in self.files:
            feeds.setdefault(file.feed, set()).update(file.windows)
        return {feed: sorted(windows) for feed, windows in feeds.items() if windows}

    def add_unusable(self, feed: str, path: str, error: FileError) -> None:
        """Note a file that could not be used."""
        self.files.append(FileReport(feed, path, "UNUSABLE", problem=str(error)))

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "rows_in": self.rows_in,
            "rows_accepted": self.rows_accepted,
            "rows_rejected": self.rows_rejected,
            "seconds": round(self.seconds, 3),
            "feeds": {name: _plain(feed) for name, feed in self.by_feed.items()},
            "files": [_file_json(file) for file in self.files if file.outcome != "UNCHANGED"],
            "problems": self.problems,
        }


def _file_json(file: FileReport) -> dict[str, Any]:
    windows = [[str(window.start), str(window.end)] for window in file.windows]
    return {**_plain(file), "rows_in": file.rows_in, "windows": windows}


def _plain(report: FileReport | FeedReport) -> dict[str, Any]:
    values = {item.name: getattr(report, item.name) for item in fields(report)}
    return {**values, "reasons": dict(report.reasons.most_common())}
