"""Changes of two versions to one reading order, that of the new text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Generic, NamedTuple, TypeVar

Change = TypeVar("Change")


class Placed(NamedTuple, Generic[Change]):
    """A change and the position of what it is about in each version; None where it is in none."""

    old: int | None
    new: int | None
    change: Change


def in_reading_order(
    placed: Iterable[Placed[Change]],
    groups: Sequence[int],
    stays: Mapping[int, tuple[int, int]],
) -> tuple[Change, ...]:
    """Sorts by the place in the new text; what was removed stands behind what it followed.

    Args:
        placed: changes that are in at least one of the versions.
        groups: for each old position the group that it should be kept with.
        stays: for old positions that are in both, where in the new version their group starts
            and where they stand themselves.
    """
    ordered = sorted(placed, key=lambda entry: _key(entry.old, entry.new, groups, stays))
    return tuple(entry.change for entry in ordered)


def _key(
    old: int | None, new: int | None, groups: Sequence[int], stays: Mapping[int, tuple[int, int]]
) -> tuple[int, int, int]:
    if new is not None:
        return new, 0, 0
    assert old is not None, "neither old nor new"
    before, after = range(old - 1, -1, -1), range(old + 1, len(groups))
    for n in takewhile(lambda n: groups[n] == groups[old], before):
        if n in stays:
            return stays[n][1], 1, old
    for n in takewhile(lambda n: groups[n] == groups[old], after):
        if n in stays:
            return stays[n][0] - 1, 1, old
    return next((stays[n][1] for n in before if n in stays), -1), 1, old
