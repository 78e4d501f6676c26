"""A raw quote to what a person reads: markup removed, gaps in the source marked."""

from __future__ import annotations

import html
import re

BLANK = "[blank in the original]"

_LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^>\s]+|[\w.+-]+@[\w.-]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>|<!--.*?-->", re.DOTALL)
_BLOCK_TAG = re.compile(r"</?(?:p|div|td|th|tr|li|ul|ol|table|h[1-6])\b[^>]*>", re.IGNORECASE)
_BREAK = re.compile(r"[ \t]*(?:<br\s*/?>|\\(?=\r?\n))[ \t]*(?:\r?\n)?", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<![\w*_])(\*{1,3}|_{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w*_])", re.DOTALL)
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


def plain_words(raw: str) -> str:
    """`raw` without Markdown and HTML marks; links keep their labels."""
    words = _BREAK.sub("\n", raw)
    words = _LINK.sub(r"\1", words)
    words = _AUTOLINK.sub(r"\1", words)
    words = _TAG.sub("", _BLOCK_TAG.sub("\n", words))
    words = _IDENTITY.sub("", words)
    for _ in range(2):  # bold inside italics
        words = _EMPHASIS.sub(r"\2", words)
    words = _CODE.sub(r"\1", words)
    return html.unescape(_ESCAPE.sub(r"\1", words))


def display_quote(raw: str) -> str:
    """A quote as a person reads it, on one line, cells parted by a dash, gaps marked."""
    words = _FIRST_BULLET.sub(": ", plain_words(raw))
    words = _BULLET.sub("; ", _TABLE_RULE.sub("", words))
    words = _CELL.sub(" – ", words)
    words = " ".join(words.split())
    return _GAP.sub(rf"\1 {BLANK}", words)
