"""Quotes to a reply that a support agent pastes: plain text, Markdown and HTML (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from assistant.page.markup import Markup, element, joined
from assistant.wording import date_in_words

_MARKDOWN = re.compile(r"([\\`*_<>\[\]#|~])")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote in a reply.

    Attributes:
        source: the policy's name and date.
        where: the section, and for whose residents if it is not for all.
        words: as a person reads them, in quotation marks, after their lead-in.
        link: where the section can be read for good.
    """

    source: str
    where: str
    words: str
    link: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The same reply in three forms."""

    text: str
    markdown: str
    html: Markup


def reply(
    quotes: Sequence[Quoted], *, answer: str | None = None, as_of: date | None = None
) -> Reply:
    """The quotes by policy and version, each with its section and link.

    Args:
        quotes: in the order in which they shall stand; those of one text should adjoin.
        answer: words of the agent's own that stand above them.
        as_of: the day on which they were in force; it stands on top.
    """
    on_day = None if as_of is None else f"What applied on {date_in_words(as_of.isoformat())}:"
    texts = [(source, list(run)) for source, run in groupby(quotes, lambda q: q.source)]
    return Reply(
        _text(texts, answer, on_day), _markdown(texts, answer, on_day), _html(texts, answer, on_day)
    )


_Texts = Sequence[tuple[str, Sequence[Quoted]]]


def _text(texts: _Texts, answer: str | None, on_day: str | None) -> str:
    blocks = [words for words in (answer, on_day) if words]
    for source, quotes in texts:
        blocks.append(f"{source}:")
        for quoted in quotes:
            blocks.append(f"{quoted.words}\n– {quoted.where}\n  {quoted.link}")
    return "\n\n".join(blocks)


def _markdown(texts: _Texts, answer: str | None, on_day: str | None) -> str:
    blocks = [in_markdown(words) for words in (answer, on_day) if words]
    for source, quotes in texts:
        blocks.append(f"**{in_markdown(source)}**")
        for quoted in quotes:
            link = f"[{in_markdown(quoted.where)}](<{quoted.link}>)"
            blocks.append(f"> {in_markdown(quoted.words)}\n>\n> {link}")
    return "\n\n".join(blocks)


def in_markdown(words: str) -> str:
    """Words in which no character is a sign of Markdown's; lines stay lines."""
    escaped = _MARKDOWN.sub(r"\\\1", words)
    # What would begin a list, a quote, a rule or a heading does so only at the start of a line.
    return re.sub(r"(?m)^(\s*)([-+=]|\d+[.)])(?=\s|$)", _not_begun, escaped)


def _not_begun(match: re.Match[str]) -> str:
    sign = match[2]
    shown = f"\\{sign}" if len(sign) == 1 else f"{sign[:-1]}\\{sign[-1]}"
    return f"{match[1]}{shown}"


def _html(texts: _Texts, answer: str | None, on_day: str | None) -> Markup:
    blocks = [_paragraph(words) for words in (answer, on_day) if words]
    for source, quotes in texts:
        blocks.append(element("p", element("strong", source)))
        for quoted in quotes:
            where = element("p", "– ", element("a", quoted.where, href=quoted.link))
            blocks.append(element("blockquote", element("p", quoted.words), where))
    return joined(*blocks)


def _paragraph(words: str) -> Markup:
    lines = [piece for line in words.splitlines() for piece in (element("br"), line)]
    return element("p", *lines[1:])
