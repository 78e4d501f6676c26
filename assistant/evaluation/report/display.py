"""Figures to the words, and the places on a bar, that a page shows them with (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from assistant.evaluation.intervals import Difference, Figure
from assistant.evaluation.measures import BY_NAME, Better, Measure

NARROW = "\u202f"  # a narrow space that does not break, between a number and its unit
MINUS = "\u2212"
UNDEFINED = "–"
MONTHS = (  # not those of the machine's language
    "January February March April May June July August September October November December"
).split()
SCORES = ("mrr", "ndcg", "auc", "brier")  # from 0 to 1, but no shares of anything


class Unit(Enum):
    """What a measure's figures are, and so how they are written."""

    SHARE = "share"
    SCORE = "score"
    MILLISECONDS = "milliseconds"


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A measure's figure in words.

    Attributes:
        rounded: the value without decimals of a percent, for small groups.
        interval: "73.6–81.4 %"; empty where undefined.
        better: "higher is better", or lower.
        low, at, high: places on a bar in percent of its length; None where there is no bar.
    """

    name: str
    title: str
    value: str
    rounded: str
    interval: str
    questions: str
    better: str
    formula: str
    source: str
    low: float | None
    at: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A measure of two runs, and the difference, in words.

    Attributes:
        verdict: "better", "worse" or "no sure difference".
        tone: "good", "bad" or "even", the class of the verdict.
        low, at, high: places on a bar in percent of its length, zero in the middle.
    """

    name: str
    title: str
    a: str
    b: str
    difference: str
    interval: str
    verdict: str
    tone: str
    formula: str
    low: float | None
    at: float | None
    high: float | None


def unit_of(measure: Measure) -> Unit:
    """Whether its figures are shares, scores or times."""
    if measure.name.startswith("latency"):
        return Unit.MILLISECONDS
    return Unit.SCORE if measure.name.startswith(SCORES) else Unit.SHARE


def shown_figure(name: str, figure: Figure) -> ShownFigure:
    """The figure of the measure of that name."""
    measure = BY_NAME[name]
    unit = unit_of(measure)
    on_bar = unit is not Unit.MILLISECONDS
    return ShownFigure(
        name=name,
        title=measure.title,
        value=amount(figure.value, unit),
        rounded=amount(figure.value, unit, digits=0),
        interval=interval(figure.low, figure.high, unit),
        questions=counted(figure.questions, "question"),
        better=f"{measure.better.value} is better",
        formula=measure.formula,
        source=measure.source,
        low=_place(figure.low) if on_bar else None,
        at=_place(figure.value) if on_bar else None,
        high=_place(figure.high) if on_bar else None,
    )


def shown_figures(figures: Mapping[str, Figure]) -> list[ShownFigure]:
    """All of them, in their order."""
    return [shown_figure(name, figure) for name, figure in figures.items()]


def shown_difference(name: str, change: Difference, *, scale: float) -> ShownDifference:
    """The measure's difference; `scale` is the one that fills the bar on a side of zero."""
    measure = BY_NAME[name]
    unit = unit_of(measure)
    on_bar = unit is not Unit.MILLISECONDS and change.low is not None
    verdict, tone = _verdict(measure, change)
    return ShownDifference(
        name=name,
        title=measure.title,
        a=amount(change.a, unit),
        b=amount(change.b, unit),
        difference=signed(change.difference, unit),
        interval=_signed_interval(change, unit),
        verdict=verdict,
        tone=tone,
        formula=measure.formula,
        low=_place_of_difference(change.low, scale) if on_bar else None,
        at=_place_of_difference(change.difference, scale) if on_bar else None,
        high=_place_of_difference(change.high, scale) if on_bar else None,
    )


def amount(value: float | None, unit: Unit, *, digits: int = 1) -> str:
    """A value with its unit: "77.4 %", "0.810", "37 ms"."""
    if value is None:
        return UNDEFINED
    if unit is Unit.SHARE:
        return percent(value, digits=digits)
    return f"{value:.{digits + 2}f}" if unit is Unit.SCORE else milliseconds(value)


def signed(value: float | None, unit: Unit) -> str:
    """A difference with its sign: "+3.1 points", "−0.012"."""
    if value is None:
        return UNDEFINED
    if unit is Unit.SHARE:
        return f"{_signed(100 * value, 1)} points"
    return _signed(value, 3) if unit is Unit.SCORE else f"{_signed(value, 1)}{NARROW}ms"


def interval(low: float | None, high: float | None, unit: Unit) -> str:
    """Both ends with the unit once: "73.6–81.4 %"; empty where they are undefined."""
    if low is None or high is None:
        return ""
    if unit is Unit.SHARE:
        return f"{100 * low:.1f}–{percent(high, digits=1)}"
    if unit is Unit.SCORE:
        return f"{low:.3f}–{high:.3f}"
    return f"{low:,.0f}–{milliseconds(high)}"


def percent(value: float, *, digits: int = 0) -> str:
    """A share in percent: "77 %"."""
    return f"{100 * value:.{digits}f}{NARROW}%"


def milliseconds(value: float) -> str:
    """A time: "37 ms", "4.2 ms" below ten, "1,204 ms"."""
    return f"{value:,.{0 if value >= 10 else 1}f}{NARROW}ms"


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 question", "1,204 questions"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def listed_words(words: list[str]) -> str:
    """A list as it is said: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def moment(iso: str) -> tuple[str, str]:
    """A day and a time of day as they are written: "24 November 2026", "06:27 UTC"."""
    at = datetime.fromisoformat(iso)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}", f"{at:%H:%M} {at.tzname() or ''}".strip()


def _signed(value: float, digits: int) -> str:
    text = f"{value:+,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return text[1:]
    return text.replace("-", MINUS)


def _signed_interval(change: Difference, unit: Unit) -> str:
    if change.low is None or change.high is None:
        return ""
    factor, digits = {Unit.SHARE: (100, 1), Unit.SCORE: (1, 3), Unit.MILLISECONDS: (1, 1)}[unit]
    return f"{_signed(factor * change.low, digits)} to {_signed(factor * change.high, digits)}"


def _verdict(measure: Measure, change: Difference) -> tuple[str, str]:
    if change.difference is None:
        return "undefined", "even"
    if not change.is_sure:
        return "no sure difference", "even"
    is_better = (change.difference > 0) == (measure.better is Better.HIGHER)
    return ("better", "good") if is_better else ("worse", "bad")


def _place(value: float | None) -> float | None:
    return None if value is None else round(100 * min(max(value, 0.0), 1.0), 2)


def _place_of_difference(value: float | None, scale: float) -> float | None:
    return None if value is None else _place(0.5 + value / scale / 2)
