"""Questions to begin with and to go on with: only such as the policy answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.ask import Assistant
from assistant.model import Answer, Question, Status
from policy_text import PolicyVersion, Section, VersionInfo

EXAMPLES = 5
NEXT = 3
SURE = 0.5  # of the confidence in an offered question; those that people ask have no such bar
COMMON_QUESTIONS = (
    "Do you share my personal data with third parties?",
    "How long do you keep my data?",
    "How can I delete my data?",
    "What information do you collect about me?",
    "Do you sell my data?",
    "Do you use cookies?",
    "What do you use my data for?",
    "How do you protect my data?",
    "Can I see the data that you have about me?",
    "Do you collect data from children?",
    "Is my data sent to other countries?",
    "How will I learn of changes to this policy?",
    "How can I contact you about privacy?",
    "Which rights do I have?",
    "Do you track me?",
)

_NUMBER = re.compile(r"^\(?(?:\d+(?:\.\d+)*|[A-Z]|[ivx]+)[.)]\s+")


class Suggestions:
    """Offers questions, each of them asked once before it is offered."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._examples: dict[VersionInfo, tuple[str, ...]] = {}
        self._is_answered: dict[tuple[VersionInfo, str], bool] = {}

    def examples(self, version: PolicyVersion) -> tuple[str, ...]:
        """Common questions that this policy answers, the surest answers of different passages."""
        if version.info not in self._examples:
            asked = [Question(words, held=version) for words in COMMON_QUESTIONS]
            answers = [a for a in self._assistant.ask_many(asked) if isinstance(a, Answer)]
            answered = [a for a in answers if _is_sure(a)]
            self._examples[version.info] = tuple(_of_different_passages(answered))[:EXAMPLES]
        return self._examples[version.info]

    def after(self, answer: Answer, version: PolicyVersion) -> tuple[str, ...]:
        """Questions on the sections beside those that were cited."""
        if answer.status is not Status.ANSWERED:
            return ()
        candidates = [about(section) for section in _beside(answer, version)]
        found = (words for words in candidates if self._answers(version, words))
        return tuple(words for words, _ in zip(found, range(NEXT), strict=False))

    def forget(self, version: PolicyVersion) -> None:
        """Drops what is known of a text that is no longer held."""
        self._examples.pop(version.info, None)
        for key in [key for key in self._is_answered if key[0] == version.info]:
            del self._is_answered[key]

    def _answers(self, version: PolicyVersion, words: str) -> bool:
        key = (version.info, words)
        if key not in self._is_answered:
            (answer,) = self._assistant.ask_many([Question(words, held=version)])
            self._is_answered[key] = isinstance(answer, Answer) and _is_sure(answer)
        return self._is_answered[key]


def about(section: Section) -> str:
    """A question on what a section says; its heading, if that is a question already."""
    title = _NUMBER.sub("", section.title)
    return title if title.endswith("?") else f"What does the policy say about {title}?"


def _beside(answer: Answer, version: PolicyVersion) -> Iterator[Section]:
    """The sections after and before the first cited one, nearest first, without those cited."""
    cited = {citation.section for citation in answer.citations}
    at = version.sections.index(answer.citations[0].section)
    order = sorted(range(len(version.sections)), key=lambda n: (abs(n - at), -n))
    for number in order:
        section = version.sections[number]
        if section not in cited and section.heading is not None:
            yield section


def _is_sure(answer: Answer) -> bool:
    """Whether the question is one to offer: answered, and more likely rightly than not."""
    return answer.status is Status.ANSWERED and answer.confidence >= SURE


def _of_different_passages(answers: Sequence[Answer]) -> Iterator[str]:
    shown: set[int] = set()
    for answer in answers:
        start = answer.citations[0].span.start
        if start not in shown:
            shown.add(start)
            yield answer.question
