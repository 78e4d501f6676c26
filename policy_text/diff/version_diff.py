"""Two versions of a policy to what changed between them, by passage and section.

What is compared is words; `words` says what is none. Numbers in references to sections
(`references`) are compared by the section that they lead to. What is not policy text (front
matter, tables of contents) is not compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from policy_text.diff.matching import match_versions
from policy_text.diff.passage_changes import (
    ChangeKind,
    PassageChange,
    introducing,
    passage_changes,
)
from policy_text.diff.section_changes import (
    LabelChange,
    SectionChange,
    SectionChangeKind,
    label_changes,
    section_changes,
)
from policy_text.diff.word_changes import WordChange, word_changes
from policy_text.model import Passage, PolicyVersion, Span


def diff_versions(old: PolicyVersion, new: PolicyVersion) -> VersionDiff:
    """What changed from one version of a policy to another.

    The same passages and sections are paired whichever version is called the old one. Of equally
    good pairs the first in the order of the text is taken.
    """
    matching = match_versions(old, new)
    return VersionDiff(
        old,
        new,
        passage_changes(old, new, matching),
        section_changes(old, new, matching),
        label_changes(old, new),
    )


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What a stretch of the old text is in the new one.

    Attributes:
        changes: those of the passages that it touches, in the order of the old text.
        spans: the passages of the new text that they are now, in its order.
        is_carried_over: whether all of these passages are SAME or MOVED; False where it touches
            none.
        is_lead_in_changed: whether the words that introduce one of them ("We share:") are not
            carried over. Then the same words may say something else.
    """

    changes: tuple[PassageChange, ...]
    spans: tuple[Span, ...]
    is_carried_over: bool
    is_lead_in_changed: bool


@dataclass(frozen=True)
class VersionDiff:
    """What changed between two versions of a policy.

    Attributes:
        changes: every passage of both versions in exactly one of them, in the order of the new
            text; what was removed follows what it followed.
        sections: every section of both versions in exactly one of them, in the same order.
        labels: what else is gone or new of headings, first of the old text, then of the new one.
    """

    old: PolicyVersion
    new: PolicyVersion
    changes: tuple[PassageChange, ...]
    sections: tuple[SectionChange, ...]
    labels: tuple[LabelChange, ...]

    @cached_property
    def changed(self) -> tuple[PassageChange, ...]:
        """Every change but SAME."""
        return tuple(change for change in self.changes if change.kind is not ChangeKind.SAME)

    @cached_property
    def changed_sections(self) -> tuple[SectionChange, ...]:
        """Every change of a section but SAME."""
        return tuple(c for c in self.sections if c.kind is not SectionChangeKind.SAME)

    def change_of_old(self, passage: Passage) -> PassageChange:
        """The change that a passage of the old version is in."""
        return self._of_old[passage.position]

    def change_of_new(self, passage: Passage) -> PassageChange:
        """The change that a passage of the new version is in."""
        return self._of_new[passage.position]

    def new_of(self, old_passage: Passage) -> tuple[Passage, ...]:
        """What an old passage is in the new version: none where it was removed."""
        return self.change_of_old(old_passage).new_passages

    def old_of(self, new_passage: Passage) -> tuple[Passage, ...]:
        """What a new passage was in the old version: none where it was added."""
        return self.change_of_new(new_passage).old_passages

    def in_new(self, span: Span) -> Counterpart:
        """What a citation of the old text is in the new one."""
        touched = [p for p in self.old.passages if p.span.overlap(span)]
        changes = tuple(dict.fromkeys(self.change_of_old(passage) for passage in touched))
        passages = {p.position: p.span for change in changes for p in change.new_passages}
        is_carried = bool(changes) and all(change.is_carried_over for change in changes)
        is_lead_in_changed = any(not self._has_its_lead_in(passage) for passage in touched)
        spans = tuple(passages[position] for position in sorted(passages))
        return Counterpart(changes, spans, is_carried, is_lead_in_changed)

    def word_changes(self, change: PassageChange) -> tuple[WordChange, ...]:
        """The words of a change, for display."""
        old = self.old.quote(change.old_span) if change.old_span else ""
        new = self.new.quote(change.new_span) if change.new_span else ""
        return word_changes(old, new)

    def _has_its_lead_in(self, passage: Passage) -> bool:
        """Whether the new passage is introduced by the same words as the old one, or by none."""
        old = introducing(self.old, passage)
        new = [introducing(self.new, p) for p in self.new_of(passage)[:1]]
        now = {n.position for n in new if n is not None}
        if old is None or not new:
            return not now
        change = self.change_of_old(old)
        return change.is_carried_over and now <= {p.position for p in change.new_passages}

    @cached_property
    def _of_old(self) -> Mapping[int, PassageChange]:
        return {p.position: change for change in self.changes for p in change.old_passages}

    @cached_property
    def _of_new(self) -> Mapping[int, PassageChange]:
        return {p.position: change for change in self.changes for p in change.new_passages}
