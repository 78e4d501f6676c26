"""JSON Lines with judgements to a QuestionSet and what is wrong in it; the nouns of a set (I/O)."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.model import QuestionError
from assistant.question_lines import BatchError, QuestionLine, numbered_lines, parse_line
from assistant.scope import checked
from policy_text import Span, UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

SETS = Path(__file__).parent / "sets"
ALL_SETS = "all"  # instead of a set's name: every set that ships

NEAR_MISS = "unanswerable"  # a privacy question that the policy nearly answers
OFF_TOPIC = frozenset({"offtopic", "injection"})  # no question for a privacy policy
YES_NO = "yesno"
UNNAMED_KIND = "other"  # of questions whose set names no kind

PROBLEMS_SHOWN = 20


class QuestionSetError(UserError):
    """A question set that cannot be used, with all that is wrong in it."""


class EvidenceKind(Enum):
    """How a set names the words that answer."""

    QUOTE = "quote"  # must stand in the text to the character
    WORDING = "wording"  # a spreadsheet's cell: a section, or words in other quotes and spaces
    SPAN = "span"  # characters of the text


@dataclass(frozen=True, slots=True)
class Evidence:
    """What answers a question, as its set names it: `words`, or for a SPAN `span`."""

    kind: EvidenceKind
    words: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question with what a person ruled about its answer.

    Attributes:
        id: unique in its set.
        policy: None where the set leaves it to the options, or to the question itself.
        kind: how the question is put, or why the policy does not answer it.
        verdict: "yes" or "no" for a question that the policy answers so without conditions.
        evidence: any one of them answers; empty if and only if the policy does not answer.
        where: where it stands, for messages: "questions.jsonl line 17".
    """

    id: int | str
    question: str
    policy: str | None
    version: str | None
    history: tuple[str, ...]
    answerable: bool
    kind: str
    verdict: str | None
    evidence: tuple[Evidence, ...]
    where: str

    def content(self) -> list[object]:
        """All that makes it this question with these judgements; where it stands is no part."""
        evidence = [
            [e.kind.value, e.words, [e.span.start, e.span.end] if e.span else None]
            for e in self.evidence
        ]
        return [self.id, self.question, self.policy, self.version, list(self.history),
                self.answerable, self.kind, self.verdict, evidence]  # fmt: skip


@dataclass(frozen=True)
class QuestionSet:
    """Questions with judgements, and what is wrong with those that were left out.

    Attributes:
        texts: policies that the set brings along, by id; empty if it asks of a library's.
        problems: one message for each thing to mend, with file and line.
        notes: what a person should know of the set and need not mend.
    """

    name: str
    questions: tuple[JudgedQuestion, ...]
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """SHA-256 over the questions and judgements, hexadecimal."""
        contents = [question.content() for question in self.questions]
        return hashlib.sha256(json.dumps(contents).encode()).hexdigest()

    def checked(self) -> QuestionSet:
        """The set itself, if nothing is wrong with it.

        Raises:
            QuestionSetError: something is; the message names file, line and mend.
        """
        if self.problems:
            raise QuestionSetError(listed(self.problems))
        if not self.questions:
            raise QuestionSetError(f"{self.name} holds no question. Add at least one.")
        return self


