"""Blocks to the tree of Sections, with the paths that a person would cite."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from policy_text.blocks import Block, BlockKind
from policy_text.display import plain_words
from policy_text.model import Section

_EFFECTIVE = re.compile(
    r"\s*\((?:effective|updated|last updated|as of)\b[^)]*\)\s*$", re.IGNORECASE
)
SLUG_MAX_CHARACTERS = 60


@dataclass
class _Node:
    """A heading while the tree is built; which of them become levels is known only at the end."""

    block: Block
    level: int
    title: str
    is_question: bool
    parent: _Node | None
    children: list[_Node] = field(default_factory=list)
    section: int = -1


@dataclass(frozen=True, slots=True)
class SectionTree:
    """The sections of a version, and for each block the position of the section it stands in."""

    sections: tuple[Section, ...]
    of_block: tuple[int, ...]


def build_sections(text: str, blocks: Sequence[Block], title: str) -> SectionTree:
    """The sections that the headings and labels open; `title` names what stands before them.

    A heading that is a question adds a level only where its section has several of them.
    """
    root = _Node(Block(BlockKind.TITLE, blocks[0].span), 0, title, False, None)
    owners = _owners(text, blocks, root)
    sections: list[Section] = [Section(slug(title), (title,), None, None)]
    root.section = 0
    for child in root.children:
        _add_sections(child, sections, ())
    return SectionTree(_with_unique_ids(sections), tuple(node.section for node in owners))


def _owners(text: str, blocks: Sequence[Block], root: _Node) -> list[_Node]:
    """For each block the node that it stands under; a heading stands under itself."""
    title_block = _title_heading(blocks)
    current, label_level, owners = root, 0, []
    for number, block in enumerate(blocks):
        level = _level(block)
        if level is not None and number != title_block:
            current = _attach(text, block, level, current, root)
            label_level = block.level if block.kind is BlockKind.LABEL else 0
        elif block.kind is BlockKind.ITEM and block.level <= label_level:
            # An item beside a label of the same list no longer stands under the label.
            current, label_level = _above_labels(current), 0
        owners.append(current)
    return owners


def _level(block: Block) -> int | None:
    """The level of the section that a block opens; None where it opens none."""
    if block.kind is BlockKind.HEADING:
        return block.level
    # Labels stand below every heading, and below each other as their list nests.
    return 100 + block.level if block.kind is BlockKind.LABEL else None


def _attach(text: str, block: Block, level: int, current: _Node, root: _Node) -> _Node:
    parent = current
    while parent is not root and parent.level >= level:
        assert parent.parent is not None
        parent = parent.parent
    words = heading_words(text[block.span.start : block.span.end])
    node = _Node(block, level, words, words.endswith("?"), parent)
    parent.children.append(node)
    return node


def _above_labels(node: _Node) -> _Node:
    while node.block.kind is BlockKind.LABEL and node.parent is not None:
        node = node.parent
    return node


def _title_heading(blocks: Sequence[Block]) -> int | None:
    """The heading that names the whole document: the first, and the only one of its level."""
    headings = [(n, b) for n, b in enumerate(blocks) if b.kind is BlockKind.HEADING]
    if len(headings) < 2:
        return headings[0][0] if headings and headings[0][1].level == 1 else None
    first, rest = headings[0], headings[1:]
    is_above_all = all(block.level > first[1].level for _, block in rest)
    return first[0] if is_above_all else None


def _add_sections(node: _Node, sections: list[Section], path: tuple[str, ...]) -> None:
    parent = node.parent.section if node.parent is not None else 0
    questions = sum(child.is_question for child in node.parent.children) if node.parent else 0
    if node.is_question and questions == 1 and path:
        node.section = parent
    else:
        path = (*path, node.title)
        node.section = len(sections)
        above = parent if len(path) > 1 else None
        sections.append(Section(slug(node.title), path, node.block.span, above))
    for child in node.children:
        _add_sections(child, sections, path)


def heading_words(words: str) -> str:
    """A heading as it is cited: without markup, final colon and "(Effective …)"."""
    plain = " ".join(plain_words(words).split())
    return _EFFECTIVE.sub("", plain).rstrip().removesuffix(":").rstrip() or plain


def slug(words: str) -> str:
    """Lower-case words joined by hyphens; "section" where there are none."""
    joined = "-".join(re.findall(r"[^\W_]+", words.casefold().replace("’", "").replace("'", "")))
    cut = joined[:SLUG_MAX_CHARACTERS]
    whole = cut if len(joined) == len(cut) else cut.rpartition("-")[0] or cut
    return whole or "section"


def _with_unique_ids(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Ids made unique by the heading above, then by a number, in the order of the text."""
    counts = Counter(section.id for section in sections)
    taken: set[str] = set()
    result: list[Section] = []
    for section in sections:
        wanted = section.id
        if counts[wanted] > 1 and section.parent is not None:
            wanted = f"{slug(sections[section.parent].title)}-{wanted}"
        unique, number = wanted, 2
        while unique in taken:
            unique, number = f"{wanted}-{number}", number + 1
        taken.add(unique)
        result.append(Section(unique, section.path, section.heading, section.parent))
    return tuple(result)
