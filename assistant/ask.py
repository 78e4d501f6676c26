"""A question to an Answer: retrieve, then answer or decline. The product's table of contents."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Self

from assistant.calibration import Calibration, shipped_calibration
from assistant.compose import Selection, answer_text, cite, for_region, said_to_all, select
from assistant.conversation import is_follow_up, standalone
from assistant.model import (
    PASSAGES_LISTED,
    Answer,
    Citation,
    Question,
    RankedPassage,
    Reason,
    Status,
)
from assistant.outline import outline_passages, outline_text
from assistant.policy_choice import chosen_version
from assistant.scope import checked, is_outline_request, is_too_vague, refused
from assistant.settings import Settings
from assistant.verdict import can_be_said, says_plainly
from assistant.wording import decline
from index.build import Progress, ensure_version
from index.encoder import Encoder, serving_encoder
from index.representation import REPRESENTATION_VERSION
from index.retriever import PassageIndex, Retrieval, ScoredPassage, encode_questions
from index.scoring import weights_id
from index.store import Store
from index.threads import limit_blas
from policy_text import Passage, PolicyVersion, Section, UserError, VersionInfo
from policy_text.display import display_quote
from policy_text.library import Library
from policy_text.parse import PARSER_VERSION

NEAREST_SECTIONS = 3
CONTACT_QUESTION = "How can I contact you with questions about privacy?"
CONTACT_AMONG = 40  # passages nearest to that question
_CONTACT = re.compile(
    r"[\w.+-]+@\w[\w-]*\.\w|\b(?:e-?mail|write to|call|contact) (?:us|our|me)\b|\bcontact form\b"
    r"|\b(?:write to|call)\b.*\d|\[at\]",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all that was settled about it before it was looked up.

    Attributes:
        words: what is looked for.
        own_words: of a follow-up, the same without the topic that it follows; else None.
    """

    id: int | str
    question: str
    words: str
    own_words: str | None
    index: PassageIndex
    region: str | None
    has_history: bool

    @property
    def version(self) -> PolicyVersion:
        """The text that is asked."""
        return self.index.version


