"""Plain text to blocks: numbered, lettered and bare headings, bullets, contents, site chrome."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from policy_text.blocks import Block, BlockKind, Line, lines_with_words
from policy_text.model import Span
from policy_text.sentences import is_run_in_label

_BULLET = re.compile(r"(?:[•●▪◦‣·–—*+-]|\uf0b7|o(?=\s+\S))\s+(?=\S)")
_ITEM_NUMBER = re.compile(r"(?:\([a-zA-Z]\)|\([ivx]{1,4}\)|\(?\d{1,2}\)|\d{1,2}\.)\s+(?=\S)")
_DIGIT_HEADING = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)(?:[.)]\s+|(?<=\.\d)\s+|(?<=\.\d\d)\s+)(?=\S)")
_LETTER_HEADING = re.compile(r"([A-Z])([.)]?)\s+(?=[A-Z\"“‘(\d])")
_ROMAN_HEADING = re.compile(r"([IVX]{1,5})[.)]\s+(?=[A-Z\"“‘(])")
_WORD_HEADING = re.compile(r"(?:Section|Article|Part|Annex|Appendix|Schedule)\s+[\dIVXA-Z]+\b")
_SKIP_LINK = re.compile(r"skip to (?:main |the )?(?:content|navigation)\.?$", re.IGNORECASE)
_EXPAND_HINT = re.compile(
    r"(?:click|tap|select)\b.*\b(?:heading|section|link)s?\b.*:?$|(?:table of )?contents:?$",
    re.IGNORECASE,
)
_POLICY_WORDS = re.compile(r"\b(?:privacy|policy|policies|notice|statement|terms|cookies?)\b", re.I)
_LABELLED = re.compile(r"[A-Z][^.:;?!]{1,60}:\s+\S")
_RULE = re.compile(r"[-=_*~–—•\s]+")  # a line drawn under a heading or between paragraphs

HEADING_MAX_CHARACTERS = 120
BARE_HEADING_MAX_WORDS = 12
QUESTION_MAX_CHARACTERS = 160
LABEL_BULLET_MAX_WORDS = 8
SKIP_LINK_WITHIN_LINES = 15  # a skip link stands before all content, so only the top is searched
CONTENTS_MIN_LINES = 3


class Style(Enum):
    """How a heading is written; headings of one style are of one level."""

    DIGIT = "1."
    LETTER = "A."
    ROMAN = "I."
    WORD = "Section 1"
    CAPITALS = "ABC"
    BARE = "Abc"  # alone between blank lines
    BARE_TIGHT = "Abc, its text on the next line"
    QUESTION = "Abc?"


@dataclass(frozen=True, slots=True)
class _Heading:
    line: int
    style: Style
    depth: int  # dots in the number of a DIGIT heading


@dataclass(frozen=True, slots=True)
class _Last:
    """The number and the letter of the last headings that had one."""

    digit: int = 0
    letter: str = ""


def plain_blocks(text: str) -> list[Block]:
    """The blocks of a plain text, in order."""
    lines = _join_wrapped(text, lines_with_words(text))
    body_start = _after_skip_link(text, lines)
    contents = _contents_lines(text, lines)
    excluded = set(range(body_start)) | contents
    headings = _headings(text, lines, excluded)
    levels = _heading_levels(lines, headings)
    titles = _titles(text, lines, headings, body_start)
    reader = _BodyReader(text, lines, headings)
    blocks: list[Block] = []
    for number, line in enumerate(lines):
        if number in excluded:
            blocks.append(Block(BlockKind.EXCLUDED, line.span))
        elif number in titles:
            blocks.append(Block(BlockKind.TITLE, line.span))
        elif number in headings:
            blocks.append(Block(BlockKind.HEADING, line.span, levels[number]))
        else:
            blocks.extend(reader.read(number))
    return blocks


# --- lines -------------------------------------------------------------------------------------


def _join_wrapped(text: str, lines: list[Line]) -> list[Line]:
    """Puts the lines of hard-wrapped paragraphs together; a line a paragraph is left alone."""
    if not _is_hard_wrapped(text, lines):
        return lines
    joined: list[Line] = []
    for line in lines:
        if joined and line.blanks_before == 0 and not _starts_block(text, line, joined[-1]):
            above = joined[-1]
            joined[-1] = replace(
                above, span=Span(above.span.start, line.span.end), blanks_after=line.blanks_after
            )
        else:
            joined.append(line)
    return joined


def _is_hard_wrapped(text: str, lines: Sequence[Line]) -> bool:
    """Whether lines break inside sentences, as in an e-mail of 72 columns."""
    follow = [line for line in lines if line.blanks_before == 0][1:]
    if len(follow) < 4 or max(len(line.span) for line in lines) > 110:
        return False
    lower = sum(text[line.span.start].islower() for line in follow)
    return lower >= 0.3 * len(follow)


def _starts_block(text: str, line: Line, above: Line) -> bool:
    words = text[line.span.start : line.span.end]
    if _BULLET.match(words) or _ITEM_NUMBER.match(words) or _DIGIT_HEADING.match(words):
        return True
    above_words = text[above.span.start : above.span.end]
    if _RULE.fullmatch(words) or _RULE.fullmatch(above_words):
        return True
    return len(above_words) < 40 and words[0].isupper() and above_words[-1] in ".:;?!"


def _after_skip_link(text: str, lines: Sequence[Line]) -> int:
    """Number of the first line after a "Skip to content" link: what stands above is site chrome."""
    for number, line in enumerate(lines[:SKIP_LINK_WITHIN_LINES]):
        if _SKIP_LINK.match(_words(text, line)):
            return number + 1
    return 0


def _contents_lines(text: str, lines: Sequence[Line]) -> set[int]:
    """Numbers of the lines of a table of contents, with the hint above it.

    A table of contents is a run of lines without blanks between, most of which come again
    further down as headings.
    """
    found: set[int] = set()
    number = 0
    while number < len(lines):
        run = _run_of_headings(text, lines, number)
        later = {_fold(_words(text, line)) for line in lines[number + len(run) :]}
        again = sum(_comes_again(_fold(_words(text, lines[n])), later) for n in run)
        if len(run) >= CONTENTS_MIN_LINES and again > 0.6 * len(run):
            found.update(run)
            if number and _EXPAND_HINT.match(_words(text, lines[number - 1])):
                found.add(number - 1)
        number += max(1, len(run))
    return found


def _run_of_headings(text: str, lines: Sequence[Line], start: int) -> list[int]:
    run = [start]
    for number in range(start, len(lines)):
        words = _words(text, lines[number])
        if len(words) > HEADING_MAX_CHARACTERS or words.endswith((".", ";", ",")):
            break
        if number > start:
            if lines[number].blanks_before:
                break
            run.append(number)
    return run


def _comes_again(entry: str, later: set[str]) -> bool:
    return entry in later or any(len(line) > 8 and entry.startswith(line) for line in later)


def _fold(words: str) -> str:
    return " ".join(re.findall(r"\w+", words.casefold()))


def _words(text: str, line: Line) -> str:
    return text[line.span.start : line.span.end]


# --- headings ----------------------------------------------------------------------------------


def _headings(text: str, lines: Sequence[Line], excluded: set[int]) -> dict[int, _Heading]:
    headings: dict[int, _Heading] = {}
    last = _Last()
    for number, line in enumerate(lines):
        if number in excluded:
            continue
        above_is_heading = number - 1 in headings or number == 0 or number - 1 in excluded
        style = _heading_style(text, lines, number, above_is_heading, last)
        if style is None:
            continue
        mark = _words(text, line).split()[0].rstrip(".)")
        if style is Style.LETTER:
            last = replace(last, letter=mark)
        elif style is Style.DIGIT:
            last = _Last(digit=int(mark.partition(".")[0]))
        headings[number] = _Heading(number, style, mark.count(".") if style is Style.DIGIT else 0)
    return headings


def _heading_style(
    text: str, lines: Sequence[Line], number: int, above_is_heading: bool, last: _Last
) -> Style | None:
    """How the line is written as a heading; None where it is none."""
    words = _words(text, lines[number])
    if number + 1 == len(lines) or _BULLET.match(words) or not any(c.isalpha() for c in words):
        return None
    if _is_question(words):
        return Style.QUESTION
    if len(words) > HEADING_MAX_CHARACTERS or words.endswith((";", ",", "!")):
        return None
    numbered = _numbered_style(words, last)
    if numbered is not None or words.endswith("?"):
        return numbered
    return _bare_style(text, lines, number, above_is_heading)


def _is_question(words: str) -> bool:
    return (
        words.endswith("?")
        and len(words) <= QUESTION_MAX_CHARACTERS
        and words[0].isupper()
        and not re.search(r"[.!?]\s", words)
    )


def _numbered_style(words: str, last: _Last) -> Style | None:
    is_sentence = words.endswith(".") and len(words.split()) > 6
    if is_sentence:
        return None
    digit = _DIGIT_HEADING.match(words)
    if digit and words.endswith(".") and not is_run_in_label(words[digit.end() :]):
        return None  # "1.1 We keep logs." is a numbered sentence
    # A small letter after the number ("5. ccNet Website") only counts in sequence.
    if digit and (words[digit.end()].isupper() or digit[1] == str(last.digit + 1)):
        return Style.DIGIT
    letter = _LETTER_HEADING.match(words)
    follows = letter and (letter[1] == "A" or last.letter == chr(ord(letter[1]) - 1))
    # So does a letter without its dot ("D California Consumer Rights").
    if letter and follows and (letter[2] or last.letter):
        return Style.LETTER
    if _ROMAN_HEADING.match(words):
        return Style.ROMAN
    return Style.WORD if _WORD_HEADING.match(words) and not words.endswith(".") else None


def _bare_style(
    text: str, lines: Sequence[Line], number: int, above_is_heading: bool
) -> Style | None:
    line, words = lines[number], _words(text, lines[number])
    if words.endswith(".") or len(words.split()) > BARE_HEADING_MAX_WORDS or words[0].islower():
        return None
    if not (line.blanks_before or above_is_heading) or _ITEM_NUMBER.match(words):
        return None
    if words.upper() == words and len(words) > 3:
        return Style.CAPITALS
    if words.endswith(":") and not (
        _is_title_case(words) and not _is_list_next(text, lines, number)
    ):
        return None
    if line.blanks_after == 0 and not _is_title_case(words):
        return None
    return Style.BARE if line.blanks_after else Style.BARE_TIGHT


def _is_title_case(words: str) -> bool:
    long = [w for w in re.findall(r"[^\W\d_]+", words) if len(w) > 3]
    return bool(long) and sum(w[0].isupper() for w in long) >= 0.6 * len(long)


def _is_list_next(text: str, lines: Sequence[Line], number: int) -> bool:
    following = _words(text, lines[number + 1])
    return bool(_BULLET.match(following) or _ITEM_NUMBER.match(following))


def _titles(
    text: str, lines: Sequence[Line], headings: dict[int, _Heading], body_start: int
) -> set[int]:
    """Numbers of the lines that name the document itself: unnumbered headings above all else."""
    unnumbered = (Style.BARE, Style.BARE_TIGHT, Style.CAPITALS)
    titles: list[int] = []
    number = body_start
    while number in headings and headings[number].style in unnumbered:
        titles.append(number)
        number += 1
    if not titles or _POLICY_WORDS.search(_words(text, lines[titles[0]])):
        return set(titles)
    others = [h for n, h in headings.items() if h.style in unnumbered and n not in titles]
    return set() if others else set(titles[:1])


def _heading_levels(lines: Sequence[Line], headings: dict[int, _Heading]) -> dict[int, int]:
    """Level of each heading: styles nest in the order in which they first appear.

    A bare heading between blank lines is a top heading where the numbered ones are written so.
    """
    digits = [h for h in headings.values() if h.style is Style.DIGIT and h.depth == 0]
    spaced = [h for h in digits if lines[h.line].blanks_after]
    tops_are_spaced = len(digits) > 1 and len(spaced) > 0.5 * len(digits)
    levels: dict[int, int] = {}
    of_style: dict[tuple[Style, int], int] = {}
    current = 0
    for number, heading in headings.items():
        style = (heading.style, heading.depth)
        if heading.style is Style.BARE and tops_are_spaced:
            style = (Style.DIGIT, 0)
        if heading.style is Style.QUESTION:
            levels[number] = current + 1
            continue
        if style not in of_style:
            of_style[style] = _level_of_new_style(style, of_style, current)
        current = levels[number] = of_style[style]
    return levels


def _level_of_new_style(
    style: tuple[Style, int], of_style: dict[tuple[Style, int], int], current: int
) -> int:
    kind, depth = style
    if kind is Style.DIGIT and depth and (Style.DIGIT, depth - 1) in of_style:
        return of_style[Style.DIGIT, depth - 1] + 1
    return current + 1


# --- body --------------------------------------------------------------------------------------


class _BodyReader:
    """Reads the lines that are no headings, one after the other, as paragraphs and list items."""

    def __init__(self, text: str, lines: Sequence[Line], headings: dict[int, _Heading]) -> None:
        self._text = text
        self._lines = lines
        self._headings = headings
        self._glyphs: list[str] = []  # bullet glyphs from the outermost list to this one
        self._after_colon = False  # whether lines without bullets may be items of a list
        self._last = -1

    def read(self, number: int) -> Iterator[Block]:
        """The blocks of one line: its bullet and its words."""
        if number - 1 in self._headings or number != self._last + 1:
            self._glyphs, self._after_colon = [], False
        self._last = number
        line, words = self._lines[number], _words(self._text, self._lines[number])
        bullet = _BULLET.match(words) or _ITEM_NUMBER.match(words)
        if _RULE.fullmatch(words):
            yield Block(BlockKind.MARKUP, line.span)
            return
        if bullet is None:
            yield self._unmarked(line, words)
            return
        start = line.span.start
        yield Block(BlockKind.MARKUP, Span(start, start + len(bullet[0].rstrip())))
        span = Span(start + bullet.end(), line.span.end)
        level = self._level_of(bullet[0].strip())
        self._after_colon = False
        if self._is_label(number, words[bullet.end() :]):
            yield Block(BlockKind.LABEL, span, level)
        else:
            yield Block(BlockKind.ITEM, span, level)

    def _level_of(self, marker: str) -> int:
        marker = "◦" if marker == "o" else marker
        for same, one in ((r"\d+", "1"), (r"[a-z]+", "a"), (r"[A-Z]+", "A")):
            marker = re.sub(same, one, marker)
        glyph = marker
        if glyph in self._glyphs:
            del self._glyphs[self._glyphs.index(glyph) + 1 :]
        else:
            self._glyphs.append(glyph)
        return len(self._glyphs)

    def _is_label(self, number: int, words: str) -> bool:
        """Whether a bullet only names the text below it ("• Our service providers")."""
        if number + 1 >= len(self._lines) or number + 1 in self._headings:
            return False
        below = _words(self._text, self._lines[number + 1])
        if words.endswith((".", ";", ",", "?", "!")) or len(words.split()) > LABEL_BULLET_MAX_WORDS:
            return False
        is_text_below = not (_BULLET.match(below) or _ITEM_NUMBER.match(below))
        return is_text_below and below[0].isupper() and words[0].isupper()

    def _unmarked(self, line: Line, words: str) -> Block:
        """A paragraph, or an item of a list that was written without bullets."""
        is_item = self._after_colon and self._continues_list(line, words)
        if not is_item:
            self._glyphs = self._glyphs[:1] if line.blanks_before == 0 else []
            self._after_colon = words.endswith(":")
            return Block(BlockKind.PARAGRAPH, line.span)
        self._after_colon = words.endswith((";", ",", "; and", "; or")) or self._is_loose(words)
        return Block(BlockKind.ITEM, line.span, 1)

    def _continues_list(self, line: Line, words: str) -> bool:
        if words.endswith(":"):
            return False
        separated = words.endswith((";", ",", "; and", "; or"))
        was_separated = self._last > 0 and self._above().endswith((";", ",", "; and", "; or"))
        return separated or was_separated or (line.blanks_before == 0 and self._is_loose(words))

    def _is_loose(self, words: str) -> bool:
        return bool(_LABELLED.match(words)) or (len(words) <= 150 and not words.endswith("."))

    def _above(self) -> str:
        return _words(self._text, self._lines[self._last - 1])
