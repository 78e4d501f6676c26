"""A policy's outline: its top sections, each with the first sentence that says something."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.model import Citation
from assistant.regions import is_for, limit_of
from assistant.wording import titled
from policy_text import Passage, PolicyVersion
from policy_text.display import display_quote

MAX_SECTIONS = 30
SHORT_PASSAGE = 30  # characters; shorter ones ("For example:") say nothing by themselves


def outline_passages(version: PolicyVersion, region: str | None = None) -> list[Passage]:
    """The first telling passage of every top section that concerns a person of `region`."""
    found: dict[str, Passage] = {}
    for passage in version.passages:
        top = version.section_of(passage).path[0]
        is_theirs = is_for(limit_of(version, passage), region)
        if top not in found and is_theirs and _tells(version, passage):
            found[top] = passage
    return list(found.values())[:MAX_SECTIONS] or list(version.passages[:1])


def outline_text(version: PolicyVersion, citations: Sequence[Citation]) -> str:
    """The outline for a person: heading, first sentence, number."""
    lines = [f"{titled(version)} has these sections:"]
    for number, citation in enumerate(citations, 1):
        heading = citation.section.path[0]
        lines.append(f"- {heading}: “{display_quote(citation.quote)}” [{number}]")
    return "\n".join(lines)


def _tells(version: PolicyVersion, passage: Passage) -> bool:
    words = version.quote(passage.span)
    return len(words) >= SHORT_PASSAGE and not words.endswith(":")
