"""An evaluation to report.html: figures, curves, coverage and every question (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.evaluation.judge import ANSWERED
from assistant.evaluation.measures import HEADLINE, MEASURES
from assistant.evaluation.metrics import Metrics
from assistant.evaluation.report.answer_rows import FILTERS, answer_row, status_words
from assistant.evaluation.report.coverage_map import coverage_map
from assistant.evaluation.report.display import (
    ShownFigure,
    counted,
    listed_words,
    percent,
    shown_figure,
    shown_figures,
)
from assistant.evaluation.report.page import page
from assistant.evaluation.report.provenance import provenance, set_names
from assistant.evaluation.report.question_list import question_list

if TYPE_CHECKING:
    from assistant.evaluation.evaluate import Evaluation

GROUP_TITLES = {
    "answerable": "The policy answers",
    "near_miss": "Near misses",
    "off_topic": "Off topic",
}
BREAKDOWN_TITLES = {"kind": "By kind of question", "policy": "By policy", "outcome": "By outcome"}
BREAKDOWN_HEADS = {"kind": "Kind", "policy": "Policy", "outcome": "Outcome"}


@dataclass(frozen=True, slots=True)
class Headline:
    """The run in a sentence or two: a share, what it is of, and the rest."""

    share: str
    rest: str
    detail: str


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """How many questions of a group had an outcome; `tone` says whether that is right."""

    questions: int
    share: str
    strength: float
    tone: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A group of questions and what became of them."""

    title: str
    questions: int
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The headline measures of groups of questions."""

    name: str
    title: str
    head: str
    groups: tuple[tuple[str, int, tuple[ShownFigure, ...]], ...]


def report_html(evaluation: Evaluation) -> str:
    """The report as one page that loads nothing."""
    from assistant.evaluation.report.plots import plots  # imports matplotlib

    run, figures = evaluation.run, evaluation.metrics
    wrong = sum(not answer.right for answer in run.answers)
    return page(
        "run.html",
        title=f"{_share(figures, 'right')} right: {set_names(run.header)}",
        headline=headline(figures),
        facts=provenance(run.header),
        wrong=wrong,
        cards=shown_figures({name: figures.measures[name] for name in HEADLINE}),
        statuses=[status_words(status) for status in _statuses(figures)],
        matrix=matrix(figures),
        plots=plots(evaluation),
        columns=[measure.title for measure in MEASURES if measure.name in HEADLINE],
        breakdowns=breakdowns(figures),
        measures=shown_figures(figures.measures),
        maps=coverage_map(figures.coverage),
        questions=question_list([answer_row(answer) for answer in run.answers], FILTERS),
    )


def headline(figures: Metrics) -> Headline:
    """The run in plain words, with what is declined rightly and wrongly."""
    right = figures.measures["right"]
    within = ""
    if right.low is not None and right.high is not None:
        within = f" ({100 * right.low:.0f}–{percent(right.high)})"
    return Headline(
        share=f"Right on {_share(figures, 'right')}",
        rest=f"of {counted(figures.questions, 'question')}{within}.",
        detail=_declined_detail(figures),
    )


def matrix(figures: Metrics) -> list[MatrixRow]:
    """The confusion matrix, without groups that no question is in."""
    statuses = _statuses(figures)
    rows = []
    for group, counts in figures.confusion.items():
        total = sum(counts.values())
        if total:
            cells = tuple(_cell(group, status, counts, total) for status in statuses)
            rows.append(MatrixRow(GROUP_TITLES.get(group, group), total, cells))
    return rows


def breakdowns(figures: Metrics) -> list[Breakdown]:
    """The headline measures by kind, policy and outcome."""
    return [
        Breakdown(
            name=name,
            title=BREAKDOWN_TITLES.get(name, name),
            head=BREAKDOWN_HEADS.get(name, name),
            groups=tuple(
                (
                    status_words(value) if name == "outcome" else value,
                    of_group["right"].questions,
                    tuple(shown_figure(measure, figure) for measure, figure in of_group.items()),
                )
                for value, of_group in groups.items()
            ),
        )
        for name, groups in figures.breakdown.items()
    ]


def _declined_detail(figures: Metrics) -> str:
    groups = (
        (
            "false_refusals",
            "question that the policies answer",
            "questions that the policies answer",
        ),
        ("near_misses_declined", "near miss", "near misses"),
        ("off_topic_declined", "off-topic question", "off-topic questions"),
    )
    parts = [
        f"{_share(figures, name)} of {counted(figures.measures[name].questions, one, many)}"
        for name, one, many in groups
        if figures.measures[name].value is not None
    ]
    return f"It declined {listed_words(parts)}." if parts else ""


def _statuses(figures: Metrics) -> list[str]:
    """The outcomes that the matrix has columns for; those that never came are left out."""
    names = dict.fromkeys(status for counts in figures.confusion.values() for status in counts)
    return [s for s in names if any(counts.get(s) for counts in figures.confusion.values())]


def _cell(group: str, status: str, counts: Mapping[str, int], total: int) -> MatrixCell:
    questions = counts.get(status, 0)
    is_right = (status == ANSWERED) == (group == "answerable")
    return MatrixCell(
        questions=questions,
        share=percent(questions / total),
        strength=round(questions / total, 3),
        tone="good" if is_right else "bad",
    )


def _share(figures: Metrics, name: str) -> str:
    value = figures.measures[name].value
    return "–" if value is None else percent(value)
