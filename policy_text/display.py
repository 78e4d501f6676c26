"""A raw quote to what a person reads: markup removed, gaps in the source marked."""

from __future__ import annotations

import html
import re

BLANK = "[blank in the original]"

LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^>\s]+|[\w.+-]+@[\w.-]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>|<!--.*?-->", re.DOTALL)
_BLOCK_TAG = re.compile(r"</?(?:p|div|td|th|tr|li|ul|ol|table|h[1-6])\b[^>]*>", re.IGNORECASE)
_BREAK = re.compile(r"[ \t]*(?:<br\s*/?>|\\(?=\r?\n))[ \t]*(?:\r?\n)?", re.IGNORECASE)
EMPHASIS = re.compile(r"(?<![\w*_])(\*{1,3}|_{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w*_])", re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)+\|?")
_FIRST_BULLET = re.compile(r":\s*\n\s*(?:[•●▪◦‣*+-]|o(?=\s))\s+")
_BULLET = re.compile(r"[;,.]?\s*\n\s*(?:[•●▪◦‣*+-]|o(?=\s))\s+")
_CELL = re.compile(r"\s*\|\s*")
_IDENTITY = re.compile(r"\{[#:.][^}]*\}")

# Scraping loses links without labels and leaves a hole. Only holes that cannot be English are
# marked: a word that must be followed by an address, directly before "or", "and", "," or the end.
_GAP = re.compile(
    r"(\be-?mail to|\byour request to|\bin writing to:|\bavailable at"
    r"|\b(?:contact|visit|email|reach) us at)"
    r"(?= or write\b|,| Also\b| Your request\b|\.?$)"
)


# What is taken out of a raw text, in this order: the pattern, and the group that stays (or the
# words that stand in its place).
STEPS: tuple[tuple[re.Pattern[str], int | str], ...] = (
    (_BREAK, "\n"),
    (LINK, 1),
    (AUTOLINK, 1),
    (_BLOCK_TAG, "\n"),
    (_TAG, ""),
    (_IDENTITY, ""),
    (EMPHASIS, 2),
    (EMPHASIS, 2),  # bold inside italics
    (_CODE, 1),
    (_ESCAPE, 1),
)


def plain_words(raw: str) -> str:
    """`raw` without Markdown and HTML marks; links keep their labels."""
    words = raw
    for pattern, kept in STEPS:
        words = pattern.sub(kept if isinstance(kept, str) else rf"\{kept}", words)
    return html.unescape(words)


def display_quote(raw: str) -> str:
    """A quote as a person reads it, on one line, cells parted by a dash, gaps marked."""
    words = _FIRST_BULLET.sub(": ", plain_words(raw))
    words = _BULLET.sub("; ", _TABLE_RULE.sub("", words))
    words = _CELL.sub(" – ", words)
    words = " ".join(words.split())
    return _GAP.sub(rf"\1 {BLANK}", words)
