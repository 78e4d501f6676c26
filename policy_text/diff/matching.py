"""Two versions of a policy to which of their sections and passages belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policy_text.diff.compared import Alphabet, ComparedVersion, compared_version
from policy_text.diff.passage_pairs import Pair, PassagePairs
from policy_text.diff.references import renumbered
from policy_text.diff.section_pairs import Places, SectionPairs
from policy_text.diff.tiles import tiled_pairs
from policy_text.model import PolicyVersion


@dataclass(frozen=True, slots=True)
class Matching:
    """What belongs together.

    Attributes:
        sections: position of the new section by that of the old one.
        places: where sections stand; passages whose sections have the same number there stand in
            the same place.
    """

    pairs: tuple[Pair, ...]
    sections: Mapping[int, int]
    places: Places


def match_versions(old: PolicyVersion, new: PolicyVersion) -> Matching:
    """What belongs together; the same whichever version is called the old one."""
    if old.text <= new.text:
        return _match(old, new)
    turned = _match(new, old)
    return Matching(
        tuple(Pair(pair.new, pair.old, pair.is_same) for pair in turned.pairs),
        {i: j for j, i in turned.sections.items()},
        Places(turned.places.new, turned.places.old),
    )


def _match(old_version: PolicyVersion, new_version: PolicyVersion) -> Matching:
    """Sections by the words that stand in both, passages by section, then what is left of both."""
    alphabet = Alphabet()
    old, new = compared_version(old_version, alphabet), compared_version(new_version, alphabet)
    sections = SectionPairs(old, new)
    sections.add(_letters_in_common(old, new, _with_same_words(old, new)))
    numbers = _old_numbers(old, new, sections)
    with_old_numbers = [alphabet.write(renumbered(p.keys, numbers)) for p in new.passages]
    passages = PassagePairs(old, new, with_old_numbers)
    passages.add_same_in_place(sections.places())
    passages.add_same_elsewhere()
    passages.add_alike_in_place(sections.places())
    passages.add_alike_elsewhere()
    first_of_pairs = [(pair.old[0], pair.new[0]) for pair in passages.found]
    sections.add(_letters_in_common(old, new, first_of_pairs))
    passages.add_alike_in_place(sections.places())
    return Matching(tuple(passages.found), sections.new_of, sections.places())


def _with_same_words(old: ComparedVersion, new: ComparedVersion) -> list[tuple[int, int]]:
    """Positions of old and new passages with the same words, whatever section they stand in."""
    return tiled_pairs([p.written for p in old.passages], [p.written for p in new.passages])


def _letters_in_common(
    old: ComparedVersion, new: ComparedVersion, pairs: Iterable[tuple[int, int]]
) -> Mapping[tuple[int, int], int]:
    """Letters of paired passages by the positions of their old and new section."""
    common = Counter[tuple[int, int]]()
    for i, j in pairs:
        sections = old.passages[i].section, new.passages[j].section
        common[sections] += len(old.passages[i].letters)
    return common


def _old_numbers(
    old: ComparedVersion, new: ComparedVersion, sections: SectionPairs
) -> Mapping[str, str]:
    """The numbers that sections had in the old version by those in the new one, titles kept."""
    pairs = [(old.sections[i], new.sections[j]) for i, j in sections.new_of.items()]
    return {
        after.number: before.number
        for before, after in pairs
        if before.number and after.number and before.title == after.title
    }
