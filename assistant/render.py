"""An Answer to text, Markdown or JSON, ready to paste."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from enum import StrEnum

from assistant.compose import in_words, limited
from assistant.model import Answer, Citation, Role, Status
from index.retriever import ScoredPassage
from policy_text import PolicyVersion, Segment, SegmentKind
from policy_text.display import display_quote


class Format(StrEnum):
    """How an answer is printed."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


def render_answer(answer: Answer, style: Format) -> str:
    """The answer as it is printed, without a final line end."""
    if style is Format.JSON:
        return json.dumps(answer.to_json(), ensure_ascii=False)
    if style is Format.MARKDOWN:
        return _markdown(answer)
    return "\n".join([answer.text, *_context_lines(answer)])


def render_ranking(version: PolicyVersion, ranking: Sequence[ScoredPassage], style: Format) -> str:
    """Ranked passages, best first, one a block."""
    if style is Format.JSON:
        return json.dumps(
            [_scored_json(version, scored) for scored in ranking], ensure_ascii=False, indent=1
        )
    bold = "**" if style is Format.MARKDOWN else ""
    blocks = []
    for rank, scored in enumerate(ranking, 1):
        section = version.section_of(scored.passage)
        words = display_quote(version.quote(scored.passage.span))
        head = f"{rank}. {bold}{section.cited_as}{bold} ({scored.score:.2f})"
        blocks.append(f"{head}\n   {words}")
    return "\n".join(blocks)


def render_tree(version: PolicyVersion) -> str:
    """The version's sections and passages as they stand, headings indented, ids in brackets."""
    lines: list[str] = []
    shown: set[int] = set()
    for passage in version.passages:
        for number in _not_yet_shown(version, passage.section, shown):
            section = version.sections[number]
            indent = "  " * (len(section.path) - 1)
            lines.append(f"{indent}{section.title}  [{section.id}]")
            shown.add(number)
        indent = "  " * len(version.section_of(passage).path)
        mark = "• " if passage.is_item else ""
        words = display_quote(version.quote(passage.span))
        lines.append(f"{indent}{mark}{words}")
    left_out = [s for s in version.segments if s.kind is SegmentKind.EXCLUDED]
    return "\n".join([*lines, *_left_out_lines(version, left_out)])


def _markdown(answer: Answer) -> str:
    if answer.status is not Status.ANSWERED:
        return _escape(answer.text)
    title = answer.text.partition("\n")[0]
    quotes = [f"> {_escape(in_words(c))} [{n}]" for n, c in _numbered(answer)]
    sources = [f"{n}. **{_escape(c.section.cited_as)}**{limited(c)}" for n, c in _numbered(answer)]
    return "\n\n".join([_escape(title), *quotes, "\n".join(sources)])


def _numbered(answer: Answer) -> list[tuple[int, Citation]]:
    return list(enumerate(answer.citations, 1))


def _context_lines(answer: Answer) -> list[str]:
    """What a citation leans on and the answer's text does not show yet."""
    lines: list[str] = []
    for number, citation in _numbered(answer):
        for quote in citation.context:
            words = display_quote(quote.quote)
            if quote.role is Role.ANTECEDENT:
                lines.append(f"    [{number}] follows: “{words}”")
            elif quote.role is Role.REFERENCE:
                lines.append(f"    [{number}] refers to: {quote.section.cited_as}")
    return lines


def _escape(words: str) -> str:
    return re.sub(r"([\\`*_<>\[\]])", r"\\\1", words)


def _scored_json(version: PolicyVersion, scored: ScoredPassage) -> dict[str, object]:
    section = version.section_of(scored.passage)
    return {
        "policy": version.policy.id,
        "version": version.info.version,
        "section": section.cited_as,
        "section_id": section.id,
        "start": scored.passage.span.start,
        "end": scored.passage.span.end,
        "score": round(scored.score, 4),
        "quote": version.quote(scored.passage.span),
    }


def _not_yet_shown(version: PolicyVersion, number: int, shown: set[int]) -> list[int]:
    """The section and those above it that have no line yet, from the top."""
    chain: list[int] = []
    at: int | None = number
    while at is not None and at not in shown:
        chain.append(at)
        at = version.sections[at].parent
    return chain[::-1]


def _left_out_lines(version: PolicyVersion, left_out: Sequence[Segment]) -> list[str]:
    if not left_out:
        return []
    quotes = [" ".join(version.quote(segment.span).split()) for segment in left_out]
    shown = [f"  {quote if len(quote) <= 70 else quote[:69] + '…'}" for quote in quotes]
    return ["", "Not policy text:", *shown]
