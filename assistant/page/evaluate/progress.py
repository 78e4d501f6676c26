"""How far an evaluation is to words for a person (pure)."""

from __future__ import annotations

from dataclasses import dataclass

MINUTE_S, HOUR_S = 60, 3600


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        done: questions that are answered, of `total`.
        pace: seconds that an answer takes; None before it can be told.
    """

    done: int
    total: int
    pace: float | None = None

    @property
    def words(self) -> str:
        """As a person reads it: "120 of 478 answered, about 20 seconds left"."""
        if not self.done:
            return f"Starting; {self.total:,} to ask"
        if self.done >= self.total:
            return f"All {self.total:,} answered; judging them and drawing the report"
        told = f"{self.done:,} of {self.total:,} answered"
        if self.pace is None:
            return told
        return f"{told}, about {duration(self.pace * (self.total - self.done))} left"


def duration(seconds: float) -> str:
    """A time roughly, as "20 seconds", "3 minutes", "2 hours"."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 2 * MINUTE_S:
        return f"{round(seconds / 10) * 10} seconds"
    if seconds < 2 * HOUR_S:
        return f"{round(seconds / MINUTE_S)} minutes"
    return f"{round(seconds / HOUR_S)} hours"
