"""The text of a version to its Sections, Passages and Segments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from policy_text.blocks import Block, BlockKind
from policy_text.errors import PolicyFileError
from policy_text.markdown import markdown_blocks
from policy_text.model import Policy, PolicyVersion, VersionInfo
from policy_text.passages import build_passages, build_segments
from policy_text.plain import plain_blocks
from policy_text.sections import build_sections, heading_words

# Raised whenever the same text may come out as other sections or passages, so that an index
# built with an older parser is built again.
PARSER_VERSION = 2

_FRONT_TITLE = re.compile(r"^title:[ \t]*(?P<quote>[\"']?)(?P<title>.+?)(?P=quote)[ \t]*\r?$", re.M)
_ORGANISATION = re.compile(
    r"\b(?:privacy|cookies?|data protection|our|the|policy|policies|notice|statement|of|for|and)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a text says of itself at its top."""

    title: str
    organisation: str


def parse_version(
    policy: Policy, info: VersionInfo, text: str, *, is_markdown: bool
) -> PolicyVersion:
    """The version that `text` is.

    Raises:
        PolicyFileError: there is no passage in the text.
    """
    blocks = parse_blocks(text, is_markdown=is_markdown)
    tree = build_sections(text, blocks, policy.title) if blocks else None
    passages = build_passages(text, blocks, tree) if tree else ()
    if tree is None or not passages:
        raise PolicyFileError(
            f"Policy {policy.id}, version {info.version}, has no sentence in it that could be "
            "quoted. Put the policy's text into its file."
        )
    segments = build_segments(text, blocks, passages)
    return PolicyVersion(policy, info, text, tree.sections, passages, segments, tuple(blocks))


def parse_blocks(text: str, *, is_markdown: bool) -> Sequence[Block]:
    """The blocks of a Markdown or plain text."""
    return markdown_blocks(text) if is_markdown else plain_blocks(text)


def heading_of(text: str, *, is_markdown: bool, otherwise: str) -> Heading:
    """The title that a text gives itself, and whose policy it seems to be.

    `otherwise` is both where the text says neither.
    """
    title = _title_of(text, is_markdown=is_markdown) or otherwise
    words = " ".join(_ORGANISATION.sub(" ", title).split()).strip(" -–—:|&")
    return Heading(title, words if words and len(words.split()) <= 5 else otherwise)


def _title_of(text: str, *, is_markdown: bool) -> str | None:
    for block in parse_blocks(text, is_markdown=is_markdown):
        words = text[block.span.start : block.span.end]
        front = _FRONT_TITLE.search(words) if block.kind is BlockKind.EXCLUDED else None
        if front:
            return front["title"]
        if block.kind is BlockKind.TITLE or (block.kind is BlockKind.HEADING and block.level == 1):
            return heading_words(words)
        if block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.ROW):
            return None
    return None
