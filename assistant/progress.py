"""A progress bar on standard error: shown to a person, one line to a log."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)


class Bar:
    """Counts up to a total; nothing is shown before `start`."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._progress: Progress | None = None
        self._task = TaskID(0)

    def start(self, total: int) -> None:
        """Shows the bar, from 0."""
        if not sys.stderr.isatty():
            print(f"{self._title}: {total} to do …", file=sys.stderr, flush=True)
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(stderr=True)
        self._progress = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
        self._progress.start()
        self._task = self._progress.add_task(self._title, total=total)

    def advance(self, done: int) -> None:
        """`done` more are finished."""
        if self._progress is not None:
            self._progress.advance(self._task, done)

    def close(self) -> None:
        """Takes the bar away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