class _SpanFields(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    start: int
    end: int


class JudgedLine(QuestionLine):
    """One line of a set: a question, and the judgement on it."""

    answerable: bool
    kind: Annotated[str, StringConstraints(pattern=r"\S")] | None = None
    verdict: Literal["yes", "no"] | None = None
    evidence: list[str | _SpanFields] = Field(default_factory=list)


def shipped_sets() -> tuple[str, ...]:
    """The names of the sets that ship, in order."""
    return tuple(sorted(path.stem for path in SETS.glob("*.jsonl")))


def set_path(name: str) -> Path:
    """Where the set of that name stands, or the file of that path.

    Raises:
        QuestionSetError: there is neither.
    """
    if name in shipped_sets():
        return SETS / f"{name}.jsonl"
    path = Path(name)
    if not os.path.lexists(path):  # unlike Path.exists, this raises for no name whatever
        raise QuestionSetError(
            f"There is no question set {name}: neither a file nor a set that ships "
            f"({', '.join(shipped_sets())}). Check the path."
        )
    return path


def read_judged_lines(text: str, name: str) -> QuestionSet:
    """The set that JSON Lines with judgements hold; `problems` names the lines that are wrong."""
    lines = ((f"{name} line {number}", raw) for number, raw in numbered_lines(text))
    return judged_set(Path(name).stem, lines)


def judged_set(name: str, lines: Iterable[tuple[str, str]]) -> QuestionSet:
    """The set that JSON objects with judgements are, each with where it stands."""
    questions: list[JudgedQuestion] = []
    problems: list[str] = []
    for where, raw in lines:
        try:
            questions.append(_judged(parse_line(raw, JudgedLine), where))
        except BatchError as problem:
            problems.append(f"{where}: {_as_judged(problem)}")
    return QuestionSet(name, *without_duplicates(questions, problems))


def without_duplicates(
    questions: Iterable[JudgedQuestion], problems: Sequence[str]
) -> tuple[tuple[JudgedQuestion, ...], Mapping[str, str], tuple[str, ...]]:
    """The questions whose id stands first, no texts, and the problems with the others added."""
    first: dict[int | str, JudgedQuestion] = {}
    found = list(problems)
    for question in questions:
        if question.id in first:
            found.append(
                f"{question.where}: the id {question.id!r} stands already in "
                f"{first[question.id].where}. Give each question its own."
            )
        else:
            first[question.id] = question
    return tuple(first.values()), MappingProxyType({}), tuple(found)


def checked_judgement(question: JudgedQuestion) -> JudgedQuestion:
    """The question, if its parts agree with each other.

    Raises:
        BatchError: they do not.
    """
    if not question.question.strip():
        raise BatchError("question: it is blank. Write the question, or take the line out.")
    _check_characters(question)
    if question.answerable and not question.evidence:
        raise BatchError(
            "evidence: an answerable question needs at least one quote that answers. Add it, or "
            'set "answerable" to false.'
        )
    if not question.answerable and question.evidence:
        raise BatchError(
            "evidence: a question that the policy does not answer has none. Empty it, or set "
            '"answerable" to true.'
        )
    if not question.answerable and question.verdict:
        raise BatchError("verdict: the policy does not answer, so there is none. Set it to null.")
    return question


def listed(problems: Sequence[str]) -> str:
    """The problems, a line each; of many the first, and how many more there are."""
    shown = list(problems[:PROBLEMS_SHOWN])
    if len(problems) > len(shown):
        shown.append(f"… and {len(problems) - len(shown)} more.")
    return "\n".join(shown)


def _judged(line: JudgedLine, where: str) -> JudgedQuestion:
    question = JudgedQuestion(
        id=line.id,
        question=line.question,
        policy=line.policy,
        version=line.version,
        history=tuple(line.history),
        answerable=line.answerable,
        kind=line.kind or UNNAMED_KIND,
        verdict=line.verdict,
        evidence=tuple(_evidence(entry) for entry in line.evidence),
        where=where,
    )
    return checked_judgement(question)


def _evidence(entry: str | _SpanFields) -> Evidence:
    if isinstance(entry, str):
        if not entry.strip():
            raise BatchError("evidence: a quote is blank. Copy the words from the policy's text.")
        return Evidence(EvidenceKind.QUOTE, words=entry)
    if entry.start < 0:
        raise BatchError(f"evidence: span [{entry.start}, {entry.end}) starts before the text. "
                         "Count from 0.")  # fmt: skip
    if entry.end <= entry.start:
        raise BatchError(
            f"evidence: span [{entry.start}, {entry.end}) ends before it starts. Swap the two, or "
            "give the quote instead."
        )
    return Evidence(EvidenceKind.SPAN, span=Span(entry.start, entry.end))


def _check_characters(question: JudgedQuestion) -> None:
    """Refuses what could not be asked, or not be written to a file."""
    try:
        checked(question.question)
        json.dumps(question.content(), ensure_ascii=False).encode()
    except QuestionError as problem:
        raise BatchError(f"question: {problem}") from problem
    except UnicodeEncodeError as error:
        raise BatchError(
            "a character is only half there (an unpaired surrogate). Write it whole."
        ) from error


def _as_judged(problem: BatchError) -> str:
    """The message of a line that is wrong, with what a judged line looks like."""
    return str(problem).replace(
        '{"id": "…", "question": "…"}',
        '{"id": "…", "question": "…", "answerable": true, "evidence": ["…"]}',
    )
