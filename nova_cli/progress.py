"""Progress that a person can follow: one line per stage with its time; alive on a terminal, plain in a log."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.markup import escape


class Progress:
    """Prints to standard error, so that standard output stays for results."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        self.began = time.monotonic()

    @contextlib.contextmanager
    def stage(self, title: str) -> Iterator[Callable[[str], None]]:
        """Time one stage; the block receives a function that shows what is being done."""
        began, note = time.monotonic(), ""
        status = self.console.status(f"{title} …") if self.console.is_terminal else contextlib.nullcontext()

        def say(line: str) -> None:
            nonlocal note
            note = line
            if self.console.is_terminal and line:
                status.update(f"{title} … [dim]{escape(line)}[/]")  # pyright: ignore[reportAttributeAccessIssue]

        try:
            with status:
                yield say
        except BaseException:
            self._line("[red]✗[/]", title, began, "")
            raise
        self._line("[green]✓[/]", title, began, note)

    def _line(self, sign: str, title: str, began: float, note: str) -> None:
        line = f"{sign} {title:<40} {time.monotonic() - began:6.1f} s  [dim]{escape(note)}[/]"
        if self.console.is_terminal:
            self.console.print(line, no_wrap=True, overflow="ellipsis")
        else:
            self.console.print(line.rstrip(), soft_wrap=True)

    def seconds(self) -> float:
        return time.monotonic() - self.began
