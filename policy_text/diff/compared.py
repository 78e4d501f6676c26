"""A version to its passages and sections as they are compared with those of another version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policy_text.diff.references import without_titled_numbers
from policy_text.diff.words import keys_of, title_key, title_number, without_breaks
from policy_text.display import display_quote
from policy_text.model import PolicyVersion

FIRST_SURROGATE, SURROGATES = 0xD800, 0x800  # code points that are no characters


class Alphabet:
    """Writes every word as one character, repeated as often as the word has letters.

    So rapidfuzz, which compares characters, compares words, counted by their letters.
    """

    def __init__(self) -> None:
        self._characters: dict[str, str] = {}

    def write(self, words: Iterable[str]) -> str:
        """A string as long as the words have letters; the same for the same words."""
        return "".join(self._character(word) * len(word) for word in words)

    def _character(self, word: str) -> str:
        number = len(self._characters) + 1
        fresh = chr(number if number < FIRST_SURROGATE else number + SURROGATES)
        return self._characters.setdefault(word, fresh)


@dataclass(frozen=True, slots=True)
class ComparedPassage:
    """A passage as it is compared.

    Attributes:
        keys: its words and breaks; see `words.keys_of`.
        written: the keys as an alphabet writes them.
        letters: the words alone as an alphabet writes them.
        word_count: how many words these are.
        section: position of its section.
    """

    keys: tuple[str, ...]
    written: str
    letters: str
    word_count: int
    section: int


@dataclass(frozen=True, slots=True)
class ComparedSection:
    """A section as it is compared.

    Attributes:
        title: its words.
        written: the title as an alphabet writes it.
        path: the titles from the top.
        number: the number in its title; of two with the same number only the first has it.
        parent: position of the section above; None at the top.
    """

    title: tuple[str, ...]
    written: str
    path: tuple[tuple[str, ...], ...]
    number: str | None
    parent: int | None


@dataclass(frozen=True, slots=True)
class ComparedVersion:
    """One of two versions as they are compared.

    Attributes:
        folded: titles of headings that open no section, each with the position of the section
            that it stands in.
        letter_counts: letters of the words of each section's own passages.
    """

    passages: tuple[ComparedPassage, ...]
    sections: tuple[ComparedSection, ...]
    folded: frozenset[tuple[tuple[str, ...], int]]
    letter_counts: Mapping[int, int]


def compared_version(version: PolicyVersion, alphabet: Alphabet) -> ComparedVersion:
    """A version as it is compared with others that are written in the same alphabet."""
    sections = _sections(version, alphabet)
    titles = frozenset(section.title for section in sections[1:])
    passages = _passages(version, titles, alphabet)
    counts = Counter[int]()
    for passage in passages:
        counts[passage.section] += len(passage.letters)
    return ComparedVersion(passages, sections, _folded_headings(version), counts)


def _sections(version: PolicyVersion, alphabet: Alphabet) -> tuple[ComparedSection, ...]:
    found: list[ComparedSection] = []
    numbers: set[str | None] = set()
    for section in version.sections:
        title, number = title_key(section.title), title_number(section.title)
        path = tuple(map(title_key, section.path))
        own = None if number in numbers else number
        found.append(ComparedSection(title, alphabet.write(title), path, own, section.parent))
        numbers.add(number)
    return tuple(found)


def _passages(
    version: PolicyVersion, titles: frozenset[tuple[str, ...]], alphabet: Alphabet
) -> tuple[ComparedPassage, ...]:
    found: list[ComparedPassage] = []
    for passage in version.passages:
        keys = without_titled_numbers(keys_of(version.quote(passage.span)), titles)
        words = without_breaks(keys)
        written, letters = alphabet.write(keys), alphabet.write(words)
        found.append(ComparedPassage(keys, written, letters, len(words), passage.section))
    return tuple(found)


def _folded_headings(version: PolicyVersion) -> frozenset[tuple[tuple[str, ...], int]]:
    of_sections = {section.heading for section in version.sections}
    return frozenset(
        (title_key(display_quote(version.quote(passage.heading))), passage.section)
        for passage in version.passages
        if passage.heading is not None and passage.heading not in of_sections
    )
