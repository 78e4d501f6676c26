"""A quote to its words as they are compared, so that typography is no change.

No words, and so no change, are: capitals, quotation marks, dashes and hyphens, white space,
Markdown and HTML, bullets, the numbers of sections and items, the marks that end a passage, and
the targets of links. Numbers, money, addresses and negations are words. So are the commas within a
sentence, as they may decide what it covers (O'Connor v. Oakhurst Dairy, 851 F.3d 69, 1st Cir.
2017); whether such a mark is a comma, a semicolon or a bracket does not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from policy_text.display import BLANK, display_quote

BREAK = "‖"  # the key of any mark that parts clauses; the keys of brackets begin with it
_BREAK_KEYS = {"(": "‖(", "[": "‖(", "（": "‖(", ")": "‖)", "]": "‖)", "）": "‖)"}

_INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufe0f\ufeff"  # soft hyphens, joiners, byte order marks
_APOSTROPHES = "'’‘ʼ`´＇"
_SYMBOLS = "\u2190-\u259f\u2600-\u2793\u27bf-\u2bff\U0001f000-\U0001faff"  # ✓ ✗; not ● ➢
_CURRENCY = "$¢£¤¥\u20a0-\u20cf"
_NOT_LETTERS = (
    rf"\s!-/:-@\[-`{{-~¡-©«¬®-±´¶-¸»¿\u2010-\u205f\u2061-\u206f{_CURRENCY}\u2120\u2122"
    "\u2190-\u2bff\u3001-\u3003\u3008-\u3020\ue000-\uf8ff\uff01-\uff0f\uff1a-\uff20"
    "\U0001f000-\U0001faff"
)
_LETTER = f"[^{_NOT_LETTERS}]"
_TOKEN = re.compile(
    rf"\]\([^()\s]*\)|{re.escape(BLANK)}"  # the target of a link of several sentences; our own mark
    rf"|(?P<initials>\b(?:[A-Za-z]\.)+[A-Za-z]\b\.?)"
    rf"|(?P<word>{_LETTER}+(?:(?:[{_APOSTROPHES}@]|\.(?=[a-z0-9])|(?<=\d)[,:](?=\d)){_LETTER}+)*)"
    rf"|(?P<sign>[{_CURRENCY}%‰&§°±]|[<>=+](?=\s?\d))"
    rf"|(?P<symbol>[{_SYMBOLS}])"
    r"|(?P<break>[,;:()\[\]|，；：（）]|[.!?]+(?=[\"”’')*_]*\s+[\"“‘'(*_]*[A-Z]))"
)
_DROPPED = re.compile(f"[{_INVISIBLE}]")
_ANY_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
_ROMAN = r"(?:x{0,3}(?:ix|iv|v?i{1,3}|v)|x{1,3})"
_ENUMERATOR = re.compile(
    rf"\W{{0,3}}(?:(?:\d{{1,3}}|[a-z]|{_ROMAN})[.)]\s+"
    r"|\d{1,3}(?:\.\d{1,3})+[.)]?\s+(?=(?-i:[A-Z][a-z]|[AI]\s)))",
    re.IGNORECASE,
)
_TITLE_NUMBER = re.compile(
    r"(?:(?:section|article|part|chapter|clause|annex|§)\s+)?"
    r"(?:(?P<number>\d{1,2}(?:\.\d{1,2})*)(?:[.):]|(?=\s+(?:[-–—]|(?-i:[A-Z]))))"
    rf"|(?:[a-z]|{_ROMAN})(?:[.):]|(?=\s+[-–—]\s)))"
    r"\s*[-–—:]?\s+",
    re.IGNORECASE,
)


class Token(NamedTuple):
    """A word, a sign or a break: what it is compared by, and where it stands."""

    key: str
    start: int
    end: int


def keys_of(raw: str) -> tuple[str, ...]:
    """A passage as it is compared; one without any words is compared by its signs."""
    words = display_quote(raw)
    keys = (token.key for token in tokens_of(words))
    return tuple(BREAK if _is_break(key) else key for key in keys) or (words,)


def without_breaks(keys: Iterable[str]) -> tuple[str, ...]:
    """The words alone."""
    return tuple(key for key in keys if key != BREAK)


def title_key(title: str) -> tuple[str, ...]:
    """The words of a title without its number."""
    match = _TITLE_NUMBER.match(title)
    return without_breaks(keys_of(title[match.end() :] if match else title))


def title_number(title: str) -> str | None:
    """The number of a section as its title gives it ("3.1"); None where it has none."""
    match = _TITLE_NUMBER.match(title)
    return match["number"] if match else None


def tokens_of(words: str) -> list[Token]:
    """The words of a displayed quote, with the marks between them, without those around them."""
    number = _ENUMERATOR.match(words)
    found: list[Token] = []
    for match in _TOKEN.finditer(words, number.end() if number else 0):
        key = _key(match)
        # Symbols before the first word are bullets; of several marks in a row one says it all.
        is_noise = not key or (match.lastgroup == "symbol" and not found)
        if is_noise or (_is_break(key) and (not found or _is_break(found[-1].key))):
            continue
        found.append(Token(key, match.start(), match.end()))
    return _without_end(found)


def _key(match: re.Match[str]) -> str:
    """What a token is compared by; nothing for what says nothing."""
    if match.lastgroup is None:
        return ""
    if match.lastgroup == "break":
        return _BREAK_KEYS.get(match[0], BREAK)
    words = _DROPPED.sub("", _ANY_APOSTROPHE.sub("'", match[0]))
    if match.lastgroup == "initials":
        words = words.replace(".", "")
    words = unicodedata.normalize("NFKC", words).casefold()
    return "and" if words == "&" else words


def _without_end(tokens: list[Token]) -> list[Token]:
    """Without final marks, and without the "; and" of the last item but one of a list.

    A final "or" is kept: that one of several is enough must not be lost.
    """
    if len(tokens) > 1 and tokens[-1].key == "and" and _is_break(tokens[-2].key):
        del tokens[-2:]
    elif tokens and _is_break(tokens[-1].key):
        del tokens[-1:]
    return tokens


def _is_break(key: str) -> bool:
    return key.startswith(BREAK)
