"""How often sections were asked about and cited to a map of each policy (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.evaluation.coverage import SectionCoverage


@dataclass(frozen=True, slots=True)
class MappedSection:
    """A section on the map.

    Attributes:
        width: its share of the policy's characters, in percent.
        length: its characters as a share of the longest section's.
        strength: the questions about it, as a share of those about the section with most.
        marks: "never asked", "never cited"; none for a heading over other headings.
        style: the class that colours it.
    """

    title: str
    depth: int
    characters: int
    asked: int
    cited: int
    width: float
    length: float
    strength: float
    marks: tuple[str, ...]
    style: str


@dataclass(frozen=True, slots=True)
class MappedPolicy:
    """A policy's sections in the order of its text, and how many were touched."""

    name: str
    sections: tuple[MappedSection, ...]
    with_text: int
    asked: int
    cited: int

    @property
    def summary(self) -> str:
        """The counts in a sentence."""
        if not self.with_text:
            return "no section has text"
        return (
            f"{self.asked} of {self.with_text} sections asked about, "
            f"{self.cited} of {self.with_text} cited"
        )


def coverage_map(sections: Sequence[SectionCoverage]) -> list[MappedPolicy]:
    """A map a policy and version, in the order given."""
    return [
        _policy(f"{policy} {version}", list(members))
        for (policy, version), members in groupby(sections, lambda s: (s.policy, s.version))
    ]


def _policy(name: str, sections: Sequence[SectionCoverage]) -> MappedPolicy:
    total = max(1, sum(section.characters for section in sections))
    longest = max(1, *(section.characters for section in sections))
    most = max(1, *(section.asked for section in sections))
    with_text = [section for section in sections if section.passages]
    return MappedPolicy(
        name=name,
        sections=tuple(_section(section, total, longest, most) for section in sections),
        with_text=len(with_text),
        asked=sum(section.asked > 0 for section in with_text),
        cited=sum(section.cited > 0 for section in with_text),
    )


def _section(section: SectionCoverage, total: int, longest: int, most: int) -> MappedSection:
    marks = []
    if section.passages and not section.asked:
        marks.append("never asked")
    if section.passages and not section.cited:
        marks.append("never cited")
    return MappedSection(
        title=section.title,
        depth=section.depth,
        characters=section.characters,
        asked=section.asked,
        cited=section.cited,
        width=round(100 * section.characters / total, 3),
        length=round(section.characters / longest, 4),
        strength=round(section.asked / most, 3),
        marks=tuple(marks),
        style=_style(section),
    )


def _style(section: SectionCoverage) -> str:
    if not section.passages:
        return "heading"
    return {
        (True, True): "both",
        (True, False): "asked",
        (False, True): "cited",
        (False, False): "neither",
    }[(section.asked > 0, section.cited > 0)]