class Assistant:
    """Answers questions on the policies of a library, in the policies' own words."""

    def __init__(
        self,
        library: Library,
        store: Store,
        encoder: Encoder,
        *,
        region: str | None = None,
        calibration: Calibration | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.library = library
        self.encoder = encoder
        self._store = store
        self._region = region
        self._calibration = calibration or shipped_calibration(encoder.id)
        self._progress = progress
        self._indexes: dict[VersionInfo, PassageIndex] = {}
        self._contacts: dict[VersionInfo, str] = {}

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        progress: Progress | None = None,
    ) -> Self:
        """The assistant that `settings` describe.

        From then on numpy's matrix products in this process run on as many threads as the model,
        so that the same question has the same scores to the last digit wherever it is asked.

        Raises:
            UserError: the model or the policies are not there.
        """
        limit_blas()
        encoder = serving_encoder(settings.model)
        return cls(
            Library(settings.policies),
            Store(settings.index_folder),
            encoder,
            region=settings.region,
            progress=progress,
        )

    def ask(
        self,
        question: str,
        *,
        policy: str | None = None,
        version: str | None = None,
        as_of: date | None = None,
        region: str | None = None,
        history: Sequence[str] = (),
        id: int | str = "",
    ) -> Answer:
        """The answer to one question, or the reason why there is none.

        The arguments are those of `Question`.

        Raises:
            QuestionError: the question cannot be asked.
            UnknownPolicyError: there is no such policy or version.
            IndexFolderError: the index is damaged or foreign, or cannot be written.
        """
        asked = Question(question, policy, version, as_of, region, tuple(history), id)
        (answer,) = self.ask_many([asked])
        if isinstance(answer, UserError):
            raise answer
        return answer

    def ask_many(self, questions: Sequence[Question]) -> list[Answer | UserError]:
        """The answers to several questions, in their order, encoded in one pass.

        What keeps one question from being asked stands in its place; the others are answered.
        """
        started = time.perf_counter()
        asked = [self._settled(question) for question in questions]
        ready = [one for one in asked if isinstance(one, Asked)]
        answers = iter(list(self._answers(ready)))
        elapsed = (time.perf_counter() - started) * 1000
        return [
            one if isinstance(one, UserError) else replace(next(answers), latency_ms=elapsed)
            for one in asked
        ]

    def hold(self, version: PolicyVersion) -> None:
        """Makes a text that no library has ready for questions, in memory only."""
        self._indexes[version.info] = PassageIndex.in_memory(version, self.encoder)

    def release(self, version: PolicyVersion) -> None:
        """Forgets a text that was held."""
        self._indexes.pop(version.info, None)
        self._contacts.pop(version.info, None)

    def _settled(self, question: Question) -> Asked | UserError:
        """What is asked of which text; where that cannot be told, why."""
        try:
            text = checked(question.text)
            version = question.held or self.choose(
                text,
                policy=question.policy,
                version=question.version,
                as_of=question.as_of,
                history=question.history,
            )
            index = self.index_of(version)
        except UserError as problem:
            return problem
        whole = standalone(text, question.history)
        return Asked(
            question.id,
            question.text,
            index.looked_for(whole),
            index.looked_for(text) if whole != text else None,
            index,
            question.region or self._region,
            bool(question.history),
        )

    def _answers(self, asked: Sequence[Asked]) -> Iterator[Answer]:
        words = [one.words for one in asked]
        words += [one.own_words for one in asked if one.own_words is not None]
        encoded = iter(encode_questions(words, self.encoder) if words else [])
        wholes = list(islice(encoded, len(asked)))
        for one, whole in zip(asked, wholes, strict=True):
            alone = None if one.own_words is None else next(encoded)
            yield self._answer(one, one.index.search(whole, alone=alone))

    def choose(
        self,
        question: str,
        *,
        policy: str | None = None,
        version: str | None = None,
        as_of: date | None = None,
        history: Sequence[str] = (),
    ) -> PolicyVersion:
        """The version that is asked; see `chosen_version`."""
        return chosen_version(
            self.library, question, policy=policy, version=version, as_of=as_of, history=history
        )

    @property
    def id(self) -> str:
        """A name of model and fitted numbers: the same id gives the same answers."""
        fitted = weights_id(self.encoder.id)
        return f"{self.encoder.id}/{fitted}/{REPRESENTATION_VERSION}/{PARSER_VERSION}"

    def prepare(self, version: PolicyVersion) -> None:
        """Builds the index of a version where it is missing or outdated; loads no model otherwise.

        Raises:
            IndexFolderError: the index is damaged or foreign, or cannot be written.
        """
        ensure_version(version, self.encoder, self._store, progress=self._progress)

    def warm_up(self, version: PolicyVersion) -> None:
        """Loads the model and opens (or builds) the index before the first question comes.

        Raises:
            IndexFolderError: the index is damaged or foreign, or cannot be written.
        """
        self.index_of(version).retrieve(CONTACT_QUESTION)
        if self.encoder.verdicts is not None:
            self.encoder.verdicts.read(CONTACT_QUESTION, CONTACT_QUESTION)

    def retrieve(self, question: str, version: PolicyVersion) -> Retrieval:
        """The ranking behind an answer.

        Raises:
            QuestionError: the question cannot be asked.
            IndexFolderError: the index is damaged or foreign, or cannot be written.
        """
        return self.index_of(version).retrieve(checked(question))

    def index_of(self, version: PolicyVersion) -> PassageIndex:
        """The opened index of a version, built first where it is missing or outdated."""
        if version.info not in self._indexes:
            self.prepare(version)
            self._indexes[version.info] = PassageIndex.open(version, self._store, self.encoder)
        return self._indexes[version.info]

    def _answer(self, asked: Asked, retrieved: Retrieval) -> Answer:
        retrieval = for_region(asked.version, retrieved, asked.region)
        ranking = retrieval.ranking
        if not ranking:  # the whole policy is for residents of another region
            return self._declined(asked, Reason.NO_EVIDENCE, ranking, 0.0)
        confidence = self._calibration.confidence(retrieval)
        if is_outline_request(asked.question):
            return self._outline(asked, ranking)
        reason = self._reason(asked, retrieval)
        if reason is None:
            selections = select(asked.version, self._calibration.cited(retrieval))
            return self._answered(asked, selections, retrieval, confidence)
        if reason in (Reason.INSTRUCTION, Reason.GIBBERISH):
            confidence = 0.0  # nothing was asked that a passage could answer
        return self._declined(asked, reason, ranking, confidence)

    def _reason(self, asked: Asked, retrieval: Retrieval) -> Reason | None:
        """Why the question is declined; None where the first passage is offered."""
        reason = refused(asked.question, self._pieces)
        if reason is not None:
            return reason
        if is_too_vague(asked.question) and not (
            asked.has_history and is_follow_up(asked.question)
        ):
            return Reason.TOO_VAGUE
        if self._calibration.is_answerable(retrieval):
            return None
        is_off_topic = self._calibration.is_off_topic(retrieval)
        return Reason.OFF_TOPIC if is_off_topic else Reason.NO_EVIDENCE

    def _pieces(self, word: str) -> int:
        return len(self.encoder.pieces(word))

    def _answered(
        self,
        asked: Asked,
        selections: Sequence[Selection],
        retrieval: Retrieval,
        confidence: float,
    ) -> Answer:
        citations = tuple(cite(asked.version, selection) for selection in selections)
        verdict = self._verdict(asked, citations[0], retrieval, confidence)
        text = answer_text(asked.version, citations, verdict)
        answer = self._record(
            asked, Status.ANSWERED, text, retrieval.ranking, confidence, citations=citations
        )
        return replace(answer, verdict=verdict)

    def _verdict(
        self, asked: Asked, first: Citation, retrieval: Retrieval, confidence: float
    ) -> str | None:
        """Yes or no, if the question asks that plainly and the first citation says it to all."""
        reader = self.encoder.verdicts
        words = said_to_all(first, asked.region)
        if reader is None or words is None or not can_be_said(asked.question, words):
            return None
        if not self._calibration.may_be_sure(confidence):
            return None  # without the milliseconds that reading takes
        passage = asked.index.encoded_text(retrieval.ranking[0].passage)
        chances = reader.read(retrieval.looked_for, passage)
        verdict = self._calibration.verdict(chances, confidence)
        return verdict if verdict is not None and says_plainly(verdict, words) else None

    def _outline(self, asked: Asked, ranking: Sequence[ScoredPassage]) -> Answer:
        """The policy's sections, each with its first sentence: what "summarise it" gets."""
        first = outline_passages(asked.version, asked.region)
        citations = tuple(cite(asked.version, Selection(p, (p,))) for p in first)
        shown = {passage.position for passage in first}
        top = ranking[0].score if ranking else 0.0
        reordered = [ScoredPassage(passage, top) for passage in first]
        reordered += [s for s in ranking if s.passage.position not in shown]
        text = outline_text(asked.version, citations)
        return self._record(asked, Status.ANSWERED, text, reordered, 1.0, citations=citations)

    def _declined(
        self, asked: Asked, reason: Reason, ranking: Sequence[ScoredPassage], confidence: float
    ) -> Answer:
        nearest = nearest_sections(asked.version, [scored.passage for scored in ranking])
        if reason.status is Status.OUT_OF_SCOPE and reason is not Reason.OFF_TOPIC:
            nearest = ()
        text = decline(reason, asked.version, nearest, self._contact(asked.version))
        return self._record(asked, reason.status, text, ranking, confidence, reason, nearest)

    def _contact(self, version: PolicyVersion) -> str | None:
        """The policy's own words on how to reach the organisation; None where it has none."""
        if version.info not in self._contacts:
            ranking = self.index_of(version).retrieve(CONTACT_QUESTION).ranking
            nearest = (version.quote(scored.passage.span) for scored in ranking[:CONTACT_AMONG])
            found = next((words for words in nearest if _CONTACT.search(words)), "")
            self._contacts[version.info] = display_quote(found)
        return self._contacts[version.info] or None

    def _record(
        self,
        asked: Asked,
        status: Status,
        text: str,
        ranking: Sequence[ScoredPassage],
        confidence: float,
        reason: Reason | None = None,
        nearest: Sequence[Section] = (),
        citations: tuple[Citation, ...] = (),
    ) -> Answer:
        version = asked.version
        passages = tuple(
            RankedPassage(version.section_of(s.passage), s.passage.span, s.score)
            for s in ranking[:PASSAGES_LISTED]
        )
        return Answer(
            id=asked.id,
            question=asked.question,
            policy=version.policy.id,
            version=version.info.version,
            status=status,
            reason=reason,
            text=text,
            citations=citations,
            nearest=tuple(nearest),
            passages=passages,
            confidence=confidence,
            latency_ms=0.0,
            content_hash=version.content_hash,
        )


def nearest_sections(version: PolicyVersion, passages: Sequence[Passage]) -> tuple[Section, ...]:
    """The first few sections that the passages stand in."""
    sections = dict.fromkeys(version.section_of(passage) for passage in passages)
    return tuple(sections)[:NEAREST_SECTIONS]
