"""What changed between two versions as HTML: by section, old beside new, words marked (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from assistant.page.markup import Markup, element, joined
from assistant.wording import capital, dated
from policy_text import PolicyVersion
from policy_text.diff import (
    ChangeKind,
    PassageChange,
    SectionChange,
    SectionChangeKind,
    VersionDiff,
    WordOp,
)
from policy_text.display import display_quote

_KINDS = {
    SectionChangeKind.ADDED: "new section",
    SectionChangeKind.REMOVED: "section removed",
    SectionChangeKind.RENAMED: "renamed",
    SectionChangeKind.MOVED: "moved",
    SectionChangeKind.SAME: "changed",
}
_PASSAGE_KINDS = {
    ChangeKind.ADDED: "new",
    ChangeKind.REMOVED: "removed",
    ChangeKind.MOVED: "moved",
    ChangeKind.CHANGED: "changed",
}
_MARKS = {WordOp.ADDED: "ins", WordOp.REMOVED: "del"}


def changes_html(diff: VersionDiff) -> Markup:
    """Each section that changed, in the order of the new text; what did not is counted."""
    of_section = _by_section(diff)
    shown = [
        section
        for section in diff.sections
        if section.kind is not SectionChangeKind.SAME or of_section[_key(section)]
    ]
    sections = [_section(diff, section, of_section[_key(section)]) for section in shown]
    return joined(_summary(diff, shown), *sections, _labels(diff))


def beside(old: PolicyVersion, new: PolicyVersion) -> Markup:
    """The dates above the two columns."""
    heads = (element("p", capital(dated(version.info))) for version in (old, new))
    return element("div", *heads, class_="pa-l-pair pa-l-heads")


_Key = tuple[str | None, str | None]


def _key(section: SectionChange) -> _Key:
    return (
        section.old.id if section.old else None,
        section.new.id if section.new else None,
    )


def _by_section(diff: VersionDiff) -> Mapping[_Key, list[PassageChange]]:
    """The changed passages of each section; one that is gone belongs to where it stood."""
    old = {section.old.id: _key(section) for section in diff.sections if section.old}
    new = {section.new.id: _key(section) for section in diff.sections if section.new}
    found: dict[_Key, list[PassageChange]] = defaultdict(list)
    for change in diff.changed:
        if change.new is not None:
            found[new[diff.new.section_of(change.new).id]].append(change)
        elif change.old is not None:
            found[old[diff.old.section_of(change.old).id]].append(change)
    return found


def _summary(diff: VersionDiff, shown: Sequence[SectionChange]) -> Markup:
    counts = [(kind, sum(s.kind is kind for s in shown)) for kind in _KINDS]
    parts = [f"{count} {_KINDS[kind]}" for kind, count in counts if count]
    cosmetic = sum(c.kind is ChangeKind.SAME and c.is_cosmetic for c in diff.changes)
    lines = [
        f"Sections: {', '.join(parts) or 'none changed'}, {len(diff.sections) - len(shown)} as "
        "they were."
    ]
    if cosmetic:
        lines.append(
            f"{cosmetic} passages differ in capitals, typography or numbering alone, which is no "
            "change."
        )
    return element("p", " ".join(lines), class_="pa-l-summary")


def _section(diff: VersionDiff, section: SectionChange, changes: Sequence[PassageChange]) -> Markup:
    now = section.new or section.old
    assert now is not None, "in neither version"
    was = None
    if section.old and section.new and section.old.cited_as != section.new.cited_as:
        was = element("p", f"Was: {section.old.cited_as}", class_="pa-date")
    title = element(
        "h2",
        now.cited_as,
        " ",
        element("span", _KINDS[section.kind], class_="pa-l-badge"),
    )
    pairs = [_pair(diff, change) for change in changes]
    return element(
        "article", title, was, *pairs, class_="pa-l-change", data_kind=section.kind.value
    )


def _pair(diff: VersionDiff, change: PassageChange) -> Markup:
    """A passage as it was beside what it is now, in each the words that the other has not."""
    words = diff.word_changes(change)
    old = joined(*_words(words, WordOp.REMOVED)) if change.old else None
    new = joined(*_words(words, WordOp.ADDED)) if change.new else None
    if change.kind is ChangeKind.MOVED and change.old and change.new:
        where = diff.old.section_of(change.old).cited_as
        old = joined(old, element("span", f" (stood in: {where})", class_="pa-date"))
    return element(
        "div",
        _side(old, "Not in the older version"),
        _side(new, "No longer there"),
        class_="pa-l-pair",
        data_kind=_PASSAGE_KINDS[change.kind],
    )


def _words(words: Sequence[tuple[WordOp, str]], shown: WordOp) -> Iterator[Markup]:
    """The words that both have and those of one side, these marked."""
    for op, run in groupby(words, lambda word: word[0]):
        text = "".join(text for _, text in run)
        if op is WordOp.EQUAL:
            yield joined(text)
        elif op is shown:
            yield element(_MARKS[op], text)


def _side(words: Markup | None, otherwise: str) -> Markup:
    if words is None:
        return element("p", otherwise, class_="pa-l-none")
    return element("p", words)


def _labels(diff: VersionDiff) -> Markup | None:
    """Headings and column names that only one version has, and that open no section."""
    entries = []
    for label in diff.labels:
        is_new = label.kind is ChangeKind.ADDED
        version = diff.new if is_new else diff.old
        words = display_quote(version.quote(label.span))
        entries.append(element("li", element("ins" if is_new else "del", words)))
    if not entries:
        return None
    title = element("h2", "Headings and labels")
    return element("article", title, element("ul", *entries), class_="pa-l-change")
