"""Answers on two versions of a policy to which of them changed, and why (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from assistant.evaluation.judge import ANSWERED, span_of
from assistant.evaluation.questions import JudgedQuestion
from policy_text import PolicyVersion, Section, Span
from policy_text.diff import (
    ChangeKind,
    PassageChange,
    SectionChange,
    VersionDiff,
    WordChange,
    word_changes,
)
from policy_text.library import section_at


class AnswerChangeKind(Enum):
    """What became of an answer; only SAME is none."""

    SAME = "same"  # the same outcome, and the same words cited, wherever they stand now
    REWORDED = "reworded"  # the same passages cited, but their words changed
    LOST = "lost a citation"
    GAINED = "gained a citation"
    OTHER = "cites other passages"
    DECLINED = "became silent"  # answered on the old version only
    ANSWERED = "became answered"  # answered on the new version only
    REASON = "declined for another reason"


class CitationChangeKind(Enum):
    """What became of a citation."""

    SAME = "same"
    REWORDED = "reworded"
    REMOVED = "removed from the policy"
    NOT_CITED = "still in the policy, no longer cited"
    ADDED = "new in the policy"
    NEWLY_CITED = "in the policy before, now cited"

    @property
    def is_lost(self) -> bool:
        """Whether it was cited on the old version only."""
        return self in (CitationChangeKind.REMOVED, CitationChangeKind.NOT_CITED)

    @property
    def is_gained(self) -> bool:
        """Whether it is cited on the new version only."""
        return self in (CitationChangeKind.ADDED, CitationChangeKind.NEWLY_CITED)


@dataclass(frozen=True, slots=True)
class CitedPlace:
    """A citation: the section as it is cited, the characters and the quote."""

    section: str
    span: Span
    quote: str


@dataclass(frozen=True, slots=True)
class CitationChange:
    """A citation of one version's answer, and what it is in the other's; one may be missing."""

    kind: CitationChangeKind
    old: CitedPlace | None
    new: CitedPlace | None

    @property
    def words(self) -> tuple[WordChange, ...]:
        """The words of both, for display."""
        return word_changes(self.old.quote if self.old else "", self.new.quote if self.new else "")


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """A question and its answers on both versions, JSON objects as the contract has them."""

    kind: AnswerChangeKind
    question: JudgedQuestion
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    citations: tuple[CitationChange, ...]


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """What changed in a policy, and in the answers that it gives.

    Attributes:
        answers: one change a question, in the order of the set.
    """

    diff: VersionDiff
    answers: tuple[AnswerChange, ...]

    @property
    def changed(self) -> tuple[AnswerChange, ...]:
        """The answers that are not the same."""
        return tuple(a for a in self.answers if a.kind is not AnswerChangeKind.SAME)

    def to_json(self) -> dict[str, Any]:
        """As changes.json has it."""
        return {
            "policy": self.diff.new.policy.id,
            "old": self.diff.old.info.version,
            "new": self.diff.new.info.version,
            "questions": len(self.answers),
            "passages": [_passage_json(self.diff, change) for change in self.diff.changed],
            "sections": [_section_json(change) for change in self.diff.changed_sections],
            "answers": [_answer_json(change) for change in self.changed],
        }


def compare_answers(
    diff: VersionDiff,
    questions: Sequence[JudgedQuestion],
    old: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
) -> VersionComparison:
    """What became of each answer; one old and one new answer a question."""
    return VersionComparison(
        diff,
        tuple(
            _answer_change(diff, question, before, after)
            for question, before, after in zip(questions, old, new, strict=True)
        ),
    )


def _answer_change(
    diff: VersionDiff,
    question: JudgedQuestion,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> AnswerChange:
    citations = _citation_changes(diff, _cited(diff.old, old), _cited(diff.new, new))
    return AnswerChange(_kind(old, new, citations), question, old, new, citations)


def _kind(
    old: Mapping[str, Any], new: Mapping[str, Any], citations: Sequence[CitationChange]
) -> AnswerChangeKind:
    was_answered, is_answered = old["status"] == ANSWERED, new["status"] == ANSWERED
    if was_answered != is_answered:
        return AnswerChangeKind.ANSWERED if is_answered else AnswerChangeKind.DECLINED
    if not is_answered:
        is_same = (old["status"], old["reason"]) == (new["status"], new["reason"])
        return AnswerChangeKind.SAME if is_same else AnswerChangeKind.REASON
    has_lost = any(change.kind.is_lost for change in citations)
    has_gained = any(change.kind.is_gained for change in citations)
    if has_lost or has_gained:
        if has_lost and has_gained:
            return AnswerChangeKind.OTHER
        return AnswerChangeKind.LOST if has_lost else AnswerChangeKind.GAINED
    is_reworded = any(change.kind is CitationChangeKind.REWORDED for change in citations)
    return AnswerChangeKind.REWORDED if is_reworded else AnswerChangeKind.SAME


def _cited(version: PolicyVersion, answer: Mapping[str, Any]) -> list[CitedPlace]:
    if answer["status"] != ANSWERED:
        return []
    spans = [span_of(citation) for citation in answer["citations"]]
    return [CitedPlace(section_at(version, s.start).cited_as, s, version.quote(s)) for s in spans]


def _citation_changes(
    diff: VersionDiff, old: Sequence[CitedPlace], new: Sequence[CitedPlace]
) -> tuple[CitationChange, ...]:
    """Each old citation with the new one that has its words, then the new ones that are left."""
    changes: list[CitationChange] = []
    left = list(new)
    for before in old:
        counterpart = diff.in_new(before.span)
        after = next((n for n in left if any(n.span.overlap(s) for s in counterpart.spans)), None)
        if after is not None:
            left.remove(after)
            is_same = counterpart.is_carried_over and not counterpart.is_lead_in_changed
            is_same = is_same and all(after.span.overlap(s) for s in counterpart.spans)
            kind = CitationChangeKind.SAME if is_same else CitationChangeKind.REWORDED
        elif counterpart.spans:
            kind = CitationChangeKind.NOT_CITED
        else:
            kind = CitationChangeKind.REMOVED
        changes.append(CitationChange(kind, before, after))
    changes += [CitationChange(_gained_kind(diff, after), None, after) for after in left]
    return tuple(changes)


def _gained_kind(diff: VersionDiff, cited: CitedPlace) -> CitationChangeKind:
    touched = [p for p in diff.new.passages if p.span.overlap(cited.span)]
    is_added = any(diff.change_of_new(p).kind is ChangeKind.ADDED for p in touched)
    return CitationChangeKind.ADDED if is_added else CitationChangeKind.NEWLY_CITED


def _passage_json(diff: VersionDiff, change: PassageChange) -> dict[str, Any]:
    return {
        "change": change.kind.value,
        "old": _place_json(diff.old, change.old_span),
        "new": _place_json(diff.new, change.new_span),
    }


def _place_json(version: PolicyVersion, span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    section = section_at(version, span.start)
    return {
        "section": section.cited_as,
        "section_id": section.id,
        "start": span.start,
        "end": span.end,
        "quote": version.quote(span),
    }


def _section_json(change: SectionChange) -> dict[str, Any]:
    def named(section: Section | None) -> dict[str, str] | None:
        return {"section": section.cited_as, "section_id": section.id} if section else None

    return {"change": change.kind.value, "old": named(change.old), "new": named(change.new)}


def _answer_json(change: AnswerChange) -> dict[str, Any]:
    return {
        "id": change.question.id,
        "question": change.question.question,
        "history": list(change.question.history),
        "change": change.kind.value,
        "old": {"status": change.old["status"], "answer": change.old["answer"]},
        "new": {"status": change.new["status"], "answer": change.new["answer"]},
        "citations": [
            {
                "change": citation.kind.value,
                "old": _cited_json(citation.old),
                "new": _cited_json(citation.new),
            }
            for citation in change.citations
        ],
    }


def _cited_json(place: CitedPlace | None) -> dict[str, Any] | None:
    if place is None:
        return None
    span = place.span
    return {
        "section": place.section,
        "start": span.start,
        "end": span.end,
        "quote": place.quote,
    }
