"""What tests of the diff are made of: versions from a few words, and changes told as words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hypothesis import settings

from policy_text.diff import ChangeKind, PassageChange, VersionDiff, diff_versions
from policy_text.display import display_quote
from policy_text.model import DateKind, Passage, Policy, PolicyVersion, Span, VersionInfo
from policy_text.parse import parse_version

POLICY = Policy("acme", "Acme privacy", "Acme", "en", ("Acme",), ())
INFO = VersionInfo("acme", "2024-05-01", DateKind.EFFECTIVE, "acme.md", "unknown")
SAME, CHANGED = ChangeKind.SAME, ChangeKind.CHANGED
ADDED, REMOVED, MOVED = ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.MOVED
few = settings(deadline=None, max_examples=60)


def parsed(text: str, *, is_markdown: bool = True) -> PolicyVersion:
    return parse_version(POLICY, INFO, text, is_markdown=is_markdown)


def diff(old: str, new: str) -> VersionDiff:
    return diff_versions(parsed(old), parsed(new))


def quotes(version: PolicyVersion, passages: Sequence[Passage]) -> tuple[str, ...]:
    return tuple(version.quote(passage.span) for passage in passages)


def told(found: VersionDiff, change: PassageChange) -> tuple[ChangeKind, str, str]:
    """Kind, old and new words; those of several passages are parted by a slash."""
    old = quotes(found.old, change.old_passages)
    new = quotes(found.new, change.new_passages)
    return change.kind, " / ".join(old), " / ".join(new)


def all_told(found: VersionDiff) -> list[tuple[ChangeKind, str, str]]:
    return [told(found, change) for change in found.changes]


def changed_told(found: VersionDiff) -> list[tuple[ChangeKind, str, str]]:
    return [told(found, change) for change in found.changed]


def sections_told(found: VersionDiff) -> list[tuple[str, str | None, str | None]]:
    return [
        (c.kind.value, c.old.cited_as if c.old else None, c.new.cited_as if c.new else None)
        for c in found.changed_sections
    ]


def span_of(version: PolicyVersion, words: str) -> Span:
    start = version.text.index(words)
    return Span(start, start + len(words))


def plain(version: PolicyVersion, passages: Sequence[Passage]) -> list[str]:
    """The letters and digits of passages in order, by another road than the code's."""
    words = " ".join(display_quote(quote) for quote in quotes(version, passages)).casefold()
    without_numbers = re.sub(r"\bsections? \d+|^\W*\d+\.(?!\d)", " ", words)
    return re.findall(r"\w+", re.sub(r"[;,] and$", "", without_numbers))
