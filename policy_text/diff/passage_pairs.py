"""Passages of two versions to those that belong together: the same words, then those alike.

Likeness is the letters of the words that two passages share in the same order, of all their
letters, in [0, 1]. Letters and not words, so that "we may … our …" alone does not make two alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import Indel, LCSseq

from policy_text.diff.compared import ComparedPassage, ComparedVersion
from policy_text.diff.section_pairs import Places
from policy_text.diff.tiles import tiles

# Likeness seen in four pairs of versions of two policies, the shipped ones among them.
CHANGED_MIN = 0.35  # in one section, where unrelated passages reach 0.28, related ones 0.38
CHANGED_ELSEWHERE_MIN = 0.75  # between sections, where unrelated ones ("We keep this …") reach 0.74
PIECE_MIN = 0.7  # of a piece's letters, found in the passage that it is split off from
PIECES_MAX = 12  # passages that one passage may be split into; a sentence made into a list
MOVED_MIN_WORDS = 5  # "Learn more." in two sections is said twice, not moved


class Pair(NamedTuple):
    """Positions of passages that belong together, and whether their words are the same."""

    old: tuple[int, ...]
    new: tuple[int, ...]
    is_same: bool


class _Candidate(NamedTuple):
    """Passages that may belong together; sorted, the best comes first."""

    minus_likeness: float
    passages: int
    old: tuple[int, ...]
    new: tuple[int, ...]


class PassagePairs:
    """Pairs of old and new passages, each passage in one of them at most.

    Attributes:
        found: the pairs in the order in which they were made.
    """

    def __init__(
        self, old: ComparedVersion, new: ComparedVersion, renumbered: Sequence[str]
    ) -> None:
        """Without any pair; `renumbered`: new passages with the old numbers of sections."""
        self._old, self._new, self._renumbered = old.passages, new.passages, renumbered
        self._old_free, self._new_free = set(range(len(self._old))), set(range(len(self._new)))
        self.found: list[Pair] = []

    def add_same_in_place(self, places: Places) -> None:
        """Pairs what has the same words in the same place."""
        self._add_same(
            [(places.old[passage.section], passage.written) for passage in self._old],
            [
                (places.new[passage.section], written)
                for passage, written in zip(self._new, self._renumbered, strict=True)
            ],
        )

    def add_same_elsewhere(self) -> None:
        """Pairs what has the same words in any place, runs of some length only."""
        written = [passage.written for passage in self._old]
        self._add_same(written, self._renumbered, min_words=MOVED_MIN_WORDS)

    def add_alike_in_place(self, places: Places) -> None:
        """Pairs what is alike in the same place."""
        new_at = _by_place(self._new, self._new_free, places.new)
        for place, old in _by_place(self._old, self._old_free, places.old).items():
            self._add_alike(old, new_at.get(place, []), CHANGED_MIN)

    def add_alike_elsewhere(self) -> None:
        """Pairs what is much alike in any place, where there are words enough to know it by."""
        old = [n for n in sorted(self._old_free) if self._old[n].word_count >= MOVED_MIN_WORDS]
        new = [n for n in sorted(self._new_free) if self._new[n].word_count >= MOVED_MIN_WORDS]
        self._add_alike(old, new, CHANGED_ELSEWHERE_MIN)

    def _add_same(
        self, old: Sequence[Hashable], new: Sequence[Hashable], *, min_words: int = 0
    ) -> None:
        """Pairs the longest runs first of what stands for each passage; paired ones are left."""
        old = [key if n in self._old_free else object() for n, key in enumerate(old)]
        new = [key if n in self._new_free else object() for n, key in enumerate(new)]
        for tile in tiles(old, new):
            if sum(self._old[i].word_count for i, _ in tile.pairs()) >= min_words:
                for i, j in tile.pairs():
                    self._take((i,), (j,))

    def _add_alike(self, old: Sequence[int], new: Sequence[int], minimum: float) -> None:
        """Pairs those that are most alike first."""
        for candidate in sorted(self._candidates(old, new, minimum)):
            are_free = self._old_free.issuperset(candidate.old)
            if are_free and self._new_free.issuperset(candidate.new):
                self._take(candidate.old, candidate.new)

    def _candidates(
        self, old: Sequence[int], new: Sequence[int], minimum: float
    ) -> Iterator[_Candidate]:
        """Every old with every new passage, and each with the runs that it may be split into."""
        merged = defaultdict[int, list[int]](list)
        others = {j: self._new[j].letters for j in new}
        for i in old:
            letters, split = self._old[i].letters, list[int]()
            for j, shared in _letters_shared(letters, others):
                likeness = 2 * shared / (len(letters) + len(others[j]))
                if likeness >= minimum:
                    yield _Candidate(-likeness, 2, (i,), (j,))
                if shared >= PIECE_MIN * len(others[j]):
                    split.append(j)
                if shared >= PIECE_MIN * len(letters):
                    merged[j].append(i)
            yield from self._with_runs([((i,), run) for run in _runs(split)], minimum)
        for j, pieces in merged.items():
            yield from self._with_runs([(run, (j,)) for run in _runs(pieces)], minimum)

    def _with_runs(
        self, pairs: Iterable[tuple[tuple[int, ...], tuple[int, ...]]], minimum: float
    ) -> Iterator[_Candidate]:
        for old, new in pairs:
            likeness = Indel.normalized_similarity(*self._letters(old, new))
            if likeness >= minimum:
                yield _Candidate(-likeness, len(old) + len(new), old, new)

    def _take(self, old: tuple[int, ...], new: tuple[int, ...]) -> None:
        self.found.append(Pair(old, new, self._is_same(old, new)))
        self._old_free.difference_update(old)
        self._new_free.difference_update(new)

    def _is_same(self, old: tuple[int, ...], new: tuple[int, ...]) -> bool:
        """Whether the words are the same; between the parts of a split any mark will do."""
        if len(old) + len(new) > 2:
            one, other = self._letters(old, new)
            return one == other
        (i,), (j,) = old, new
        return self._old[i].written in (self._new[j].written, self._renumbered[j])

    def _letters(self, old: tuple[int, ...], new: tuple[int, ...]) -> tuple[str, str]:
        return (
            "".join(self._old[n].letters for n in old),
            "".join(self._new[n].letters for n in new),
        )


def _by_place(
    passages: Sequence[ComparedPassage], free: Iterable[int], places: Sequence[int]
) -> Mapping[int, list[int]]:
    """The free passages by the place of their section, in order."""
    found = defaultdict[int, list[int]](list)
    for n in sorted(free):
        found[places[passages[n].section]].append(n)
    return found


def _letters_shared(letters: str, others: Mapping[int, str]) -> list[tuple[int, int]]:
    """The positions of those that share words with `letters`, in order, and how many letters."""
    found = process.extract(
        letters, others, scorer=LCSseq.similarity, processor=None, limit=None, score_cutoff=1
    )
    return sorted((position, int(shared)) for _, shared, position in found)


def _runs(positions: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every run of two and more adjoining positions."""
    for first, start in enumerate(positions):
        run = positions[first : first + PIECES_MAX]
        for size in range(2, len(run) + 1):
            if run[size - 1] != start + size - 1:
                break
            yield tuple(run[:size])
