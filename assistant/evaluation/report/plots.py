"""A run's curves to plots with caption, description and data.

Imports matplotlib, and so is imported only when a report is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from assistant.evaluation.metrics import Metrics, ReliabilityBin, ThresholdPoint
from assistant.evaluation.report.curves import (
    DeclinedGroup,
    declining_svg,
    latency_svg,
    ranking_svg,
    reliability_svg,
)
from assistant.evaluation.report.display import (
    UNDEFINED,
    Unit,
    amount,
    counted,
    milliseconds,
    percent,
)

if TYPE_CHECKING:
    from assistant.evaluation.evaluate import Evaluation
    from assistant.evaluation.run import Run

TABLE_STEP = 5  # every how many points of the threshold's curve the table shows


@dataclass(frozen=True, slots=True)
class Series:
    """A line of the legend: what it is, and its class in the stylesheet."""

    name: str
    style: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with all that a person needs to read it.

    Attributes:
        caption: how to read it, in plain words.
        label: the main values, for those who cannot see it.
    """

    name: str
    title: str
    caption: str
    label: str
    svg: Markup
    series: tuple[Series, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def plots(evaluation: Evaluation) -> list[Plot]:
    """The plots that there are data for: ranking, declining, reliability, latency."""
    run, figures = evaluation.run, evaluation.metrics
    drawn = (ranking(figures), declining(figures), reliability(figures), latency(run, figures))
    return [plot for plot in drawn if plot is not None]


def ranking(figures: Metrics) -> Plot | None:
    """Recall and success over the number of passages looked at; None without such questions."""
    points = figures.ranking
    if not points:
        return None
    at_ten = next((point for point in points if point.k == 10), points[-1])
    questions = figures.measures["mrr"].questions
    return Plot(
        name="ranking",
        title="Is what answers found?",
        caption=(
            f"Over the {counted(questions, 'question')} that the policies answer. Success: at "
            "least one passage that answers is among the first k. Recall: how many of all that "
            "answer are. What is not ranked cannot be cited; the higher at the left, the better."
        ),
        label=(
            f"Curves over k. Success rises from {percent(points[0].success)} at k = 1 to "
            f"{percent(at_ten.success)} at {at_ten.k}; recall from {percent(points[0].recall)} "
            f"to {percent(at_ten.recall)}."
        ),
        svg=ranking_svg(points),
        series=(Series("success", "first"), Series("recall", "second dashed")),
        columns=("k", "Success", "Recall"),
        rows=tuple((str(p.k), percent(p.success, digits=1), percent(p.recall, digits=1))
                   for p in points),
    )  # fmt: skip


def declining(figures: Metrics) -> Plot | None:
    """False refusals against what is rightly declined, over the threshold on confidence."""
    points = [point for point in figures.thresholds if point.false_refusals is not None]
    groups = _declined_groups(figures, points)
    refused = figures.measures["false_refusals"].value
    if not groups or refused is None:
        return None
    actual = [f"{percent(group.actual)} of {group.name}" for group in groups]
    return Plot(
        name="declining",
        title="What does declining cost?",
        caption=(
            "If all questions with less than a certain confidence were declined, how many that "
            "the policy answers would be refused (to the right, bad), and how many that it does "
            "not answer would be declined (upwards, good). The numbers along the line are "
            "thresholds. The large marks are what the system did: above the line, it knows more "
            "than its confidence alone."
        ),
        label=(
            f"Curves over the threshold. The system refused {percent(refused)} of the questions "
            f"that the policies answer and declined {' and '.join(actual)}."
        ),
        svg=declining_svg(groups, refused),
        series=tuple(Series(group.name, group.style) for group in groups),
        columns=("Threshold", "Answerable refused", *(f"Declined {g.name}" for g in groups)),
        rows=tuple(
            (f"{point.threshold:.2f}", _share(point.false_refusals),
             *(percent(group.declined[number], digits=1) for group in groups))
            for number, point in enumerate(points) if number % (TABLE_STEP) == 0
        ),
    )  # fmt: skip


def reliability(figures: Metrics) -> Plot | None:
    """How often the first passage answers over the confidence; None without any confidence."""
    bins = figures.reliability
    if not bins:
        return None
    brier = amount(figures.measures["brier"].value, Unit.SCORE)
    questions = sum(one.questions for one in bins)
    return Plot(
        name="reliability",
        title="Does the confidence tell the truth?",
        caption=(
            "Questions of like confidence together: how often their first passage answers, with "
            "Wilson's 95\u202f% interval. On the dotted line confidence is what it says; below it "
            f"is too sure. The bars count the {counted(questions, 'question')}. Brier score "
            f"{brier}: 0 is perfect, 0.25 is what saying 50\u202f% every time would get."
        ),
        label="; ".join(
            f"confidence {_bin_name(one)}: {percent(one.observed)} of "
            f"{counted(one.questions, 'question')}"
            for one in bins
        )
        + f". Brier score {brier}.",
        svg=reliability_svg(bins),
        series=(),
        columns=("Confidence", "Questions", "Mean confidence", "First answers", "95\u202f%"),
        rows=tuple(
            (_bin_name(one), f"{one.questions:,}", percent(one.mean_confidence, digits=1),
             percent(one.observed, digits=1),
             f"{100 * one.low:.1f}–{percent(one.high, digits=1)}")
            for one in bins
        ),
    )  # fmt: skip


def latency(run: Run, figures: Metrics) -> Plot | None:
    """How many answers come within a time; None if no time was measured."""
    times = np.array([a.latency_ms for a in run.answers if a.latency_ms is not None])
    median, most = figures.measures["latency_p50"].value, figures.measures["latency_p95"].value
    if not figures.latency or median is None or most is None:
        return None
    return Plot(
        name="latency",
        title="How long does an answer take?",
        caption=(
            "How many of the answers come within a time, from question to answer; the line is "
            f"better further left. {_measured_with(run.header.workers)}"
        ),
        label=(
            f"Half of the answers come within {milliseconds(median)}, 95\u202f% within "
            f"{milliseconds(most)}, all within {milliseconds(float(times.max()))}."
        ),
        svg=latency_svg(times, median, most),
        series=(),
        columns=("Share of answers", "Within"),
        rows=tuple((percent(p / 100), milliseconds(time)) for p, time in figures.latency.items()),
    )


def _declined_groups(figures: Metrics, points: Sequence[ThresholdPoint]) -> list[DeclinedGroup]:
    groups = (
        ("near misses", "second", "near_misses_declined"),
        ("off-topic questions", "third dashed", "off_topic_declined"),
    )
    refused = [point.false_refusals or 0.0 for point in points]
    found = []
    for name, style, measure in groups:
        actual = figures.measures[measure].value
        declined = [share for p in points if (share := getattr(p, measure)) is not None]
        if declined and actual is not None:
            found.append(DeclinedGroup(name, style, refused, declined, actual))
    return found


def _measured_with(workers: int) -> str:
    if not workers:
        return "The times are those that the file of answers gives."
    if workers == 1:
        return "One process answered, a question at a time."
    return f"While it was measured, {workers} processes answered side by side."


def _share(value: float | None) -> str:
    return UNDEFINED if value is None else percent(value, digits=1)


def _bin_name(one: ReliabilityBin) -> str:
    return f"{one.from_confidence:.1f}–{one.to_confidence:.1f}"
