"""Markdown to blocks: headings, lists, tables, bold labels, front matter, template tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.token import Token

from policy_text.blocks import Block, BlockKind, physical_lines, trim
from policy_text.model import Span
from policy_text.sentences import is_run_in_label

# Front matter opens with a field, so that a text between two rules is not taken for it.
_FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*\r?\n(?=[\w-]+:)(?:[^\r\n]*\r?\n)*?---[ \t]*(?=\r?\n|\Z)"
)
# Nothing but tags: words between two tags are policy text.
_TEMPLATE_TAG = re.compile(
    r"(?:\s*(?:\{%(?:(?!%\}).)*%\}|\{\{(?:(?!\}\}).)*\}\}|<%(?:(?!%>).)*%>|<!--(?:(?!-->).)*-->))+"
    r"\s*\Z",
    re.DOTALL,
)
_HEADING_MARKS = re.compile(r"#{1,6}[ \t]*")
# Closing marks and an explicit id ("### {#purpose}") belong to the markup, not to the heading.
_HEADING_CLOSE = re.compile(r"(?:[ \t]+#+)?[ \t]*(?:\{[#:.][^}]*\})?[ \t]*$")
_LIST_MARKS = re.compile(r"[ \t>]*(?:(?:[*+-]|\d{1,9}[.)])[ \t]+)*")
_QUOTE_MARKS = re.compile(r"[ \t]*(?:>[ \t]?)*")
_BOLD_ONLY = re.compile(r"(\*\*|__)(?!\s)((?:(?!\1).)+)\1:?$", re.DOTALL)
_LINK_ENTRY = re.compile(r"\[[^\]]+\]\(#[^)]*\)$")
_LINE_OF_LIST = re.compile(r"(?:;|; and|; or)[ \t]*$")
_DEFINITION = re.compile(
    r"\[[^\]]+\]:[ \t]*(?:https?://|mailto:|[./#<])\S*(?:[ \t]+(?:\"[^\"]*\"|'[^']*'))?"
)

_HTML_ROW = re.compile(r"<tr\b.*?</tr\s*>", re.DOTALL | re.IGNORECASE)
_HTML_BLOCK_TAG = re.compile(
    r"<(/?)(p|div|table|thead|tbody|ul|ol|li|h[1-6]|section|article|details|summary|dl|dt|dd|"
    r"blockquote|center|hr)\b[^>]*>",
    re.IGNORECASE,
)
_TAGS = re.compile(r"\s*<(?:!--.*?--|[^>]*)>", re.DOTALL)
_TRAILING_TAGS = re.compile(r"(?:\s*<[^<>]*>)+\s*\Z")

CONTENTS_MIN_LINKS = 3


def markdown_blocks(text: str) -> list[Block]:
    """The blocks of a Markdown text, in order."""
    reader = _Reader(text)
    return _mark_contents(text, reader.blocks())


class _Reader:
    """Walks markdown-it's tokens; offsets come from the line numbers that they carry."""

    def __init__(self, text: str) -> None:
        self._text = text
        front = _FRONT_MATTER.match(text)
        self._front_end = front.end() if front else 0
        # The parser replaces line ends before it counts lines; ours are counted the same way.
        self._lines = list(physical_lines(text, self._front_end))
        self._depth = 0  # of lists
        self._label_depth = 0  # of the list item whose bold label what comes stands under

    def blocks(self) -> Iterator[Block]:
        if self._front_end:
            yield Block(BlockKind.EXCLUDED, _trimmed(self._text, 0, self._front_end))
        elif self._text.startswith("\ufeff"):
            yield Block(BlockKind.MARKUP, Span(0, 1))
        body = self._text[self._front_end :]
        yield from self._walk(body.replace("\ufeff", " ", 1), 0)

    def _walk(self, markdown: str, first_line: int) -> Iterator[Block]:
        """The blocks of `markdown`, whose lines are those of the file from `first_line` on."""
        parser = MarkdownIt("commonmark").enable("table").disable("reference")
        tokens = parser.parse(markdown)
        for number, token in enumerate(tokens):
            following = tokens[number + 1].type if number + 1 < len(tokens) else ""
            self._depth += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
            if token.type == "list_item_open" and self._depth <= self._label_depth:
                self._label_depth = 0
            if token.map is not None:
                first, last = (first_line + line for line in token.map)
                # A line of nothing but non-breaking spaces is a paragraph to the parser.
                if self._trimmed_lines(first, last) is not None:
                    yield from self._read(token, first, last, following)

    def _read(self, token: Token, first: int, last: int, following: str) -> Iterator[Block]:
        if token.type == "heading_open":
            yield from self._heading(first, last, int(token.tag[1]), token.markup)
        elif token.type == "paragraph_open":
            yield from self._paragraph(first, last)
        elif token.type == "tr_open":
            yield from self._row(first, is_head=following == "th_open")
        elif token.type == "hr":
            yield Block(BlockKind.MARKUP, self._span(first, last))
        elif token.type == "code_block":
            yield from self._indented(token.content, first)
        elif token.type in ("fence", "html_block"):
            yield from self._verbatim(first, last, token.type, token.markup)

    def _indented(self, content: str, first: int) -> Iterator[Block]:
        """Indented by four: code to Markdown, but in a policy the rest of a list item."""
        outer, self._depth = self._depth, max(self._depth, self._label_depth)
        yield from self._walk(dedent(content), first)
        self._depth = outer

    def _span(self, first: int, last: int) -> Span:
        return _trimmed(self._text, self._lines[first][0], self._lines[last - 1][1])

    def _trimmed_lines(self, first: int, last: int) -> Span | None:
        return trim(self._text, self._lines[first][0], self._lines[last - 1][1])

    def _heading(self, first: int, last: int, level: int, markup: str) -> Iterator[Block]:
        whole = self._span(first, last)
        if markup in ("=", "-"):
            rule = self._span(last - 1, last)
            start = _after(_LIST_MARKS, self._text, whole.start) if self._depth else whole.start
            words = trim(self._text, start, self._lines[last - 2][1])
            if words is not None:
                yield Block(BlockKind.HEADING, words, level)
            yield Block(BlockKind.MARKUP, rule)
        else:
            text = self._text
            start = _after(_HEADING_MARKS, text, _after(_LIST_MARKS, text, whole.start))
            close = _HEADING_CLOSE.search(text, start, whole.end)
            end = close.start() if close else whole.end
            yield Block(BlockKind.MARKUP, Span(whole.start, max(start, whole.start + 1)))
            words_span = trim(text, start, end)
            if words_span is not None:
                yield Block(BlockKind.HEADING, words_span, level)
            rest = trim(text, end, whole.end)
            if rest is not None:
                yield Block(BlockKind.MARKUP, rest)
        self._label_depth = 0

    def _paragraph(self, first: int, last: int) -> Iterator[Block]:
        whole = self._span(first, last)
        outer_marks = _LIST_MARKS if self._depth else _QUOTE_MARKS
        words_start = _after(outer_marks, self._text, whole.start)
        marks = trim(self._text, whole.start, words_start)
        if marks is not None:
            yield Block(BlockKind.MARKUP, marks)
        span = trim(self._text, words_start, whole.end)
        if span is None:
            return
        words = self._text[span.start : span.end]
        if _TEMPLATE_TAG.match(words):
            yield Block(BlockKind.EXCLUDED, span)
        elif _DEFINITION.fullmatch(words):
            yield Block(BlockKind.MARKUP, span)
        elif _is_bold_label(words) and not self._is_last(last):
            self._label_depth = self._depth
            yield Block(BlockKind.LABEL, span, self._depth)
        elif self._depth:
            is_labelled = 0 < self._label_depth <= self._depth
            yield Block(BlockKind.ITEM, span, self._depth + is_labelled)
        else:
            yield from self._loose_lines(first, last, span)

    def _loose_lines(self, first: int, last: int, whole: Span) -> Iterator[Block]:
        """A paragraph; lines of it that end with ";" are the items of a list without bullets."""
        found = [self._trimmed_lines(n, n + 1) for n in range(first, last)]
        lines = [self._without_marks(line) for line in found if line is not None]
        ends = [bool(_LINE_OF_LIST.search(self._text[s.start : s.end])) for s in lines]
        if sum(ends) < 2:
            yield Block(BlockKind.PARAGRAPH, whole)
            return
        start = lines[0].start
        for number, line in enumerate(lines):
            is_item = ends[number] or (number > 0 and ends[number - 1])
            if is_item or number + 1 == len(lines) or ends[number + 1]:
                kind = BlockKind.ITEM if is_item else BlockKind.PARAGRAPH
                yield Block(kind, Span(start, line.end), 1 if is_item else 0)
                start = lines[number + 1].start if number + 1 < len(lines) else line.end

    def _without_marks(self, line: Span) -> Span:
        start = _after(_QUOTE_MARKS, self._text, line.start)
        return Span(start, line.end) if start < line.end else line

    def _is_last(self, line: int) -> bool:
        return all(trim(self._text, a, b) is None for a, b in self._lines[line:])

    def _row(self, line: int, *, is_head: bool) -> Iterator[Block]:
        whole = self._span(line, line + 1)
        words = self._text[whole.start : whole.end]
        left = len(words) - len(words.lstrip("| \t"))
        right = len(words.rstrip("| \t"))
        if left >= right:
            yield Block(BlockKind.MARKUP, whole)
            return
        if left:
            yield Block(BlockKind.MARKUP, _trimmed(self._text, whole.start, whole.start + left))
        span = Span(whole.start + left, whole.start + right)
        yield Block(BlockKind.ROW_LABELS if is_head else BlockKind.ROW, span)
        if right < len(words):
            yield Block(BlockKind.MARKUP, _trimmed(self._text, whole.start + right, whole.end))
        if is_head:
            yield Block(BlockKind.MARKUP, self._span(line + 1, line + 2))

    def _verbatim(self, first: int, last: int, kind: str, fence: str) -> Iterator[Block]:
        span = self._span(first, last)
        words = self._text[span.start : span.end]
        if _TEMPLATE_TAG.match(words) or (kind == "html_block" and not _has_words(words)):
            yield Block(BlockKind.EXCLUDED, span)
            return
        if kind == "html_block":
            yield from html_blocks(self._text, span)
        elif kind == "fence":
            yield from self._fenced(first, last, fence)

    def _fenced(self, first: int, last: int, fence: str) -> Iterator[Block]:
        """The words between two fences; a fence that is never closed reaches to the end."""
        yield Block(BlockKind.MARKUP, self._span(first, first + 1))
        closing = self._trimmed_lines(last - 1, last) if last - first > 1 else None
        marks = self._text[closing.start : closing.end].lstrip("> \t") if closing else ""
        is_closed = marks.startswith(fence) and not marks.strip(fence[0])
        words = self._trimmed_lines(first + 1, last - is_closed) if last - first > 1 else None
        if words is not None:
            yield Block(BlockKind.PARAGRAPH, words)
        if closing is not None and is_closed:
            yield Block(BlockKind.MARKUP, closing)


