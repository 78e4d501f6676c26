"""Sections of two versions to those that belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from policy_text.diff.compared import ComparedSection, ComparedVersion

SHARED_MIN = 0.5  # of the letters of two sections with other titles: the most of both is shared
SHARED_AND_TITLE_MIN = 1.0  # that share and the likeness of the titles, added; either may be weak


class Places(NamedTuple):
    """A number for each section of both versions, the same for those that are one place."""

    old: Sequence[int]
    new: Sequence[int]


class SectionPairs:
    """Pairs of an old and a new section: by titles from the top, by words, by title alone."""

    def __init__(self, old: ComparedVersion, new: ComparedVersion) -> None:
        self._old, self._new = old, new
        self._once = _said_once(old.sections) & _said_once(new.sections)
        self._common: Mapping[tuple[int, int], int] = {}
        self.new_of: dict[int, int] = {0: 0}  # what stands before the first heading

    def add(self, common: Mapping[tuple[int, int], int]) -> None:
        """Pairs what is left; `common`: letters that an old and a new section have in common."""
        self._common = common
        self._pair(self._has_path)
        self._pair(self._has_words)
        self._pair(self._has_single_title)
        self._pair(self._has_children)
        self._pair(self._has_title_and_parent)

    def places(self) -> Places:
        """Where the sections stand: two that are a pair stand in one place.

        A question is a section only where there are several; where it is one in one version and
        a mere heading in the other, its place is the section above it.
        """
        old_of = {j: i for i, j in self.new_of.items()}
        old_places = list(range(len(self._old.sections)))
        new_places = [old_of.get(j, ~j) for j in range(len(self._new.sections))]
        _stand_above(old_places, self._old, self._new, self.new_of)
        _stand_above(new_places, self._new, self._old, old_of)
        return Places(old_places, new_places)

    def _pair(self, fits: Callable[[int, int], bool]) -> None:
        """Pairs the sections left that fit, those that share most first."""
        taken = set(self.new_of.values())
        old = [i for i in range(len(self._old.sections)) if i not in self.new_of]
        new = [j for j in range(len(self._new.sections)) if j not in taken]
        found = sorted((-self._share(i, j), i, j) for i in old for j in new if fits(i, j))
        for _, i, j in found:
            if i not in self.new_of and j not in taken:
                self.new_of[i] = j
                taken.add(j)

    def _share(self, i: int, j: int) -> float:
        """Letters in common, of all letters of both; in [0, 1]."""
        total = self._old.letter_counts.get(i, 0) + self._new.letter_counts.get(j, 0)
        return 2 * self._common.get((i, j), 0) / max(1, total)

    def _has_path(self, i: int, j: int) -> bool:
        return self._old.sections[i].path == self._new.sections[j].path

    def _has_words(self, i: int, j: int) -> bool:
        old, new = self._old.sections[i], self._new.sections[j]
        is_part = (new.title, i) in self._old.folded or (old.title, j) in self._new.folded
        share = self._share(i, j)
        if not share or is_part:
            return False
        titles = Indel.normalized_similarity(old.written, new.written)
        return share >= SHARED_MIN or share + titles >= SHARED_AND_TITLE_MIN

    def _has_title(self, i: int, j: int) -> bool:
        return self._old.sections[i].title == self._new.sections[j].title

    def _has_single_title(self, i: int, j: int) -> bool:
        return self._has_title(i, j) and self._old.sections[i].title in self._once

    def _has_children(self, i: int, j: int) -> bool:
        below = [n for n, section in enumerate(self._old.sections) if section.parent == i]
        paired = [self.new_of[n] for n in below if n in self.new_of]
        return 2 * sum(self._new.sections[n].parent == j for n in paired) > len(below)

    def _has_title_and_parent(self, i: int, j: int) -> bool:
        above = self._old.sections[i].parent
        is_below = above is not None and self.new_of.get(above) == self._new.sections[j].parent
        return is_below and self._has_title(i, j)


def _said_once(sections: Iterable[ComparedSection]) -> set[tuple[str, ...]]:
    titles = Counter(section.title for section in sections)
    return {title for title, count in titles.items() if count == 1}


def _stand_above(
    places: list[int], side: ComparedVersion, other: ComparedVersion, other_of: Mapping[int, int]
) -> None:
    """Gives the sections that are mere headings on the other side the place of their parent."""
    for position, section in enumerate(side.sections):
        if section.parent is not None and position not in other_of:
            heading = section.title, other_of.get(section.parent, -1)
            if heading in other.folded:
                places[position] = places[section.parent]
