"""Whatever the text: passages are slices of it, in order, and nothing of it is lost."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_text.errors import PolicyFileError
from policy_text.model import DateKind, Passage, Policy, PolicyVersion, SegmentKind, VersionInfo
from policy_text.parse import parse_version

POLICY = Policy("acme", "Acme privacy", "Acme", "en", ("Acme",), ())
INFO = VersionInfo("acme", "2024-05-01", DateKind.EFFECTIVE, "acme.md", "unknown")
FORMATS = [pytest.param(True, id="markdown"), pytest.param(False, id="plain")]


def parsed(text: str, *, is_markdown: bool = True) -> PolicyVersion:
    return parse_version(POLICY, INFO, text, is_markdown=is_markdown)


def quotes(version: PolicyVersion) -> list[str]:
    return [version.quote(passage.span) for passage in version.passages]


def passage_of(version: PolicyVersion, quote: str) -> Passage:
    return next(p for p in version.passages if version.quote(p.span) == quote)


def lead_in(version: PolicyVersion, quote: str) -> str | None:
    span = passage_of(version, quote).lead_in
    return version.quote(span) if span else None


def is_space(character: str) -> bool:
    """A byte order mark is a space that has no width."""
    return character.isspace() or character == "\ufeff"


def assert_whole(version: PolicyVersion) -> None:
    """Segments in order, without overlap; all but white space is in one; passages are some."""
    position, covered = 0, bytearray(len(version.text))
    for segment in version.segments:
        assert segment.span.start >= position
        position = segment.span.end
        assert position <= len(version.text)
        covered[segment.span.start : position] = b"\1" * len(segment.span)
    lost = [c for c, there in zip(version.text, covered, strict=True) if not there]
    assert [c for c in lost if not is_space(c)] == []
    spans = [s.span for s in version.segments if s.kind is SegmentKind.PASSAGE]
    assert [passage.span for passage in version.passages] == spans
    assert [passage.position for passage in version.passages] == list(range(len(spans)))
    for quote in quotes(version):
        assert quote.strip() == quote != ""
    assert len({section.id for section in version.sections}) == len(version.sections)


FRAGMENTS = [
    "# Title", "## Data", "###### Deep", "###", "1. Collecting", "A. Letters", "Who are we?",
    "• item", "* item", "- item", "o sub", "  - nested", "    - code", "(a) thing;", "1) x",
    "| a | b |", "|---|---|", "| |", "---", "===", "***", "```", "~~~", "> quote", "> - q",
    "<p>Hello. You.</p>", "<div>", "</div>", "<!-- c -->", "<!--", "<table>",
    "<tr><td>a. B</td></tr>", "{% if %}", "{{ x }}", "[a]: /b", "[Note]: We share all of it.",
    "**Bold**", "**Label.** We do. You.", "We keep it. More text! Why? ", "We share data with:",
    "name;", "email; and", "Skip to content", "Contents", "title: x", "\ufeff", "\u00a0", "\x0b",
    "\x0c", "\u2028", "🔒 We 💙 you. 🔒 Ok", "مرحبا بكم. نحن نجمع البيانات؟ نعم", "שלום. We",
    "\t# x", "1.", "e.g. Inc. We", "### {#a}x", "x\n===", "* \n  y", "word " * 60,
]  # fmt: skip
fragments = st.sampled_from(FRAGMENTS)
lines = st.one_of(
    fragments,
    st.text(max_size=20),
    st.builds(lambda a, b: f"{a} {b}", fragments, fragments),
    st.builds(
        lambda a, b: a + b, st.sampled_from(["  ", "    ", "> ", "- ", "1. ", "| "]), fragments
    ),
)
line_ends = st.sampled_from(["\n", "\n\n", "\r\n", "\r\n\r\n", "\r", ""])
texts = st.builds(
    lambda bom, pairs: bom + "".join(line + end for line, end in pairs),
    st.sampled_from(["", "\ufeff"]),
    st.lists(st.tuples(lines, line_ends), max_size=14),
)


@pytest.mark.parametrize("is_markdown", FORMATS)
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(text=texts)
def test_of_any_text_nothing_is_lost(is_markdown: bool, text: str) -> None:
    try:
        version = parsed(text, is_markdown=is_markdown)
    except PolicyFileError:
        return  # no sentence in it
    assert version.text == text
    assert_whole(version)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    sentences=st.lists(
        st.sampled_from(["We keep it.", "نحن نحفظها.", "אנו שומרים.", "We 💙 data."]),
        min_size=1,
        max_size=8,
    ),
    bullet=st.sampled_from(["", "- ", "• "]),
    gap=st.sampled_from(["\n\n", "\r\n\r\n"]),
    is_markdown=st.booleans(),
)
def test_every_sentence_is_a_passage(
    sentences: list[str], bullet: str, gap: str, is_markdown: bool
) -> None:
    bullet = "" if is_markdown and bullet == "• " else bullet
    version = parsed(gap.join(bullet + s for s in sentences), is_markdown=is_markdown)
    assert quotes(version) == sentences


EXPLICIT = {
    "no-headings": "We keep it. We sell it.\n\nYou may object.\n",
    "one-sentence": "We keep it.",
    "one-word": "Privacy",
    "six-levels": "".join(f"{'#' * n} H{n}\n\nText {n}.\n\n" for n in range(1, 7)),
    "crlf": "# A\r\n\r\nWe keep:\r\n\r\n- names\r\n- ages\r\n",
    "bom": "\ufeffWe keep it.\n",
    "hard-wrapped": "Acme keeps your\nname and your age\nwhen you order from\nus. Kept\nhere.\n",
    "emoji": "🔒 We 💙 you 👩‍👩‍👧. 🔒 We lock.\n",
    "arabic": "سياسة الخصوصية\n\nنحن نجمع اسمك. نحن نحفظه سنة.\n",
    "no-line-end": "# A\n\nWe keep:\n- names",
    "table": "| a | b |\n|---|---|\n| We keep. We sell. | Yes |\n",
}


@pytest.mark.parametrize("is_markdown", FORMATS)
@pytest.mark.parametrize("text", [pytest.param(t, id=name) for name, t in EXPLICIT.items()])
def test_of_these_texts_nothing_is_lost(text: str, is_markdown: bool) -> None:
    assert_whole(parsed(text, is_markdown=is_markdown))


@pytest.mark.parametrize("is_markdown", FORMATS)
def test_offsets_count_code_points(is_markdown: bool) -> None:
    version = parsed("👩‍👩‍👧 We lock.\r\n\r\nWe keep it.", is_markdown=is_markdown)
    span = version.passages[-1].span
    # three people and two joiners are 5 code points; " We lock." is 9; the line ends are 4
    assert (span.start, span.end) == (18, 29)


@pytest.mark.parametrize("is_markdown", FORMATS)
def test_byte_order_mark_is_counted_but_not_quoted(is_markdown: bool) -> None:
    version = parsed("\ufeffWe keep it.", is_markdown=is_markdown)
    assert (version.passages[0].span.start, quotes(version)) == (1, ["We keep it."])


@pytest.mark.parametrize("is_markdown", FORMATS)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(" \r\n\u00a0", id="blank"),
        pytest.param("\ufeff", id="byte-order-mark"),
        pytest.param("-----\n", id="rule"),
    ],
)
def test_text_without_a_sentence_is_refused(text: str, is_markdown: bool) -> None:
    with pytest.raises(PolicyFileError, match=r"acme, version 2024-05-01, has no sentence"):
        parsed(text, is_markdown=is_markdown)


def test_markdown_of_nothing_but_headings_is_refused() -> None:
    with pytest.raises(PolicyFileError, match="has no sentence"):
        parsed("# A\n\n## B\n")


def test_headings_titles_and_labels_are_no_passages() -> None:
    version = parsed("# Top\n\n## Why?\n\n**Names**\n\nWe keep it.\n\n## How?\n\nWe do.\n")
    assert quotes(version) == ["We keep it.", "We do."]


def test_an_item_of_two_sentences_is_two_passages_of_one_block() -> None:
    version = parsed("- We keep it. We sell it.\n")
    assert quotes(version) == ["We keep it.", "We sell it."]
    assert len({passage.block for passage in version.passages}) == 1
    assert all(passage.is_item for passage in version.passages)


def test_a_row_of_two_sentences_is_two_passages() -> None:
    version = parsed("| What | Why |\n|---|---|\n| Names. | We bill you. We must. |\n")
    assert quotes(version)[-2:] == ["Names. | We bill you.", "We must."]


def test_run_in_labels_belong_to_the_passage_and_bullets_do_not() -> None:
    version = parsed("- Access: you may ask.\n- **Erasure.** You may object.\n")
    assert quotes(version) == ["Access: you may ask.", "**Erasure.** You may object."]


def test_items_have_the_words_that_introduce_them() -> None:
    version = parsed("We do. We share it with:\n\n- friends\n- foes. They pay.\n\nWe end.\n")
    assert lead_in(version, "friends") == "We share it with:"
    assert lead_in(version, "foes.") == "We share it with:"


def test_later_sentences_and_paragraphs_stand_by_themselves() -> None:
    version = parsed("We share it with:\n\n- friends. They pay.\n\nWe end.\n")
    assert lead_in(version, "They pay.") is None
    assert lead_in(version, "We end.") is None


def test_nested_items_are_introduced_by_the_item_above() -> None:
    version = parsed("We may:\n\n- share it with:\n  - friends\n- sell it\n")
    assert lead_in(version, "friends") == "share it with:"
    assert lead_in(version, "sell it") == "We may:"


def test_a_heading_ends_what_was_introduced() -> None:
    version = parsed("We may:\n\n## A\n\n- sell it\n\n## B\n\nWe end.\n")
    assert lead_in(version, "sell it") is None


def test_passages_know_the_nearest_heading() -> None:
    version = parsed("We.\n\n## A\n\nWe keep it.\n\n## B\n\nWe end.\n")
    headings = [version.quote(p.heading) if p.heading else None for p in version.passages]
    assert headings == [None, "A", "B"]


def test_the_same_text_gives_the_same_version_again() -> None:
    text = EXPLICIT["crlf"]
    assert parsed(text) == parsed(text)


def test_content_hash_tells_line_ends_apart() -> None:
    assert parsed("We keep it.\n").content_hash != parsed("We keep it.\r\n").content_hash
    assert re.fullmatch(r"[0-9a-f]{64}", parsed("We keep it.").content_hash)
