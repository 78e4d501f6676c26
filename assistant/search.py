"""Words to the passages of several texts at once, best first; the question is encoded once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nsmallest
from itertools import islice

from assistant.ask import Assistant
from assistant.regions import Limit, is_for, limit_of
from assistant.scope import checked
from assistant.settings import Settings
from index.build import Progress
from index.encoder import FloatMatrix
from index.retriever import PassageIndex, ScoredPassage, encode_questions
from policy_text import Passage, PolicyVersion

_LETTERS = re.compile(r"[^\W\d_]+")
_BEGUN = re.compile(r"[^\W\d_]{2,}$")
AMONG = 200  # passages of each text that are looked at for those of a region


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that was found, and in which text.

    Attributes:
        score: of the ranking; higher is better, and comparable over texts for the same words.
        limit: whose residents it is for; None for everybody's.
    """

    version: PolicyVersion
    passage: Passage
    score: float
    limit: Limit | None


class SearchableAssistant(Assistant):
    """An assistant that also searches many texts, in the same indexes that its answers come from.

    A second set of opened indexes would take as much memory again.
    """

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        report: Callable[[str], None] = lambda words: None,
        progress: Progress | None = None,
    ) -> SearchableAssistant:
        """See `Assistant.open`."""
        opened = super().open(settings, report=report, progress=progress)
        assert isinstance(opened, cls)
        return opened

    def search(
        self,
        words: str,
        versions: Sequence[PolicyVersion],
        *,
        region: str | None = None,
        limit: int = 20,
    ) -> list[FoundPassage]:
        """The best `limit` passages of all the versions; ties in the order given.

        A last word that is only begun ("cook") counts as the commonest one that begins so. With
        `region`, what is limited to residents of another one is left out.

        Raises:
            QuestionError: the words cannot be asked.
            IndexFolderError: an index is damaged or foreign, or cannot be written.
        """
        question = checked(completed(words, tuple(versions)))
        indexes = [self._index(version) for version in versions]
        found: list[FoundPassage] = []
        for index, ranking in self._rankings(question, indexes):
            found += islice(_of_region(index.version, ranking[:AMONG], region), limit)
        order = {id(version): n for n, version in enumerate(versions)}
        return nsmallest(
            limit, found, key=lambda f: (-f.score, order[id(f.version)], f.passage.position)
        )

    def vectors(self, questions: Sequence[str]) -> FloatMatrix:
        """What questions mean: float32, shape (len(questions), dim), unit rows, in their order."""
        return self.encoder.encode(list(questions)).sentences

    def _rankings(
        self, question: str, indexes: Sequence[PassageIndex]
    ) -> Iterator[tuple[PassageIndex, tuple[ScoredPassage, ...]]]:
        """The ranking of each text; texts that mend the words alike share one encoding."""
        words = [index.looked_for(question) for index in indexes]
        different = list(dict.fromkeys(words))
        encoded = dict(zip(different, encode_questions(different, self.encoder), strict=True))
        for index, looked_for in zip(indexes, words, strict=True):
            yield index, index.search(looked_for, encoded[looked_for]).ranking


def completed(words: str, versions: tuple[PolicyVersion, ...]) -> str:
    """The words with the last one finished, if it is only the beginning of a word of the texts."""
    begun = _BEGUN.search(words)
    if begun is None:
        return words
    counts = Counter[str]()
    for version in versions:
        counts.update(_counts(version.text))
    start = begun[0].casefold()
    if start in counts:
        return words
    candidates = [word for word in counts if word.startswith(start)]
    if not candidates:
        return words
    return words[: begun.start()] + min(candidates, key=lambda word: (-counts[word], word))


@cache
def _counts(text: str) -> Counter[str]:
    """How often each word of a text stands there, without regard to case."""
    return Counter(_LETTERS.findall(text.casefold()))


def _of_region(
    version: PolicyVersion, ranking: Iterable[ScoredPassage], region: str | None
) -> Iterator[FoundPassage]:
    for scored in ranking:
        limit = limit_of(version, scored.passage)
        if is_for(limit, region):
            yield FoundPassage(version, scored.passage, scored.score, limit)
