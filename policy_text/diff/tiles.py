"""Two sequences to the runs that stand in both, each place used once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple


class Tile(NamedTuple):
    """A run that stands in both of two sequences: where it starts, and its length."""

    old: int
    new: int
    size: int

    def pairs(self) -> Iterator[tuple[int, int]]:
        """The positions that it covers, old with new, in order."""
        return ((self.old + n, self.new + n) for n in range(self.size))


def tiles(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[Tile]:
    """The longest first; of one length the first in `old` comes first, then the first in `new`.

    Source: greedy string tiling, Wise, Technical report 463, University of Sydney, 1993.
    """
    left, right = list(old), list(new)
    while True:
        match = SequenceMatcher(None, left, right, autojunk=False).find_longest_match()
        if not match.size:
            return
        yield Tile(match.a, match.b, match.size)
        left[match.a : match.a + match.size] = [object() for _ in range(match.size)]
        right[match.b : match.b + match.size] = [object() for _ in range(match.size)]


def tiled_pairs(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The positions that all tiles cover, old with new."""
    return [pair for tile in tiles(old, new) for pair in tile.pairs()]
