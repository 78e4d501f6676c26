"""The nouns: Policy, PolicyVersion, Section, Passage, Span; all frozen values."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policy_text.blocks import Block

PATH_SEPARATOR = " › "

_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters [start, end) of one policy version's text, in Unicode code points."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"need 0 <= start < end, got [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def overlap(self, other: Span) -> int:
        """Characters that both spans cover."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


class SegmentKind(Enum):
    """What a stretch of a policy's file is."""

    PASSAGE = "passage"
    HEADING = "heading"
    LABEL = "label"  # a bullet or bold line that only names what follows it
    MARKUP = "markup"  # bullet glyphs, table rules and other signs that say nothing themselves
    EXCLUDED = "excluded"  # in the file, but not policy text: site chrome, contents, front matter


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the file and what it is; together they are the file, white space apart."""

    span: Span
    kind: SegmentKind


class DateKind(Enum):
    """What a version's date says."""

    EFFECTIVE = "effective"
    UPDATED = "updated"
    RETRIEVED = "retrieved"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it.

    Attributes:
        id: a slug, unique in the version.
        path: headings from the top as a person would cite them, without bullets or final colon.
        heading: where the heading stands; None for text before the first heading.
        parent: position of the section above in the version's sections; None at the top.
    """

    id: str
    path: tuple[str, ...]
    heading: Span | None
    parent: int | None

    @property
    def title(self) -> str:
        """The last heading of the path."""
        return self.path[-1]

    @property
    def cited_as(self) -> str:
        """The path as it is written in a citation: "3. Sharing › A. By us"."""
        return PATH_SEPARATOR.join(self.path)


@dataclass(frozen=True, slots=True)
class Passage:
    """The smallest unit we quote: a sentence, or a sentence of a list item or a table row.

    Attributes:
        position: its place among the version's passages, from 0.
        section: position of its section in the version's sections.
        block: position in the version's blocks of the paragraph, list item or table row around it.
        heading: the nearest heading or label above it, also one that adds no level to the path.
        lead_in: the words that introduce the list it belongs to ("We may share data with:").
        is_item: whether it belongs to a list item.
    """

    position: int
    span: Span
    section: int
    block: int
    heading: Span | None = None
    lead_in: Span | None = None
    is_item: bool = False


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """What is known of a version without reading its text.

    Attributes:
        version: a date as precise as known: "2020", "2020-01" or "2020-01-31".
    """

    policy_id: str
    version: str
    date_kind: DateKind
    source: str
    licence: str

    @property
    def in_force_from(self) -> date:
        """The first day that the version's date covers."""
        return first_day(self.version)


@dataclass(frozen=True, slots=True)
class Policy:
    """One organisation's policy, with one or more dated versions, oldest first."""

    id: str
    title: str
    organisation: str
    language: str
    names: tuple[str, ...]
    versions: tuple[VersionInfo, ...]


@dataclass(frozen=True)
class PolicyVersion:
    """The text of one version of a policy, its tree of sections, its passages and its blocks."""

    policy: Policy
    info: VersionInfo
    text: str
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    segments: tuple[Segment, ...]
    blocks: tuple[Block, ...] = ()

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    @cached_property
    def reading_hash(self) -> str:
        """SHA-256 of all that answers on this version depend on: text, parts, names and date."""
        parts = [
            self.content_hash,
            self.policy.id,
            self.policy.title,
            self.policy.names,
            self.info.version,
            self.info.date_kind.value,
            [section.path for section in self.sections],
            [(passage.span.start, passage.span.end) for passage in self.passages],
        ]
        return hashlib.sha256(json.dumps(parts).encode("utf-8")).hexdigest()

    def quote(self, span: Span) -> str:
        """The characters of `span`, exactly as they stand in the text."""
        return self.text[span.start : span.end]

    def section_of(self, passage: Passage) -> Section:
        """The section that a passage stands in."""
        return self.sections[passage.section]


def first_day(version: str) -> date:
    """The first day of a date that may lack its day or month.

    Raises:
        ValueError: `version` is not a date of the form YYYY, YYYY-MM or YYYY-MM-DD.
    """
    if not _DATE.fullmatch(version):
        raise ValueError(f"{version!r} is not of the form YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = [*version.split("-"), "1", "1"][:3]
    return date(int(year), int(month), int(day))
