"""Passages that belong together to what became of each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from policy_text.diff.matching import Matching
from policy_text.diff.order import Placed, in_reading_order
from policy_text.diff.passage_pairs import Pair
from policy_text.model import Passage, PolicyVersion, Span


class ChangeKind(Enum):
    """What became of a passage.

    SAME: the words are the same, and stand in the same section, whatever number, title or place
        the section has now.
    CHANGED: the two belong together, and their words differ; the section may be another one.
    MOVED: the words are the same, but stand in another section, or in another list of it.
    """

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class PassageChange:
    """A passage of one version and what it is in the other.

    Attributes:
        old_passages: adjoining passages of the old version; several where they were merged.
        new_passages: adjoining passages of the new version; several where one was split.
        is_cosmetic: whether the words are the same and only the characters differ.
    """

    kind: ChangeKind
    old_passages: tuple[Passage, ...]
    new_passages: tuple[Passage, ...]
    is_cosmetic: bool = False

    @property
    def old(self) -> Passage | None:
        """The old passage, or the first of several; None where the passage is added."""
        return self.old_passages[0] if self.old_passages else None

    @property
    def new(self) -> Passage | None:
        """The new passage, or the first of several; None where the passage is removed."""
        return self.new_passages[0] if self.new_passages else None

    @property
    def old_span(self) -> Span | None:
        """From the first to the last of the old passages."""
        return _hull(self.old_passages)

    @property
    def new_span(self) -> Span | None:
        """From the first to the last of the new passages."""
        return _hull(self.new_passages)

    @property
    def is_carried_over(self) -> bool:
        """Whether the same words are in both versions."""
        return self.kind in (ChangeKind.SAME, ChangeKind.MOVED)


def passage_changes(
    old: PolicyVersion, new: PolicyVersion, matching: Matching
) -> tuple[PassageChange, ...]:
    """A change for each pair and for each passage left alone, in reading order."""
    standing = _Standing(old, new, matching)
    starts = {passage.section: passage.position for passage in reversed(new.passages)}
    stays = {
        n: (starts[new.passages[pair.new[0]].section], pair.new[-1])
        for pair in matching.pairs
        if standing.is_in_place(pair)
        for n in pair.old
    }
    sections = [passage.section for passage in old.passages]
    return in_reading_order(_placed(old, new, matching, standing), sections, stays)


def introducing(version: PolicyVersion, passage: Passage) -> Passage | None:
    """The passage whose words introduce the list that another one belongs to."""
    if passage.lead_in is None:
        return None
    above = reversed(version.passages[: passage.position])
    return next((p for p in above if p.span == passage.lead_in), None)


class _Standing:
    """Tells whether the passages of a pair stand in the same section and the same list."""

    def __init__(self, old: PolicyVersion, new: PolicyVersion, matching: Matching) -> None:
        self._old, self._new, self._places = old, new, matching.places
        self._new_of = {n: pair.new for pair in matching.pairs for n in pair.old}
        self._old_of = {n: pair.old for pair in matching.pairs for n in pair.new}

    def is_kept(self, pair: Pair) -> bool:
        """Whether they stand in the same section, and in the same list of it."""
        return self.is_in_place(pair) and not self._is_other_list(pair)

    def is_in_place(self, pair: Pair) -> bool:
        """Whether they stand in the same section."""
        old = self._old.passages[pair.old[0]].section
        new = self._new.passages[pair.new[0]].section
        return self._places.old[old] == self._places.new[new]

    def _is_other_list(self, pair: Pair) -> bool:
        """Whether other words introduce the item, and those from before introduce others now.

        Where the words before a list were rewritten beyond likeness, its items stay.
        """
        before = introducing(self._old, self._old.passages[pair.old[0]])
        after = introducing(self._new, self._new.passages[pair.new[0]])
        if before is None or after is None:
            return False
        now, then = self._new_of.get(before.position, ()), self._old_of.get(after.position, ())
        return bool(now or then) and after.position not in now


def _placed(
    old: PolicyVersion, new: PolicyVersion, matching: Matching, standing: _Standing
) -> Iterator[Placed[PassageChange]]:
    for pair in matching.pairs:
        yield Placed(pair.old[0], pair.new[0], _paired(old, new, pair, standing))
    old_paired = {n for pair in matching.pairs for n in pair.old}
    for n, passage in enumerate(old.passages):
        if n not in old_paired:
            yield Placed(n, None, PassageChange(ChangeKind.REMOVED, (passage,), ()))
    new_paired = {n for pair in matching.pairs for n in pair.new}
    for n, passage in enumerate(new.passages):
        if n not in new_paired:
            yield Placed(None, n, PassageChange(ChangeKind.ADDED, (), (passage,)))


def _paired(
    old: PolicyVersion, new: PolicyVersion, pair: Pair, standing: _Standing
) -> PassageChange:
    before = tuple(old.passages[n] for n in pair.old)
    after = tuple(new.passages[n] for n in pair.new)
    if not pair.is_same:
        return PassageChange(ChangeKind.CHANGED, before, after)
    raw_before, raw_after = [old.quote(p.span) for p in before], [new.quote(p.span) for p in after]
    kind = ChangeKind.SAME if standing.is_kept(pair) else ChangeKind.MOVED
    return PassageChange(kind, before, after, is_cosmetic=raw_before != raw_after)


def _hull(passages: Sequence[Passage]) -> Span | None:
    return Span(passages[0].span.start, passages[-1].span.end) if passages else None
