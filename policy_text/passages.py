"""Blocks and Sections to Passages, the smallest quotable units, and the Segments of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policy_text.blocks import Block, BlockKind, trim
from policy_text.model import Passage, Segment, SegmentKind, Span
from policy_text.sections import SectionTree
from policy_text.sentences import sentence_spans

_SEGMENT_OF = {
    BlockKind.TITLE: SegmentKind.HEADING,
    BlockKind.HEADING: SegmentKind.HEADING,
    BlockKind.LABEL: SegmentKind.LABEL,
    BlockKind.ROW_LABELS: SegmentKind.LABEL,
    BlockKind.EXCLUDED: SegmentKind.EXCLUDED,
    BlockKind.MARKUP: SegmentKind.MARKUP,
}
_ENDS_WITH_COLON = re.compile(r":[*_\s]*$")
_ENDS_OPEN = re.compile(r"[^.!?…;\s*_)\"”’][*_\s]*$")


def build_passages(text: str, blocks: Sequence[Block], tree: SectionTree) -> tuple[Passage, ...]:
    """The passages of all blocks, in the order of the text."""
    passages: list[Passage] = []
    lead_ins = _LeadIns(text)
    heading: Span | None = None
    for number, (block, section) in enumerate(zip(blocks, tree.of_block, strict=True)):
        if block.kind in (BlockKind.HEADING, BlockKind.LABEL):
            heading = block.span
        if block.kind not in (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.ROW):
            lead_ins.pass_over(block)
            continue
        lead_in = lead_ins.of(block)
        sentences = sentence_spans(text, block.span)
        for order, span in enumerate(sentences):
            is_item = block.kind is BlockKind.ITEM
            # Only the first sentence continues the lead-in; the next ones stand by themselves.
            announced = lead_in if order == 0 else None
            passages.append(
                Passage(len(passages), span, section, number, heading, announced, is_item)
            )
        if sentences:
            lead_ins.remember(block, sentences[-1])
    return tuple(passages)


def build_segments(
    text: str, blocks: Sequence[Block], passages: Sequence[Passage]
) -> tuple[Segment, ...]:
    """What every stretch of the file is; with white space they are the whole file."""
    segments = [Segment(passage.span, SegmentKind.PASSAGE) for passage in passages]
    segments += [Segment(b.span, _SEGMENT_OF[b.kind]) for b in blocks if b.kind in _SEGMENT_OF]
    segments.sort(key=lambda segment: segment.span)
    return tuple(_with_markup_between(text, segments))


def _with_markup_between(text: str, segments: Sequence[Segment]) -> Iterator[Segment]:
    """The segments, and the pipes and line-break tags between the sentences of one block."""
    position = 0
    for segment in segments:
        between = trim(text, position, segment.span.start)
        if between is not None:
            yield Segment(between, SegmentKind.MARKUP)
        yield segment
        position = max(position, segment.span.end)
    rest = trim(text, position, len(text))
    if rest is not None:
        yield Segment(rest, SegmentKind.MARKUP)


class _LeadIns:
    """Remembers which words introduce the list that comes, at every depth of lists."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._of_level: dict[int, Span] = {}
        self._just_announced = False  # whether the block above ended with a colon

    def pass_over(self, block: Block) -> None:
        """Headings end what was introduced; labels end it for paragraphs; marks do not."""
        if block.kind in (BlockKind.HEADING, BlockKind.TITLE):
            self._of_level.clear()
        if block.kind is not BlockKind.MARKUP:
            self._just_announced = False

    def of(self, block: Block) -> Span | None:
        """The words that introduce this block: a list's, or the colon right above a paragraph."""
        if block.kind is BlockKind.ROW or not (block.level or self._just_announced):
            return None
        above = [known for known in self._of_level if known < max(1, block.level)]
        return self._of_level[max(above)] if above else None

    def remember(self, block: Block, last_sentence: Span) -> None:
        """Takes note of a block that ends with a colon, and forgets what it ends."""
        for known in [known for known in self._of_level if known >= block.level]:
            del self._of_level[known]
        words = self._text[last_sentence.start : last_sentence.end]
        self._just_announced = bool(_ENDS_WITH_COLON.search(words))
        if self._just_announced or (block.level == 0 and _ENDS_OPEN.search(words)):
            self._of_level[block.level] = last_sentence
