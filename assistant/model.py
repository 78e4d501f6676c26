"""What an answer is: Answer, Citation, ContextQuote, Status, Reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from policy_text import PolicyVersion, Section, Span, UserError

MAX_QUESTION_CHARACTERS = 4000
PASSAGES_LISTED = 64  # as many as the contract asks for


class QuestionError(UserError):
    """A question that cannot be asked: blank, too long, or with control characters."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks, and of which text.

    Attributes:
        text: as a person typed it, up to MAX_QUESTION_CHARACTERS.
        policy: which policy; None for the one that the question names, or the default.
        version: which version; None for the newest.
        as_of: the version in force on that day.
        region: whose residents' rules to answer with, as "California".
        history: the questions asked before, oldest first.
        id: given back in the answer.
        held: asks this text, which the assistant holds in memory, whatever the library has.
    """

    text: str
    policy: str | None = None
    version: str | None = None
    as_of: date | None = None
    region: str | None = None
    history: tuple[str, ...] = ()
    id: int | str = ""
    held: PolicyVersion | None = None


class Status(Enum):
    """How a question was answered."""

    ANSWERED = "answered"
    SILENT = "silent"
    OUT_OF_SCOPE = "out_of_scope"
    UNCLEAR = "unclear"


class Reason(Enum):
    """Why a question was declined."""

    NO_EVIDENCE = "no_evidence"
    OFF_TOPIC = "off_topic"
    INSTRUCTION = "instruction"
    GIBBERISH = "gibberish"
    LANGUAGE = "language"
    TOO_VAGUE = "too_vague"

    @property
    def status(self) -> Status:
        """The status that a question declined for this reason has."""
        if self is Reason.NO_EVIDENCE:
            return Status.SILENT
        return Status.UNCLEAR if self is Reason.TOO_VAGUE else Status.OUT_OF_SCOPE


class Role(Enum):
    """How a quote helps to understand a citation."""

    LEAD_IN = "lead_in"
    ANTECEDENT = "antecedent"
    EXCEPTION = "exception"
    REFERENCE = "reference"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class ContextQuote:
    """A quote that travels with a citation."""

    role: Role
    section: Section
    span: Span
    quote: str

    def to_json(self) -> dict[str, Any]:
        """As the contract has it."""
        return {
            "role": self.role.value,
            "section": self.section.cited_as,
            "start": self.span.start,
            "end": self.span.end,
            "quote": self.quote,
        }


@dataclass(frozen=True, slots=True)
class Citation:
    """A span offered as evidence; `quote` is the text at its offsets."""

    policy: str
    version: str
    section: Section
    span: Span
    quote: str
    applies_to: str | None
    context: tuple[ContextQuote, ...]

    def to_json(self) -> dict[str, Any]:
        """As the contract has it."""
        return {
            "policy": self.policy,
            "version": self.version,
            "section": self.section.cited_as,
            "section_id": self.section.id,
            "start": self.span.start,
            "end": self.span.end,
            "quote": self.quote,
            "applies_to": self.applies_to,
            "context": [quote.to_json() for quote in self.context],
        }


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage of the ranking, as an answer lists it."""

    section: Section
    span: Span
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, or a decline, and the record of how it came about.

    Attributes:
        text: for a person: quotes with the numbers of their citations, and the sources.
        verdict: "yes" or "no" where the question asks that and the first citation plainly says
            it; None otherwise.
        citations: strongest first; empty unless answered.
        nearest: sections to look at when declining, or meanings to choose from.
        passages: the best PASSAGES_LISTED, best first.
        confidence: probability that the first passage answers, in [0, 1].
        latency_ms: time from question to answer, milliseconds.
        content_hash: SHA-256 of the policy's text.
    """

    id: int | str
    question: str
    policy: str
    version: str
    status: Status
    reason: Reason | None
    text: str
    citations: tuple[Citation, ...]
    nearest: tuple[Section, ...]
    passages: tuple[RankedPassage, ...]
    confidence: float
    latency_ms: float
    content_hash: str
    verdict: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As the contract has it."""
        return {
            "id": self.id,
            "question": self.question,
            "policy": self.policy,
            "version": self.version,
            "status": self.status.value,
            "reason": self.reason.value if self.reason else None,
            "answer": self.text,
            "verdict": self.verdict,
            "citations": [citation.to_json() for citation in self.citations],
            "passages": [
                {
                    "policy": self.policy,
                    "version": self.version,
                    "section": ranked.section.cited_as,
                    "start": ranked.span.start,
                    "end": ranked.span.end,
                    "score": round(ranked.score, 4),
                }
                for ranked in self.passages
            ],
            "confidence": round(self.confidence, 4),
            "latency_ms": round(self.latency_ms, 2),
        }
