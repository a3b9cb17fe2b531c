"""Runs of the graph as a person follows them: one line for each table with its time and rows, then a summary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as Grid

from nova_cli.graph_runs import RunReport, Step

WIDTH = 34


class RunDisplay:
    """Writes to standard error, so that standard output stays for results."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        self._status = self.console.status("Starting …") if self.console.is_terminal else None
        if self._status:
            self._status.start()

    def step(self, step: Step) -> None:
        """Show the beginning or the end of one table."""
        if step.state == "started":
            if self._status:
                self._status.update(step.name)
            return
        mark = "[green]✓[/]" if step.state == "done" else "[red]✗[/]"
        rows = "" if step.rows is None else f"{step.rows:>12,} rows"
        self.console.print(f"{mark} {step.name:<{WIDTH}} {step.seconds:7.1f} s {rows}")

    def finish(self, title: str, runs: Sequence[RunReport]) -> None:
        """Say that all is done, and how long each run took."""
        if self._status:
            self._status.stop()
        for run in runs:
            self.console.print(
                f"  {run.title:<{WIDTH}} {run.seconds:7.1f} s, of which Dagster {run.overhead:.1f} s"
                f"  [dim]run {run.run_id[:8]}[/]"
            )
        self.console.print(f"[bold]{title}[/] in {sum(run.seconds for run in runs):.1f} s")

    def rows_by_month(self, runs: Sequence[RunReport]) -> None:
        """Rows and partitions of each table by month."""
        grid = Grid("table", "month", "partitions", "rows", box=None)
        for run in runs:
            for table, partitions in run.rows.items():
                months: dict[str, list[int]] = defaultdict(list)
                for key, rows in partitions.items():
                    months[key[:7]].append(rows)
                for month, counts in sorted(months.items()):
                    grid.add_row(table, month, str(len(counts)), f"{sum(counts):,}")
        self.console.print(grid)
