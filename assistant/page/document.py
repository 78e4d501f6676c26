"""A policy version to the HTML of the panel: its own structure, every word with its offsets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby

from assistant.page.markup import Markup, element, joined
from assistant.wording import capital, dated
from policy_text import PolicyVersion, Section, Span
from policy_text.blocks import Block, BlockKind
from policy_text.inline import LINE_BREAK, Piece, inline_pieces

_ROWS = (BlockKind.ROW, BlockKind.ROW_LABELS)
_LEFT_OUT = (BlockKind.EXCLUDED, BlockKind.MARKUP)
_CELL_END = re.compile(r"(?<!\\)\||</t[dh]\s*>", re.IGNORECASE)
_DEEPEST_HEADING = 6
_CONTENTS_LEVELS = 2  # deeper headings would make the table of contents as long as the policy


def document_html(version: PolicyVersion) -> Markup:
    """The panel's content: title, table of contents, and the whole text in its structure."""
    document = _Document(version)
    title = element("h2", version.policy.title, class_="pa-doc-title", tabindex="-1")
    date = element("p", capital(dated(version.info)), class_="pa-doc-date")
    body = element("div", *document.flow(), class_="pa-doc-text")
    return joined(title, date, _contents(version), body)


def _contents(version: PolicyVersion) -> Markup | None:
    entries = [
        element(
            "li",
            element("a", section.title, href=f"#{anchor(section)}", data_section=section.id),
            class_=f"pa-toc-{len(section.path)}",
        )
        for section in version.sections
        if section.heading is not None and len(section.path) <= _CONTENTS_LEVELS
    ]
    if len(entries) < 2:
        return None
    return element(
        "details",
        element("summary", "Contents"),
        element("nav", element("ol", *entries), aria_label="Contents of the policy"),
        class_="pa-toc",
    )


def anchor(section: Section) -> str:
    """The id of a section's heading in the page."""
    return f"pa-section-{section.id}"


class _Document:
    """Walks the blocks of a version in order."""

    def __init__(self, version: PolicyVersion) -> None:
        self._version = version

    @cached_property
    def _section_at(self) -> dict[Span, Section]:
        return {s.heading: s for s in self._version.sections if s.heading is not None}

    @cached_property
    def _cuts(self) -> list[int]:
        """Where passages begin and end: a citation begins and ends there."""
        spans = [passage.span for passage in self._version.passages]
        return sorted({at for span in spans for at in (span.start, span.end)})

    def flow(self) -> Iterator[Markup]:
        """The elements of the text: headings, paragraphs, lists and tables."""
        blocks = [b for b in self._version.blocks if b.kind not in _LEFT_OUT]
        for kind, run in groupby(blocks, _flow_kind):
            if kind is BlockKind.ITEM:
                yield self._list(list(run))
            elif kind is BlockKind.ROW:
                yield self._table(list(run))
            else:
                yield from (self._block(block) for block in run)

    def _block(self, block: Block) -> Markup:
        words = self._words(block.span)
        if block.kind is BlockKind.PARAGRAPH:
            return element("p", *words)
        section = self._section_at.get(block.span)
        if block.kind is BlockKind.TITLE:
            return element("p", *words, class_="pa-doc-own-title")
        depth = len(section.path) if section else 1
        name = f"h{min(depth + 2, _DEEPEST_HEADING)}"
        where = {"id": anchor(section), "data_section": section.id} if section else {}
        return element(name, *words, tabindex="-1", **where)

    def _list(self, items: Sequence[Block]) -> Markup:
        """Items of one level, each with the deeper ones that follow it inside."""
        top = items[0].level
        entries: list[Markup] = []
        position = 0
        while position < len(items):
            below = position + 1
            while below < len(items) and items[below].level > top:
                below += 1
            entries.append(self._item(items[position], items[position + 1 : below]))
            position = below
        return element("ul", *entries)

    def _item(self, item: Block, below: Sequence[Block]) -> Markup:
        marker = self._marker(item)
        number = element("span", marker, " ", class_="pa-marker") if marker else None
        inner = self._list(below) if below else None
        return element(
            "li", number, *self._words(item.span), inner, class_=number and "pa-numbered"
        )

    def _marker(self, item: Block) -> str | None:
        """The number or letter before an item; a mere bullet is none."""
        text = self._version.text
        line_start = max(text.rfind("\n", 0, item.span.start), text.rfind("\r", 0, item.span.start))
        before = text[line_start + 1 : item.span.start].strip(" \t>*-+•")
        return (
            before if re.fullmatch(r"\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]", before) else None
        )

    def _table(self, rows: Sequence[Block]) -> Markup:
        return element(
            "div",
            element("table", *(self._row(row) for row in rows)),
            class_="pa-table",
            tabindex="0",
            role="region",
            aria_label="Table",
        )

    def _row(self, row: Block) -> Markup:
        is_head = row.kind is BlockKind.ROW_LABELS
        cells = [
            element("th" if is_head else "td", *self._words(cell), scope="col" if is_head else None)
            for cell in _cells(self._version.text, row.span)
        ]
        return element("tr", *cells)

    def _words(self, span: Span) -> Iterator[Markup]:
        low, high = bisect_left(self._cuts, span.start), bisect_right(self._cuts, span.end)
        for piece in inline_pieces(self._version.text, span, self._cuts[low:high]):
            yield _piece(piece)


def _flow_kind(block: Block) -> BlockKind:
    """What a run of blocks has in common: items make a list, rows a table."""
    return BlockKind.ROW if block.kind in _ROWS else block.kind


def _cells(text: str, row: Span) -> Iterator[Span]:
    start = row.start
    for end in _CELL_END.finditer(text, row.start, row.end):
        if end.start() > start:
            yield Span(start, end.start())
        start = end.end()
    if start < row.end:
        yield Span(start, row.end)


def _piece(piece: Piece) -> Markup:
    lines = piece.words.split(LINE_BREAK)
    words = joined(*(joined(element("br") if n else None, line) for n, line in enumerate(lines)))
    where = {"data_start": piece.span.start, "data_end": piece.span.end}
    if piece.href:
        return element(
            "a",
            words,
            href=piece.href,
            target="_blank",
            rel="noopener noreferrer nofollow",
            **where,
        )
    name = "strong" if piece.is_strong else "em" if piece.is_emphasised else "span"
    return element(name, words, **where)
