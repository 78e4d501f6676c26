"""The blocks that a file is made of, the same for every format; sections are built from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from policy_text.model import Span


class BlockKind(Enum):
    """What a block is."""

    TITLE = "title"  # the document's own name at its top: a heading that opens no section
    HEADING = "heading"
    LABEL = "label"  # a bullet or bold line that only names what follows: opens a section below
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    ROW_LABELS = "row labels"  # a table's header row
    EXCLUDED = "excluded"
    MARKUP = "markup"


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table row or stretch that is none of policy text.

    Attributes:
        span: its own words, without bullet or heading marks.
        level: headings, 1 at the top; list items and labels, their nesting from 1; else 0.
    """

    kind: BlockKind
    span: Span
    level: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file without the white space around it; blank lines have no words.

    Attributes:
        indent: characters of white space before its first word.
        blanks_before: how many blank lines stand above it.
        blanks_after: how many blank lines stand below it.
    """

    span: Span
    indent: int
    blanks_before: int
    blanks_after: int


def lines_with_words(text: str, start: int = 0) -> list[Line]:
    """The lines of `text` from offset `start` that are not blank."""
    found: list[tuple[int, int, int, int]] = []
    for number, (line_start, line_end) in enumerate(physical_lines(text, start)):
        stripped = trim(text, line_start, line_end)
        if stripped is not None:
            found.append((number, stripped.start, stripped.end, stripped.start - line_start))
    if not found:
        return []
    numbers = [number for number, *_ in found]
    above = [b - a - 1 for a, b in zip([-1, *numbers], numbers, strict=False)]
    below = [*above[1:], 1]
    return [
        Line(Span(first, end), indent, before, after)
        for (_, first, end, indent), before, after in zip(found, above, below, strict=True)
    ]


def physical_lines(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Offsets of each line without its line end; LF, CRLF and CR end lines, nothing else does."""
    position = start
    while position <= len(text):
        ends = [at for at in (text.find("\n", position), text.find("\r", position)) if at >= 0]
        end = min(ends, default=len(text))
        yield position, end
        position = end + (2 if text.startswith("\r\n", end) else 1)


def trim(text: str, start: int, end: int) -> Span | None:
    """The span [start, end) without white space (or a byte order mark) around it; None if empty."""
    while start < end and (text[start].isspace() or text[start] == "\ufeff"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None
