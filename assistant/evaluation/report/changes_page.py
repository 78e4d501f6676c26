"""What a new version of a policy changes to a page: the answers, and the text itself (pure)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from assistant.evaluation.report.answer_rows import status_words
from assistant.evaluation.report.display import counted, listed_words
from assistant.evaluation.report.highlight import Mark, Stretch, changed_stretches
from assistant.evaluation.report.page import page
from assistant.evaluation.report.question_list import (
    Column,
    FilterKind,
    Place,
    QuestionRow,
    RowMark,
    question_list,
)
from assistant.evaluation.versions import (
    AnswerChange,
    AnswerChangeKind,
    CitationChange,
    CitationChangeKind,
    VersionComparison,
)
from policy_text.diff import ChangeKind, PassageChange, SectionChange, VersionDiff
from policy_text.display import display_quote

MARKS = {
    AnswerChangeKind.SAME: ("=", "even"),
    AnswerChangeKind.REWORDED: ("~", "even"),
    AnswerChangeKind.LOST: ("−", "bad"),
    AnswerChangeKind.GAINED: ("+", "good"),
    AnswerChangeKind.OTHER: ("≠", "even"),
    AnswerChangeKind.DECLINED: ("✗", "bad"),
    AnswerChangeKind.ANSWERED: ("✓", "good"),
    AnswerChangeKind.REASON: ("~", "even"),
}
TONES = {"added": "good", "removed": "bad"}  # of changes of sections, labels and passages
PLURALS = {AnswerChangeKind.OTHER: "cite other passages"}  # the others' words fit both
FILTERS = (
    FilterKind(
        "state",
        "Answers",
        order=tuple(
            kind.value
            for kind in (
                AnswerChangeKind.DECLINED,
                AnswerChangeKind.LOST,
                AnswerChangeKind.OTHER,
                AnswerChangeKind.REWORDED,
                AnswerChangeKind.GAINED,
                AnswerChangeKind.ANSWERED,
                AnswerChangeKind.REASON,
            )
        ),
    ),
    FilterKind("kind", "Kind"),
)


@dataclass(frozen=True, slots=True)
class TextChange:
    """A change of the policy's text as the page shows it."""

    kind: str
    tone: str
    section: str
    stretches: tuple[Stretch, ...]


def changes_html(changes: VersionComparison) -> str:
    """The changes as one page that loads nothing."""
    diff = changes.diff
    old, new = diff.old.info.version, diff.new.info.version
    return page(
        "changes.html",
        title=f"{diff.new.policy.id}: {old} → {new}",
        policy=diff.new.policy,
        old=old,
        new=new,
        answers=len(changes.answers),
        changed=len(changes.changed),
        detail=_detail(changes),
        sections=[_section_change(change) for change in diff.changed_sections],
        labels=_label_changes(diff),
        passages=[_passage_change(diff, change) for change in diff.changed],
        questions=question_list([change_row(one, old, new) for one in changes.changed], FILTERS),
    )


def change_row(change: AnswerChange, old: str, new: str) -> QuestionRow:
    """A question whose answer changed, with both answers and what became of the citations."""
    glyph, tone = MARKS[change.kind]
    question = change.question
    return QuestionRow(
        id=str(question.id),
        mark=RowMark(glyph, change.kind.value, tone),
        kind=question.kind,
        question=question.question,
        why=_why(change),
        facets=(change.kind.value, question.kind),
        history=question.history,
        facts=(("Outcome", _outcomes(change)),),
        columns=(
            Column(f"Answer on {old}", (), change.old["answer"] or ""),
            Column(f"Answer on {new}", (), change.new["answer"] or ""),
            Column(
                "What became of the citations",
                [_citation(one) for one in change.citations],
                empty="Neither answer cites anything.",
            ),
        ),
    )


def _why(change: AnswerChange) -> str:
    counts = Counter(citation.kind for citation in change.citations)
    parts = [
        f"{counted(counts[kind], 'citation')} {kind.value}"
        for kind in CitationChangeKind
        if counts[kind] and kind is not CitationChangeKind.SAME
    ]
    return f"{change.kind.value}: {'; '.join(parts)}" if parts else change.kind.value


def _outcomes(change: AnswerChange) -> str:
    old, new = (status_words(answer["status"]) for answer in (change.old, change.new))
    return old if old == new else f"{old} → {new}"


def _citation(change: CitationChange) -> Place:
    kind = change.kind
    tone = "bad" if kind.is_lost else "good" if kind.is_gained else "even"
    sections = [place.section for place in (change.old, change.new) if place is not None]
    return Place(" → ".join(dict.fromkeys(sections)), kind.value, tone, _cited_words(change))


def _cited_words(change: CitationChange) -> list[Stretch]:
    """The words, marked only where the policy itself changed, not where only the answer did."""
    if change.kind in (CitationChangeKind.NOT_CITED, CitationChangeKind.NEWLY_CITED):
        place = change.new or change.old
        return [Stretch(display_quote(place.quote), Mark.PLAIN)] if place else []
    return changed_stretches(change.words)


def _detail(changes: VersionComparison) -> str:
    counts = Counter(change.kind for change in changes.changed)
    kinds = [
        counted(counts[kind], kind.value, PLURALS.get(kind, kind.value))
        for kind in AnswerChangeKind
        if counts[kind]
    ]
    text = Counter(change.kind for change in changes.diff.changed)
    passages = [f"{text[kind]:,} {kind.value}" for kind in ChangeKind if text[kind]]
    said = f"Of these, {listed_words(kinds)}. " if kinds else ""
    if not passages:
        return f"{said}Nothing of the text changed but typography and numbering."
    return f"{said}Of the text's passages, {listed_words(passages)}."


def _section_change(change: SectionChange) -> TextChange:
    names = [section.cited_as for section in (change.old, change.new) if section is not None]
    section = " → ".join(dict.fromkeys(names))
    return TextChange(change.kind.value, TONES.get(change.kind.value, "even"), section, ())


def _label_changes(diff: VersionDiff) -> list[TextChange]:
    found = []
    for change in diff.labels:
        version = diff.old if change.kind is ChangeKind.REMOVED else diff.new
        words = display_quote(version.quote(change.span))
        found.append(TextChange(change.kind.value, TONES.get(change.kind.value, "even"), words, ()))
    return found


def _passage_change(diff: VersionDiff, change: PassageChange) -> TextChange:
    sections = []
    if change.old is not None:
        sections.append(diff.old.section_of(change.old).cited_as)
    if change.new is not None:
        sections.append(diff.new.section_of(change.new).cited_as)
    return TextChange(
        kind=change.kind.value,
        tone=TONES.get(change.kind.value, "even"),
        section=" → ".join(dict.fromkeys(sections)),
        stretches=tuple(changed_stretches(diff.word_changes(change))),
    )
