"""Questions as a list that filters: its rows, its filters, and what a row opens to (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from assistant.evaluation.report.highlight import Stretch

ANCHOR_SAFE = "/:.@!$'()*+,;=~"  # what a fragment may hold as it is


@dataclass(frozen=True, slots=True)
class RowMark:
    """What became of a question: a glyph, the same in words, and the class that colours both."""

    glyph: str
    words: str
    tone: str


RIGHT, WRONG = RowMark("✓", "right", "good"), RowMark("✗", "wrong", "bad")


@dataclass(frozen=True, slots=True)
class Place:
    """Words of a policy: the section, what is to be said of them, and themselves."""

    section: str
    note: str
    tone: str
    stretches: Sequence[Stretch]

    def to_json(self) -> list[Any]:
        """As the script reads it."""
        stretches = [[text, mark.value] for text, mark in self.stretches]
        return [self.section, self.note, self.tone, stretches]


@dataclass(frozen=True, slots=True)
class Column:
    """What stands side by side: an answer, words of the policy, or both.

    Attributes:
        empty: what is said where there are no places.
    """

    title: str
    places: Sequence[Place]
    answer: str | None = None
    empty: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the script reads it."""
        places = [place.to_json() for place in self.places]
        return {"title": self.title, "answer": self.answer, "empty": self.empty, "places": places}


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question in the list.

    Attributes:
        facets: its value in each filter, in the order of the filters.
        answer: what stands above the columns over the whole width; None for nothing.
        facts: names and values for the line below.
        columns: what stands side by side when it is opened.
    """

    id: str
    mark: RowMark
    kind: str
    question: str
    why: str
    facets: tuple[str, ...]
    history: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    answer: str | None = None

    @property
    def anchor(self) -> str:
        """The id of its element, and the fragment of links to it."""
        return "q-" + quote(self.id, safe=ANCHOR_SAFE)

    def to_json(self) -> dict[str, Any]:
        """As the script reads it."""
        return {
            "id": self.id,
            "question": self.question,
            "why": self.why,
            "facets": list(self.facets),
            "history": list(self.history),
            "answer": self.answer,
            "facts": [list(fact) for fact in self.facts],
            "columns": [column.to_json() for column in self.columns],
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a filter, and how many questions have it."""

    value: str
    questions: int


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of the list; the first of a list is shown as buttons, the others as menus.

    Attributes:
        initial: the value that is chosen when the page opens; empty for all.
    """

    name: str
    label: str
    choices: tuple[Choice, ...]
    initial: str = ""


@dataclass(frozen=True, slots=True)
class QuestionList:
    """Rows with their filters."""

    rows: tuple[QuestionRow, ...]
    filters: tuple[Filter, ...]

    def to_json(self) -> dict[str, Any]:
        """What the page's script needs."""
        return {
            "filters": [one.name for one in self.filters],
            "rows": [row.to_json() for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class FilterKind:
    """A filter before the rows are known: its name, and which of its values come first."""

    name: str
    label: str
    order: tuple[str, ...] = ()
    initial: str = ""


def question_list(rows: Sequence[QuestionRow], kinds: Sequence[FilterKind]) -> QuestionList:
    """The rows with a filter for each of their facets; values in the order given, then by name."""
    filters = tuple(
        _filter(kind, Counter(row.facets[number] for row in rows))
        for number, kind in enumerate(kinds)
    )
    return QuestionList(tuple(rows), filters)


def _filter(kind: FilterKind, counts: Counter[str]) -> Filter:
    values = sorted(counts, key=lambda value: (_place(value, kind.order), value))
    choices = tuple(Choice(value, counts[value]) for value in values)
    initial = kind.initial if kind.initial in counts else ""
    return Filter(kind.name, kind.label, choices, initial)


def _place(value: str, order: Sequence[str]) -> int:
    return order.index(value) if value in order else len(order)
