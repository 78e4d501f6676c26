"""A stretch of a policy to pieces of shown words, each knowing the characters it stands for."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from policy_text.display import AUTOLINK, EMPHASIS, LINK, STEPS
from policy_text.model import Span

LINE_BREAK = "\u2028"  # stands in the words of a piece for a line that ends there

_ENTITY = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[a-zA-Z][a-zA-Z0-9]{1,31};)")
_TARGET = re.compile(r"\]\(<?([^\s>()]*(?:\([^()]*\)[^\s>()]*)*)")
_FOLLOWED = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one look, none of whose characters stand apart by more than markup.

    Attributes:
        span: the characters of the text that the words stand for.
        words: as they are shown.
        href: where a link leads: http(s) and mailto only; None for plain words.
    """

    span: Span
    words: str
    href: str | None
    is_strong: bool
    is_emphasised: bool


@dataclass(frozen=True, slots=True)
class _Shown:
    """One shown character and the characters [start, end) of the text that it stands for."""

    character: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Look:
    """How the characters of `span` look."""

    span: Span
    href: str | None = None
    is_strong: bool = False
    is_emphasised: bool = False


def inline_pieces(text: str, span: Span, cuts: Iterable[int] = ()) -> list[Piece]:
    """The shown words of `span`, without markup; no piece reaches over one of the `cuts`.

    Together the words are `plain_words` of the span.
    """
    shown = [_Shown(text[n], n, n + 1) for n in range(span.start, span.end)]
    looks: list[_Look] = []
    for pattern, kept in STEPS:
        shown = list(_step(shown, pattern, kept, looks))
    shown = list(_unescaped(shown))
    ordered = sorted(cuts)

    def key(character: _Shown) -> tuple[int, str | None, bool, bool]:
        at = [look for look in looks if look.span.start <= character.start < look.span.end]
        return (
            sum(cut <= character.start for cut in ordered),
            next((look.href for look in at if look.href), None),
            any(look.is_strong for look in at),
            any(look.is_emphasised for look in at),
        )

    return [_piece(list(run), look) for look, run in groupby(shown, key)]


def _piece(run: list[_Shown], look: tuple[int, str | None, bool, bool]) -> Piece:
    words = "".join(character.character for character in run)
    span = Span(run[0].start, max(run[-1].end, run[0].start + 1))
    return Piece(span, words, *look[1:])


def _step(
    shown: list[_Shown], pattern: re.Pattern[str], kept: int | str, looks: list[_Look]
) -> Iterator[_Shown]:
    """What one step of `plain_words` leaves; how the words look is noted in `looks`."""
    words = "".join(character.character for character in shown)
    position = 0
    for match in pattern.finditer(words):
        yield from shown[position : match.start()]
        if isinstance(kept, int):
            inside = shown[match.start(kept) : match.end(kept)]
            if inside:
                looks.extend(_looks(pattern, match, Span(inside[0].start, inside[-1].end)))
            yield from inside
        elif kept and match.end() > match.start():
            replaced = shown[match.start() : match.end()]
            yield _Shown(LINE_BREAK, replaced[0].start, replaced[-1].end)
        position = match.end()
    yield from shown[position:]


def _looks(pattern: re.Pattern[str], match: re.Match[str], span: Span) -> Iterator[_Look]:
    if pattern is EMPHASIS:
        yield _Look(span, is_strong=len(match[1]) >= 2, is_emphasised=len(match[1]) != 2)
    elif pattern is LINK and not match[0].startswith("!"):
        target = _TARGET.search(match[0], match.end(1) - match.start())
        if target and _FOLLOWED.match(target[1]):
            yield _Look(span, href=html.unescape(target[1]))
    elif pattern is AUTOLINK:
        address = match[1] if _FOLLOWED.match(match[1]) else f"mailto:{match[1]}"
        yield _Look(span, href=address)


def _unescaped(shown: list[_Shown]) -> Iterator[_Shown]:
    """The characters with entities ("&amp;") as what they stand for."""
    words = "".join(character.character for character in shown)
    position = 0
    for match in _ENTITY.finditer(words):
        yield from shown[position : match.start()]
        start, end = shown[match.start()].start, shown[match.end() - 1].end
        yield from (_Shown(c, start, end) for c in html.unescape(match[0]))
        position = match.end()
    yield from shown[position:]
