"""Figures, comparisons and changes as text for a terminal (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from assistant.evaluation.compare import Comparison, is_worse
from assistant.evaluation.intervals import Difference, Figure
from assistant.evaluation.measures import BY_NAME, HEADLINE
from assistant.evaluation.metrics import Metrics
from assistant.evaluation.versions import AnswerChange, CitationChange, VersionComparison
from assistant.render import Format
from policy_text.diff import PassageChange, VersionDiff, WordChange, WordOp
from policy_text.display import display_quote

ALSO_SHOWN = ("auc_near_miss", "auc_off_topic", "verdict_precision", "verdict_coverage",
              "quote_fidelity", "latency_p50", "latency_p95")  # fmt: skip
FLIPS_SHOWN = 20  # of each side; all stand in compare.html


def render_metrics(metrics: Metrics) -> str:
    """The headline figures with their intervals, then answered and declined as a matrix."""
    rows = [("measure", "value", "95 % interval", "over")]
    for name in (*HEADLINE, *ALSO_SHOWN):
        found = metrics.measures[name]
        rows.append((name, _number(found.value), _interval(found), str(found.questions)))
    statuses = list(next(iter(metrics.confusion.values())))
    matrix: list[tuple[str, ...]] = [("questions", *statuses)]
    for group, counts in metrics.confusion.items():
        matrix.append((group, *(str(counts.get(status, 0)) for status in statuses)))
    return "\n".join([*_table(rows), "", *_table(matrix)])


def render_comparison(comparison: Comparison) -> str:
    """The measures of both runs, then the questions that flipped."""
    rows: list[tuple[str, ...]] = [("measure", "A", "B", "B − A", "95 % interval", "")]
    for name in (*HEADLINE, *ALSO_SHOWN):
        rows.append(_compared(name, comparison.measures[name]))
    lines = [f"{comparison.questions} questions.", *comparison.notes, "", *_table(rows)]
    for title, flips in (("Better in B", comparison.better), ("Worse in B", comparison.worse)):
        lines += ["", f"{title}: {len(flips)}"]
        lines += [f"  {f.b.id}  {f.b.question}\n      {f.b.why}" for f in flips[:FLIPS_SHOWN]]
        if len(flips) > FLIPS_SHOWN:
            lines.append(f"  … and {len(flips) - FLIPS_SHOWN} more")
    return "\n".join(lines)


def render_diff(diff: VersionDiff, style: Format = Format.TEXT) -> str:
    """What changed in a policy, by section; removed words in [-…-], added ones in {+…+}."""
    if style is Format.JSON:
        from assistant.evaluation.versions import VersionComparison

        changes = VersionComparison(diff, ()).to_json()
        return json.dumps({k: v for k, v in changes.items() if k in _DIFF_KEYS}, ensure_ascii=False)
    head = f"{diff.new.policy.id}: {diff.old.info.version} → {diff.new.info.version}"
    lines = [head, *_section_lines(diff)]
    for change in diff.changed:
        lines += ["", *_passage_lines(diff, change)]
    if len(lines) == 1:
        lines.append("Nothing changed but typography and numbering.")
    return "\n".join(lines)


_DIFF_KEYS = ("policy", "old", "new", "passages", "sections")


def render_changes(changes: VersionComparison) -> str:
    """What changed in the policy, then each answer that changed with its citations."""
    changed = changes.changed
    lines = [render_diff(changes.diff), ""]
    lines.append(f"{len(changed)} of {len(changes.answers)} answers changed.")
    for change in changed:
        lines += ["", *_answer_lines(change)]
    return "\n".join(lines)


def _compared(name: str, change: Difference) -> tuple[str, ...]:
    verdict = ""
    if change.is_sure:
        verdict = "worse" if is_worse(BY_NAME[name], change) else "better"
    interval = f"{_number(change.low)} … {_number(change.high)}" if change.low is not None else ""
    return (
        name,
        _number(change.a),
        _number(change.b),
        _number(change.difference),
        interval,
        verdict,
    )


def _section_lines(diff: VersionDiff) -> Iterator[str]:
    for change in diff.changed_sections:
        section = change.new or change.old
        assert section is not None
        renamed = ""
        if change.old and change.new and change.old.cited_as != change.new.cited_as:
            renamed = f" (was: {change.old.cited_as})"
        yield f"section {change.kind.value}: {section.cited_as}{renamed}"


def _passage_lines(diff: VersionDiff, change: PassageChange) -> Iterator[str]:
    passage = change.new or change.old
    assert passage is not None
    version = diff.new if change.new else diff.old
    yield f"{change.kind.value}: {version.section_of(passage).cited_as}"
    yield f"  {_marked(diff.word_changes(change))}"


def _answer_lines(change: AnswerChange) -> Iterator[str]:
    yield f"{change.question.id}  {change.question.question}"
    yield f"  {change.kind.value}: {change.old['status']} → {change.new['status']}"
    for citation in change.citations:
        yield from _citation_lines(citation)


def _citation_lines(change: CitationChange) -> Iterator[str]:
    place = change.new or change.old
    assert place is not None
    yield f"  – {change.kind.value}: {place.section}"
    yield f"    {_marked(change.words)}"


def _marked(words: Sequence[WordChange]) -> str:
    marks = {WordOp.EQUAL: ("", ""), WordOp.REMOVED: ("[-", "-]"), WordOp.ADDED: ("{+", "+}")}
    pieces = []
    for op, text in words:
        before, after = marks[op]
        stripped = text.rstrip()
        pieces.append(f"{before}{stripped}{after}{text[len(stripped) :]}")
    return display_quote("".join(pieces))


def _interval(figure: Figure) -> str:
    return "" if figure.low is None else f"{_number(figure.low)} … {_number(figure.high)}"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.0f}"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows with their columns aligned: the first to the left, the others to the right."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