def html_blocks(text: str, span: Span) -> Iterator[Block]:
    """The rows, items and paragraphs of HTML that stands inside a Markdown text."""
    position = span.start
    for row in _HTML_ROW.finditer(text, span.start, span.end):
        yield from _html_pieces(text, position, row.start())
        kind = BlockKind.ROW_LABELS if "<th" in row[0].lower() else BlockKind.ROW
        words = _without_outer_tags(text, row.start(), row.end())
        if words is not None:
            yield Block(kind, words)
        position = row.end()
    yield from _html_pieces(text, position, span.end)


def _html_pieces(text: str, start: int, end: int) -> Iterator[Block]:
    """What stands between block-level tags; headings keep their level, list items are items."""
    opened, position = "", start
    for tag in [*_HTML_BLOCK_TAG.finditer(text, start, end), None]:
        words = _without_outer_tags(text, position, tag.start() if tag else end)
        if words is not None:
            if opened[:1] == "h" and opened[1:].isdigit():
                yield Block(BlockKind.HEADING, words, int(opened[1:]))
            else:
                is_item = opened == "li"
                yield Block(BlockKind.ITEM if is_item else BlockKind.PARAGRAPH, words, int(is_item))
        if tag is not None:
            opened, position = ("" if tag[1] else tag[2].lower()), tag.end()


