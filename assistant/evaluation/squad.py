"""SQuAD-style JSON, as PolicyQA's, to a QuestionSet that brings its contexts as policies.

All contexts of one title, each once, joined by blank lines, are the text of one policy.
Source: Rajpurkar, Jia & Liang, "Know What You Don't Know", ACL 2018 (SQuAD 2.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import Field

from assistant.evaluation.questions import (
    NEAR_MISS,
    UNNAMED_KIND,
    Evidence,
    EvidenceKind,
    JudgedQuestion,
    QuestionSet,
    checked_judgement,
    without_duplicates,
)
from assistant.evaluation.set_files import Fields, Model, Text, validated
from assistant.evaluation.texts import new_policy_id
from assistant.question_lines import BatchError, NonBlank
from policy_text import Span

BETWEEN_CONTEXTS = "\n\n"
NEARBY = 50  # characters between answer_start and answer; offsets in bytes go wrong by about that

_ENTRY = 'An entry of "data" is {"title": "…", "paragraphs": […]}'
_PARAGRAPH = 'A paragraph is {"context": "…", "qas": […]}'
_QUESTION = (
    'A question is {"id": "…", "question": "…", "answers": [{"text": "…", "answer_start": 0}]}'
)


class _Entry(Fields):
    title: Text = ""
    paragraphs: list[Any]


class _Paragraph(Fields):
    context: Text
    qas: list[Any]


class _Answer(Fields):
    text: Text
    answer_start: int


class _Question(Fields):
    id: int | NonBlank
    question: Text
    answers: list[_Answer] = Field(default_factory=list)
    is_impossible: bool = False


@dataclass(frozen=True, slots=True)
class _Context:
    """A paragraph's context, and where it begins in its policy's text."""

    policy: str
    text: str
    start: int


@dataclass
class _Policy:
    """A policy while its contexts come in."""

    id: str
    text: str = ""
    starts: dict[str, int] = field(default_factory=dict)  # where each context begins

    def start_of(self, context: str) -> int:
        """Where the context stands; it is added unless it is there already."""
        if context not in self.starts:
            gap = BETWEEN_CONTEXTS if self.text else ""
            self.starts[context] = len(self.text) + len(gap)
            self.text += gap + context
        return self.starts[context]


@dataclass
class _Reading:
    """What has been read so far."""

    policies: dict[str, _Policy] = field(default_factory=dict)  # by title
    questions: list[JudgedQuestion] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    moved: int = 0  # answers that stand beside their answer_start

    def policy_of(self, title: str) -> _Policy:
        if title not in self.policies:
            taken = {policy.id for policy in self.policies.values()}
            self.policies[title] = _Policy(new_policy_id(title, taken))
        return self.policies[title]


def read_squad(fields: dict[str, Any], name: str) -> QuestionSet:
    """The set that a SQuAD 1.1 or 2.0 file holds, parsed already; `name` is its path."""
    reading = _Reading()
    for number, entry in enumerate(fields["data"]):
        with_title = _parsed(reading, entry, _Entry, f"{name} data[{number}]", _ENTRY)
        if with_title is not None:
            title = with_title.title.strip() or f"{Path(name).stem} {number + 1}"
            _read_entry(reading, with_title, reading.policy_of(title), f"{name} data[{number}]")
    found = QuestionSet(Path(name).stem, *without_duplicates(reading.questions, reading.problems))
    texts = {policy.id: policy.text for policy in reading.policies.values() if policy.text}
    return replace(found, texts=MappingProxyType(texts), notes=tuple(_notes(reading, name)))


def _read_entry(reading: _Reading, entry: _Entry, policy: _Policy, where: str) -> None:
    for number, fields in enumerate(entry.paragraphs):
        place = f"{where}.paragraphs[{number}]"
        paragraph = _parsed(reading, fields, _Paragraph, place, _PARAGRAPH)
        if paragraph is not None:
            start = policy.start_of(paragraph.context)
            context = _Context(policy.id, paragraph.context, start)
            for position, qa in enumerate(paragraph.qas):
                _read_question(reading, qa, context, f"{place}.qas[{position}]")


def _read_question(reading: _Reading, fields: object, context: _Context, where: str) -> None:
    try:
        parsed = validated(fields, _Question, _QUESTION)
        spans = list(_spans(parsed, context))
        question = JudgedQuestion(
            id=parsed.id,
            question=parsed.question,
            policy=context.policy,
            version=None,
            history=(),
            answerable=not parsed.is_impossible,
            kind=NEAR_MISS if parsed.is_impossible else UNNAMED_KIND,
            verdict=None,
            evidence=tuple(Evidence(EvidenceKind.SPAN, span=span) for span in _once(spans)),
            where=where,
        )
        reading.questions.append(checked_judgement(question))
    except BatchError as problem:
        reading.problems.append(f"{where}: {problem}")
    else:
        given = [context.start + answer.answer_start for answer in _answers(parsed)]
        reading.moved += sum(span.start != start for span, start in zip(spans, given, strict=True))


def _spans(question: _Question, context: _Context) -> Iterator[Span]:
    """The answers as spans of the policy, in their order.

    Raises:
        BatchError: an answer does not stand in the context, or there are too many or too few.
    """
    answers = _answers(question)
    if question.is_impossible and answers:
        raise BatchError(
            'answers: "is_impossible" is true, and yet there is an answer. Take one of them out.'
        )
    if not question.is_impossible and not answers:
        raise BatchError(
            'answers: there is none. Add one with its text, or set "is_impossible" to true.'
        )
    for answer in answers:
        start = context.start + _place(answer, context.text)
        yield Span(start, start + len(answer.text))


def _answers(question: _Question) -> list[_Answer]:
    """The answers that say something; some files write an empty one for an impossible question."""
    return [answer for answer in question.answers if answer.text.strip()]


def _once(spans: Iterable[Span]) -> Iterable[Span]:
    return dict.fromkeys(spans)


def _place(answer: _Answer, context: str) -> int:
    """Where the answer stands in its context: at its answer_start, or nearest to it.

    Raises:
        BatchError: nowhere, or only far from there in several places.
    """
    words, wanted = answer.text, answer.answer_start
    if wanted >= 0 and context.startswith(words, wanted):
        return wanted
    places = [match.start() for match in re.finditer(f"(?={re.escape(words)})", context)]
    if not places:
        raise BatchError(
            f"answers: “{words[:60]}” does not stand in the context. Copy it from there to the "
            "character."
        )
    nearest = min(places, key=lambda place: abs(place - wanted))
    if len(places) > 1 and abs(nearest - wanted) > NEARBY:
        raise BatchError(
            f"answers: “{words[:60]}” stands {len(places)} times in the context, and not at "
            f"answer_start {wanted}. Say which: {', '.join(map(str, places[:5]))}."
        )
    return nearest


def _notes(reading: _Reading, name: str) -> Iterator[str]:
    if reading.moved:
        yield (
            f"{name}: {reading.moved} answers do not stand at their answer_start, but nearby in "
            "the context; they were taken from there."
        )


def _parsed(
    reading: _Reading, fields: object, model: type[Model], where: str, looks_like: str
) -> Model | None:
    try:
        return validated(fields, model, looks_like)
    except BatchError as problem:
        reading.problems.append(f"{where}: {problem}")
        return None
