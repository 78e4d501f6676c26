"""Words to the passages of several texts at once, best first; the question is encoded once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from assistant.ask import Assistant
from assistant.regions import Limit, is_for, limit_of
from assistant.scope import checked
from index.encoder import FloatMatrix
from index.retriever import ScoredPassage, encode_questions
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
        question = checked(completed(words, tuple(version.text for version in versions)))
        ranked = [
            (-scored.score, order, scored.passage.position, scored.passage)
            for order, ranking in enumerate(self._rankings(question, versions))
            for scored in ranking[:AMONG]
        ]
        # The key is different for each passage, so that passages themselves are never compared.
        best = ((versions[order], passage, -score) for score, order, _, passage in sorted(ranked))
        return list(islice(_of_region(best, region), limit))

    def vectors(self, questions: Sequence[str]) -> FloatMatrix:
        """What questions mean: float32, shape (len(questions), dim), unit rows, in their order."""
        return self.encoder.encode(list(questions)).sentences

    def _rankings(
        self, question: str, versions: Sequence[PolicyVersion]
    ) -> Iterator[tuple[ScoredPassage, ...]]:
        """The ranking of each text; texts that mend the words alike share one encoding."""
        indexes = [self.index_of(version) for version in versions]
        words = [index.looked_for(question) for index in indexes]
        different = list(dict.fromkeys(words))
        encoded = dict(zip(different, encode_questions(different, self.encoder), strict=True))
        for index, looked_for in zip(indexes, words, strict=True):
            yield index.search(encoded[looked_for], read=False).ranking


def completed(words: str, texts: tuple[str, ...]) -> str:
    """The words with the last one finished, if it is only the beginning of a word of the texts."""
    begun = _BEGUN.search(words)
    if begun is None:
        return words
    counts = _counts(texts)
    start = begun[0].casefold()
    if start in counts:
        return words
    candidates = [word for word in counts if word.startswith(start)]
    if not candidates:
        return words
    return words[: begun.start()] + min(candidates, key=lambda word: (-counts[word], word))


@lru_cache(maxsize=32)
def _counts(texts: tuple[str, ...]) -> Counter[str]:
    """How often each word stands in the texts, without regard to case."""
    return Counter(word for text in texts for word in _LETTERS.findall(text.casefold()))


def _of_region(
    ranked: Iterable[tuple[PolicyVersion, Passage, float]], region: str | None
) -> Iterator[FoundPassage]:
    for version, passage, score in ranked:
        limit = limit_of(version, passage)
        if is_for(limit, region):
            yield FoundPassage(version, passage, score, limit)
