"""A comparison of two runs to compare.html: differences, and the questions that flipped (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.evaluation.compare import Comparison, Flip
from assistant.evaluation.measures import BY_NAME, HEADLINE
from assistant.evaluation.report.answer_rows import (
    cited_column,
    facts,
    gold_column,
    policy_of,
    status_words,
)
from assistant.evaluation.report.display import (
    ShownDifference,
    Unit,
    counted,
    shown_difference,
    unit_of,
)
from assistant.evaluation.report.page import page
from assistant.evaluation.report.provenance import provenance, run_name, set_names
from assistant.evaluation.report.question_list import (
    RIGHT,
    WRONG,
    Column,
    FilterKind,
    QuestionRow,
    RowMark,
    question_list,
)
from assistant.evaluation.run import JudgedAnswer

BETTER, WORSE = RowMark("↑", "better", "good"), RowMark("↓", "worse", "bad")
FILTERS = (
    FilterKind("state", "Answers", order=(WORSE.words, BETTER.words)),
    FilterKind("kind", "Kind"),
    FilterKind("policy", "Policy"),
    FilterKind("status", "Outcome in B"),
)
SCALE_MIN = 0.05  # so that a difference of nothing does not fill the bar
SCALE_STEP = 0.05


@dataclass(frozen=True, slots=True)
class ComparisonHeadline:
    """Both runs in a sentence or two: what became of "right", and how many questions flipped."""

    change: str
    rest: str
    detail: str
    tone: str


def comparison_html(comparison: Comparison) -> str:
    """The comparison as one page that loads nothing."""
    scale = _scale(comparison)
    shown = [
        shown_difference(name, change, scale=scale) for name, change in comparison.measures.items()
    ]
    return page(
        "comparison.html",
        title=f"{set_names(comparison.a)}: two runs compared",
        headline=headline(comparison),
        notes=comparison.notes,
        runs=[
            ("A", run_name(comparison.a), provenance(comparison.a)),
            ("B", run_name(comparison.b), provenance(comparison.b)),
        ],
        scale=f"{100 * scale:.0f}",
        headline_measures=[one for one in shown if one.name in HEADLINE],
        measures=shown,
        questions=question_list([flip_row(flip) for flip in comparison.flips], FILTERS),
    )


def headline(comparison: Comparison) -> ComparisonHeadline:
    """Whether B is better, in plain words."""
    change = comparison.measures["right"]
    right = shown_difference("right", change, scale=SCALE_MIN)
    certainty = {
        "good": "B is surely better.",
        "bad": "B is surely worse.",
        "even": "That may be chance: the interval holds zero.",
    }
    better, worse = len(comparison.better), len(comparison.worse)
    stayed = comparison.questions - better - worse
    return ComparisonHeadline(
        change=_change_words(right),
        rest=f"right on {right.b} of {counted(comparison.questions, 'question')} with B, on "
        f"{right.a} with A.",
        detail=(
            f"{certainty[right.tone]} {counted(better, 'question')} got better, {worse:,} worse; "
            f"{stayed:,} stayed as they were."
        ),
        tone=right.tone,
    )


def flip_row(flip: Flip) -> QuestionRow:
    """A question that flipped, with the gold words and both answers."""
    a, b = flip.a, flip.b
    mark = BETTER if flip.is_better else WORSE
    return QuestionRow(
        id=str(b.id),
        mark=mark,
        kind=b.kind,
        question=b.question,
        why=f"A: {a.why}. B: {b.why}.",
        facets=(mark.words, b.kind, policy_of(b), status_words(b.status)),
        history=b.history,
        facts=_facts_of_both(a, b),
        columns=(
            gold_column(b, [*a.citations, *b.citations]),
            _answer_column("A", a),
            _answer_column("B", b),
        ),
    )


def _answer_column(name: str, answer: JudgedAnswer) -> Column:
    mark = RIGHT if answer.right else WRONG
    cited = cited_column(answer)
    return Column(f"{name} {mark.glyph} {mark.words}", cited.places, answer.answer, cited.empty)


def _facts_of_both(a: JudgedAnswer, b: JudgedAnswer) -> tuple[tuple[str, str], ...]:
    """The facts of both, each once where they are the same."""
    of_a, of_b = dict(facts(a)), dict(facts(b))
    found = []
    for name in dict.fromkeys((*of_a, *of_b)):
        old, new = of_a.get(name, "none"), of_b.get(name, "none")
        found.append((name, old if old == new else f"{old} → {new}"))
    return tuple(found)


def _change_words(right: ShownDifference) -> str:
    within = f" ({right.interval})" if right.interval else ""
    return f"{right.difference}{within}:"


def _scale(comparison: Comparison) -> float:
    """The difference that fills a bar: the widest end of an interval, in whole steps."""
    ends = [
        abs(end)
        for name, change in comparison.measures.items()
        if unit_of(BY_NAME[name]) is not Unit.MILLISECONDS and name in HEADLINE
        for end in (change.low, change.high)
        if end is not None
    ]
    steps = -(-max(ends, default=0.0) // SCALE_STEP)
    return max(SCALE_MIN, steps * SCALE_STEP)
