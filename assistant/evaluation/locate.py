"""Evidence as a set names it to the characters of a policy's text that it means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from assistant.evaluation.questions import (
    Evidence,
    EvidenceKind,
    JudgedQuestion,
    QuestionSet,
    QuestionSetError,
    listed,
)
from assistant.model import QuestionError
from assistant.policy_choice import chosen_version
from policy_text import PolicyFileError, PolicyVersion, Span, UnknownPolicyError
from policy_text.display import display_quote
from policy_text.library import Library, section_span

SENTENCE_WORDS = 4  # from so many words on, a cell quotes; fewer may be any word of the text
HINT_SCORE = 75  # of 100; a quote with a typing error or two scores above 90
_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})
# "3. Sharing", "3.1 Sharing", "A. Sharing", "Section 3: Sharing"
_NUMBER = re.compile(r"(?:section\s+)?(?:\d+(?:\.\d+)*[.):]?|[A-Za-z][.)])\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LocatedQuestion:
    """A question, the version it is asked of, and the characters there that answer.

    Attributes:
        gold: any one of them answers; in the set's order, each place where a quote stands.
    """

    question: JudgedQuestion
    version: PolicyVersion
    gold: tuple[Span, ...]


class NotInTextError(ValueError):
    """Evidence that does not stand in the text; says so, with the mend."""


@dataclass(frozen=True, slots=True)
class AskedOf:
    """Which policy and version those questions are asked of that name none."""

    policy: str | None = None
    version: str | None = None


def locate(
    questions: QuestionSet, library: Library, asked_of: AskedOf = AskedOf()
) -> list[LocatedQuestion]:
    """All questions of a set with their gold spans.

    Raises:
        QuestionSetError: a policy is unknown, or evidence does not stand in its text; all such
            lines are named.
    """
    located, problems = located_and_problems(questions, library, asked_of)
    if problems:
        raise QuestionSetError(listed(problems))
    return located


def located_and_problems(
    questions: QuestionSet, library: Library, asked_of: AskedOf = AskedOf()
) -> tuple[list[LocatedQuestion], list[str]]:
    """The questions that could be located, and a message for each of the others."""
    located: list[LocatedQuestion] = []
    problems: list[str] = []
    for question in questions.questions:
        try:
            located.append(locate_one(question, library, asked_of))
        except (UnknownPolicyError, PolicyFileError, NotInTextError, QuestionError) as problem:
            problems.append(f"{question.where}: {problem}")
    return located, problems


def locate_one(
    question: JudgedQuestion, library: Library, asked_of: AskedOf = AskedOf()
) -> LocatedQuestion:
    """One question with its gold spans.

    Raises:
        UnknownPolicyError: there is no such policy or version.
        NotInTextError: the evidence does not stand in its text.
    """
    version = chosen_version(
        library,
        question.question,
        policy=question.policy or asked_of.policy,
        version=question.version or asked_of.version,
        history=question.history,
    )
    gold = [span for evidence in question.evidence for span in gold_spans(version, evidence)]
    return LocatedQuestion(question, version, tuple(dict.fromkeys(gold)))


def gold_spans(version: PolicyVersion, evidence: Evidence) -> list[Span]:
    """Where the evidence stands in the version's text: each place, in order.

    Raises:
        NotInTextError: nowhere.
    """
    if evidence.kind is EvidenceKind.SPAN:
        return [_inside(version, evidence.span)]
    if evidence.kind is EvidenceKind.WORDING:
        spans = _of_wording(version, evidence.words)
    else:
        spans = list(places(version.text, evidence.words))
    if not spans:
        raise NotInTextError(_not_there(version, evidence))
    return spans


def _inside(version: PolicyVersion, span: Span | None) -> Span:
    assert span is not None
    if span.end > len(version.text):
        raise NotInTextError(
            f"evidence: span [{span.start}, {span.end}) ends after the text of "
            f"{_named(version)}, which has {len(version.text)} characters. See what offsets refer "
            f"to: policy-assistant show {version.policy.id} --raw"
        )
    return span


def places(text: str, words: str) -> Iterator[Span]:
    """Each place where the words stand, overlapping ones too, as score.py finds them."""
    start = text.find(words)
    while start >= 0:
        yield Span(start, start + len(words))
        start = text.find(words, start + 1)


def _of_wording(version: PolicyVersion, words: str) -> list[Span]:
    """What a cell means: sections of that name, or words as they stand or as they are shown.

    Of a sentence that is a heading too, both are meant; of a word such as "Cookies" the section.
    """
    sections = _sections_named(version, words)
    if sections and len(words.split()) < SENTENCE_WORDS:
        return sections
    found = list(places(version.text, words)) or _as_worded(version.text, words)
    return [*sections, *(found or _as_shown(version, words))]


def _as_shown(version: PolicyVersion, words: str) -> list[Span]:
    """The passages in whose shown words, without Markdown, these stand."""
    wanted = " ".join(words.translate(_SAME).split())
    if len(wanted.split()) < SENTENCE_WORDS:
        return []
    spans = (passage.span for passage in version.passages)
    return [s for s in spans if wanted in display_quote(version.quote(s)).translate(_SAME)]


def _sections_named(version: PolicyVersion, words: str) -> list[Span]:
    """The sections of that id, path or title, a title with its number or without."""
    wanted = _plain(words)
    named = [
        section.id
        for section in version.sections
        if wanted in (section.id, _plain(section.cited_as), _plain(section.title))
        or wanted == _plain(_NUMBER.sub("", section.title))
    ]
    return [section_span(version, section_id) for section_id in named]


def _as_worded(text: str, words: str) -> list[Span]:
    """Where the words stand with other quotation marks, dashes and spaces."""
    pattern = r"\s+".join(map(re.escape, words.translate(_SAME).split()))
    return [Span(*match.span()) for match in re.finditer(pattern, text.translate(_SAME))]


def _plain(words: str) -> str:
    return " ".join(words.translate(_SAME).casefold().replace(">", "›").split()).rstrip(".:")


def _not_there(version: PolicyVersion, evidence: Evidence) -> str:
    quoted = evidence.words if len(evidence.words) <= 60 else evidence.words[:59] + "…"
    what = f"evidence: “{quoted}” does not stand in the text of {_named(version)}."
    close = _closest(version, evidence.words, evidence.kind)
    if close is not None:
        return f"{what} Copy it from there to the character; nearest is: “{close}”"
    if evidence.kind is EvidenceKind.WORDING:
        return f"{what} Give a quote, or a section as `policy-assistant show` names it."
    return f"{what} Copy it from: policy-assistant show {version.policy.id} --raw"


def _closest(version: PolicyVersion, words: str, kind: EvidenceKind) -> str | None:
    choices = [version.quote(passage.span) for passage in version.passages]
    if kind is EvidenceKind.WORDING:
        choices += [section.cited_as for section in version.sections]
    best = process.extractOne(words, choices, scorer=fuzz.ratio, score_cutoff=HINT_SCORE)
    return best[0] if best is not None else None


def _named(version: PolicyVersion) -> str:
    return f"{version.policy.id} {version.info.version}"


def versions_of(located: Sequence[LocatedQuestion]) -> list[PolicyVersion]:
    """The versions that are asked, each once, by id and date."""
    found = {(q.version.policy.id, q.version.info.version): q.version for q in located}
    return [found[key] for key in sorted(found)]