def _without_outer_tags(text: str, start: int, end: int) -> Span | None:
    """The words of a stretch of HTML without the tags before and after them."""
    while (match := _TAGS.match(text, start, end)) is not None:
        start = match.end()
    trailing = _TRAILING_TAGS.search(text, start, end)
    return trim(text, start, trailing.start() if trailing else end)


def _trimmed(text: str, start: int, end: int) -> Span:
    span = trim(text, start, end)
    assert span is not None, "markdown-it gave a block without words"
    return span


def _after(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _has_words(html: str) -> bool:
    return bool(re.search(r"\w", re.sub(r"<!--.*?-->|<[^>]*>", "", html, flags=re.DOTALL)))


def _is_bold_label(words: str) -> bool:
    """Whether a paragraph or list item is nothing but a bold label of what follows it."""
    match = _BOLD_ONLY.match(words)
    if match is None or len(words) > 160 or re.search(r"<br\s*/?>", words):
        return False
    return not match[2].endswith((".", "!")) or is_run_in_label(match[2])


def _mark_contents(text: str, blocks: Iterator[Block]) -> list[Block]:
    """A list of nothing but links into the same document is its table of contents."""
    result = list(blocks)
    for run in _runs_of_items(result):
        entries = [text[result[n].span.start : result[n].span.end] for n in run]
        if len(entries) >= CONTENTS_MIN_LINKS and all(map(_LINK_ENTRY.match, entries)):
            for number in run:
                result[number] = Block(BlockKind.EXCLUDED, result[number].span)
    return result


def _runs_of_items(blocks: Sequence[Block]) -> Iterator[list[int]]:
    run: list[int] = []
    for number, block in enumerate(blocks):
        if block.kind is BlockKind.ITEM:
            run.append(number)
        elif block.kind is not BlockKind.MARKUP:
            yield run
            run = []
    yield run
