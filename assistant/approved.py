"""Approved answers: bound to the sections that they cite, found again by meaning."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from assistant.compose import in_words
from assistant.model import Citation
from assistant.regions import is_for, limit_of
from assistant.scope import checked
from assistant.search import SearchableAssistant
from assistant.stores.approved import (
    ApprovedAnswer,
    ApprovedCitation,
    ApprovedError,
    ApprovedStore,
)
from assistant.stores.audit import AuditLog, Event, Visitor
from assistant.wording import dated
from index.question import looked_for
from policy_text import PolicyVersion
from policy_text.diff.words import keys_of

# Cosine of two questions. With policy-minilm half of the pairs that ask for the same thing in other
# words reach it, and one of a thousand that ask for something else (ToS;DR's groups of questions).
LEAST_ALIKE = 0.5
SHOWN = 3  # approved answers to one search


@dataclass(frozen=True, slots=True)
class Standing:
    """An approved answer, and whether it still holds.

    Attributes:
        title: of the policy; its id where it is no longer there.
        why_expired: in words; None where every cited section says the same in the text at hand.
        alike: cosine of its question with the one that was searched, in [-1, 1]; 1 without one.
    """

    answer: ApprovedAnswer
    title: str
    why_expired: str | None
    alike: float = 1.0


def section_hash(version: PolicyVersion, number: int) -> str:
    """SHA-256 of the words of a section's own passages, hexadecimal.

    The words are those that versions are compared by, so that capitals, typography and the
    section's number are no change.
    """
    words = [
        keys_of(version.quote(passage.span))
        for passage in version.passages
        if passage.section == number
    ]
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode("utf-8")).hexdigest()


def bring(
    store: ApprovedStore, answers: Sequence[ApprovedAnswer], audit: AuditLog, visitor: Visitor
) -> int:
    """Keeps answers of an export in a store, and says how many are new.

    Raises:
        UserError: they cannot be kept.
    """
    known = {answer.id for answer in store.all()}
    for answer in answers:
        if answer.id not in known:
            audit.add(
                Event.APPROVAL, visitor, answer=answer.id, policy=answer.policy,
                approved_by=answer.approved_by,
            )  # fmt: skip
    return store.add(answers)


class ApprovedAnswers:
    """Approves, finds and deletes; safe to use from several threads.

    Raises:
        ApprovedError: the file is there and cannot be used.
    """

    def __init__(
        self,
        file: Path,
        assistant: SearchableAssistant,
        audit: AuditLog,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._file = file
        self._assistant = assistant
        self._audit = audit
        self._clock = clock
        # A damaged file is told at once; where nobody approves, there is never a file.
        self._opened = ApprovedStore(file) if file.exists() else None
        self._opening = threading.Lock()
        self._encoded = -1  # the revision at which nothing was left to encode
        self._hashes: dict[tuple[str, str, str], tuple[str, ...]] = {}

    @property
    def store(self) -> ApprovedStore:
        """The file, opened when it is first needed.

        Raises:
            ApprovedError: it cannot be used.
        """
        with self._opening:
            if self._opened is None:
                self._opened = ApprovedStore(self._file)
            return self._opened

    @property
    def is_empty(self) -> bool:
        """Whether nothing has ever been approved; then there is no file either."""
        return self._opened is None and not self._file.exists()

    def approve(
        self, question: str, answer: str, citations: Sequence[tuple[PolicyVersion, Citation]],
        visitor: Visitor,
    ) -> ApprovedAnswer:  # fmt: skip
        """Keeps an answer with what it rests on; it is on disk when this returns.

        Raises:
            UserError: something is missing, or it cannot be kept.
        """
        if len({version.info for version, _ in citations}) != 1:
            raise ApprovedError("An approved answer rests on passages of one version. Pick those.")
        version = citations[0][0]
        cited = [self._approved_citation(version, citation) for _, citation in citations]
        kept = _validated(
            id=secrets.token_hex(8),
            question=checked(question),
            answer=answer.strip(),
            policy=version.policy.id,
            version=version.info.version,
            approved_by=_named(visitor).name,
            approved_at=self._clock().isoformat(timespec="milliseconds"),
            citations=tuple(cited),
        )
        store = self.store
        self._audit.add(
            Event.APPROVAL,
            _named(visitor),
            answer=kept.id,
            policy=kept.policy,
            version=kept.version,
        )
        store.add([kept])
        return kept

    def bring(self, answers: Sequence[ApprovedAnswer], visitor: Visitor) -> int:
        """Keeps answers of an export, and says how many are new; it is on disk when this returns.

        Raises:
            UserError: they cannot be kept.
        """
        return bring(self.store, answers, self._audit, _named(visitor))

    def delete(self, answer_id: str, visitor: Visitor) -> None:
        """Deletes an answer for good.

        Raises:
            UserError: there is none of that id, or the file cannot be written.
        """
        kept = self.store.get(answer_id)
        self._audit.add(Event.DELETION, _named(visitor), answer=kept.id, policy=kept.policy)
        self.store.delete(kept.id)

    def find(
        self, words: str, versions: Sequence[PolicyVersion], *, region: str | None = None
    ) -> list[Standing]:
        """The approved answers on what is searched, the likest first, as these texts stand.

        Of several versions of a policy the first counts.

        Raises:
            UserError: the words cannot be asked, or the file cannot be read.
        """
        texts = {version.policy.id: version for version in reversed(versions)}
        if self.is_empty:
            return []
        self._encode_new()
        known = self.store.meanings(self._assistant.encoder.id)
        if not known.answers or not texts:
            return []
        names = [name for version in texts.values() for name in version.policy.names]
        alike = known.vectors @ self._assistant.vectors([_meant(checked(words), names)])[0]
        order = sorted(range(len(alike)), key=lambda n: (-float(alike[n]), known.answers[n].id))
        found: list[Standing] = []
        for n in order:
            answer = known.answers[n]
            if alike[n] < LEAST_ALIKE or len(found) == SHOWN:
                break
            if answer.policy in texts and self._is_for(answer, region):
                found.append(self.standing(answer, texts[answer.policy], float(alike[n])))
        return found

    def all(self) -> list[Standing]:
        """Every approved answer, the newest first, as the newest versions stand.

        Raises:
            UserError: the file cannot be read.
        """
        return [] if self.is_empty else [self.in_newest(answer) for answer in self.store.all()]

    def in_newest(self, answer: ApprovedAnswer) -> Standing:
        """Whether an answer holds in the newest version of its policy."""
        library = self._assistant.library
        policy = next((p for p in library.policies if p.id == answer.policy), None)
        return self.standing(answer, library.version(policy.versions[-1]) if policy else None)

    def standing(
        self, answer: ApprovedAnswer, version: PolicyVersion | None, alike: float = 1.0
    ) -> Standing:
        """Whether an answer holds in a text; None where the policy is no longer there."""
        if version is None:
            return Standing(answer, answer.policy, "The policy is no longer there.", alike)
        now = frozenset(self._section_hashes(version))
        changed = dict.fromkeys(c.section for c in answer.citations if c.section_hash not in now)
        why = None
        if changed:
            paths = "; ".join(changed)
            why = f"Changed or gone in the version {dated(version.info)}: {paths}."
        return Standing(answer, version.policy.title, why, alike)

    def _approved_citation(self, version: PolicyVersion, citation: Citation) -> ApprovedCitation:
        number = version.sections.index(citation.section)
        return ApprovedCitation(
            section=citation.section.cited_as,
            section_id=citation.section.id,
            section_hash=self._section_hashes(version)[number],
            start=citation.span.start,
            end=citation.span.end,
            quote=citation.quote,
            words=in_words(citation),
        )

    def _section_hashes(self, version: PolicyVersion) -> tuple[str, ...]:
        """The hash of each section of a version, in their order."""
        key = (version.policy.id, version.info.version, version.content_hash)
        if key not in self._hashes:
            count = len(version.sections)
            self._hashes[key] = tuple(section_hash(version, number) for number in range(count))
        return self._hashes[key]

    def _encode_new(self) -> None:
        """Encodes the questions that were approved or brought since the last search."""
        encoder = self._assistant.encoder.id
        revision = self.store.revision
        if revision == self._encoded:
            return
        fresh = self.store.without_vector(encoder)
        if fresh:
            names = {p.id: p.names for p in self._assistant.library.policies}
            words = [_meant(a.question, names.get(a.policy, ())) for a in fresh]
            self.store.keep_vectors(encoder, fresh, self._assistant.vectors(words))
        else:  # what comes between the two readings is encoded at the next search
            self._encoded = revision

    def _is_for(self, answer: ApprovedAnswer, region: str | None) -> bool:
        """Whether nothing that an answer rests on is only for residents of another region."""
        library = self._assistant.library
        infos = [i for i in library.all_versions() if i.policy_id == answer.policy]
        info = next((i for i in infos if i.version == answer.version), None)
        if region is None or info is None:
            return True
        version = library.version(info)
        cited = [
            passage
            for passage in version.passages
            for citation in answer.citations
            if citation.start <= passage.span.start and passage.span.end <= citation.end
        ]
        return all(is_for(limit_of(version, passage), region) for passage in cited)


def _meant(question: str, names: Sequence[str]) -> str:
    """A question without the service's name, which would make all questions on it alike."""
    return looked_for(question, names=names, vocabulary=(), is_word=lambda word: True)


def _named(visitor: Visitor) -> Visitor:
    """The visitor, called "local" where nobody logs in."""
    return Visitor(visitor.name or "local", visitor.address)


def _validated(**fields: object) -> ApprovedAnswer:
    try:
        return ApprovedAnswer.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise ApprovedError(
            f"{first['loc'][0]}: {first['msg']}. Mend it and save again."
        ) from error
