"""References to numbered sections to what they mean, so that renumbering is no change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set

from policy_text.diff.words import BREAK

_SECTION_WORDS = frozenset(("section", "sections", "§"))
_BETWEEN = frozenset(("and", "or", BREAK))  # "sections 3, 4 and 5"
_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})*")
_LAW = frozenset("act code regulation directive gdpr ccpa usc cfr law statute".split())
_OWN = frozenset(("this", "our", "these"))  # "section 5 of this policy", not "of the FTC Act"


def renumbered(keys: Sequence[str], numbers: Mapping[str, str]) -> list[str]:
    """The words of a passage with other numbers for the sections that it refers to."""
    found = list(keys)
    for start, end in _references(keys):
        found[start:end] = [numbers.get(key, key) for key in keys[start:end]]
    return found


def without_titled_numbers(keys: Sequence[str], titles: Set[tuple[str, ...]]) -> tuple[str, ...]:
    """Without the numbers of sections that are also named: "section 11 Contact us".

    Where number and title disagree, the title is meant.
    """
    dropped: set[int] = set()
    for start, end in _references(keys):
        if any(title and tuple(keys[end : end + len(title)]) == title for title in titles):
            dropped.update(n for n in range(start, end) if _NUMBER.fullmatch(keys[n]))
    return tuple(key for n, key in enumerate(keys) if n not in dropped)


def _references(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where the numbers of sections of the policy itself stand; those of laws are left out."""
    for start, key in enumerate(keys, start=1):
        if key in _SECTION_WORDS:
            end = start
            while end < len(keys) and (_NUMBER.fullmatch(keys[end]) or keys[end] in _BETWEEN):
                end += 1
            if not _is_of_law(keys[max(0, start - 3) : start - 1], keys[end : end + 5]):
                yield start, end


def _is_of_law(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether a section may be that of a law: "18 U.S.C. Section 3", "section 5(a) of the Act"."""
    of_what = after[after.index("of") + 1 :] if "of" in after[:4] else ["this"]
    return not _LAW.isdisjoint(before) or _OWN.isdisjoint(of_what[:1])
