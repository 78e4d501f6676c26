"""Sections that belong together, and headings that open none, to what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from enum import Enum

from policy_text.diff.matching import Matching
from policy_text.diff.order import Placed, in_reading_order
from policy_text.diff.passage_changes import ChangeKind
from policy_text.diff.tiles import tiled_pairs
from policy_text.diff.words import title_key
from policy_text.display import display_quote
from policy_text.model import PolicyVersion, Section, SegmentKind, Span


class SectionChangeKind(Enum):
    """What became of a section.

    SAME: the title has the same words, whatever its number is.
    RENAMED: the title has other words, and what stands below it is the old section's.
    MOVED: the title is the same, but the section above is another one.
    """

    SAME = "same"
    RENAMED = "renamed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A section of one version and what it is in the other; one of both may be missing.

    It is missing in SAME too, where the same question is a section of one version and a heading
    without a level in the other, as it is where it is the only one.
    """

    kind: SectionChangeKind
    old: Section | None
    new: Section | None


@dataclass(frozen=True, slots=True)
class LabelChange:
    """A title, question or row of column names that opens no section: ADDED or REMOVED."""

    kind: ChangeKind
    span: Span


def section_changes(
    old: PolicyVersion, new: PolicyVersion, matching: Matching
) -> tuple[SectionChange, ...]:
    """A change for each pair of sections and for each section left alone, in reading order."""
    stays = {i: (j, j) for i, j in matching.sections.items()}
    each_alone = range(len(old.sections))
    return in_reading_order(_placed(old, new, matching), each_alone, stays)


def label_changes(old: PolicyVersion, new: PolicyVersion) -> tuple[LabelChange, ...]:
    """Headings and column names that only one version has, those of sections left out."""
    before, after = _labels(old), _labels(new)
    kept = tiled_pairs(list(before.values()), list(after.values()))
    return (
        *_alone(old, before, {i for i, _ in kept}, ChangeKind.REMOVED),
        *_alone(new, after, {j for _, j in kept}, ChangeKind.ADDED),
    )


def _placed(
    old: PolicyVersion, new: PolicyVersion, matching: Matching
) -> Iterator[Placed[SectionChange]]:
    for i, j in matching.sections.items():
        one, other = old.sections[i], new.sections[j]
        kind = _kind(one, other, matching)
        yield Placed(i, j, SectionChange(kind, one, other))
    for i, section in enumerate(old.sections):
        if i not in matching.sections:
            is_heading = matching.places.old[i] in matching.places.new
            kind = SectionChangeKind.SAME if is_heading else SectionChangeKind.REMOVED
            yield Placed(i, None, SectionChange(kind, section, None))
    paired = set(matching.sections.values())
    for j, section in enumerate(new.sections):
        if j not in paired:
            is_heading = matching.places.new[j] in matching.places.old
            kind = SectionChangeKind.SAME if is_heading else SectionChangeKind.ADDED
            yield Placed(None, j, SectionChange(kind, None, section))


def _kind(old: Section, new: Section, matching: Matching) -> SectionChangeKind:
    if title_key(old.title) != title_key(new.title):
        return SectionChangeKind.RENAMED
    gone = -1  # no position
    above = None if old.parent is None else matching.sections.get(old.parent, gone)
    return SectionChangeKind.SAME if above == new.parent else SectionChangeKind.MOVED


def _labels(version: PolicyVersion) -> Mapping[Span, tuple[str, ...]]:
    """The words of headings and column names by where they stand."""
    kinds = (SegmentKind.HEADING, SegmentKind.LABEL)
    return {
        segment.span: title_key(display_quote(version.quote(segment.span)))
        for segment in version.segments
        if segment.kind in kinds
    }


def _alone(
    version: PolicyVersion, labels: Mapping[Span, object], kept: Set[int], kind: ChangeKind
) -> Iterator[LabelChange]:
    of_sections = {section.heading for section in version.sections}
    for number, span in enumerate(labels):
        if number not in kept and span not in of_sections:
            yield LabelChange(kind, span)
