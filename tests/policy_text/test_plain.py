"""Plain text becomes headings, paragraphs and list items."""

import pytest

from policy_text.blocks import BlockKind
from policy_text.parse import parse_blocks

WORDS = (
    BlockKind.TITLE,
    BlockKind.HEADING,
    BlockKind.LABEL,
    BlockKind.PARAGRAPH,
    BlockKind.ITEM,
    BlockKind.EXCLUDED,
)


def blocks(text: str) -> list[tuple[str, int, str]]:
    """Kind, level and words of every block but the marks."""
    return [
        (block.kind.value, block.level, text[block.span.start : block.span.end])
        for block in parse_blocks(text, is_markdown=False)
        if block.kind in WORDS
    ]


def marks(text: str) -> list[str]:
    return [
        text[block.span.start : block.span.end]
        for block in parse_blocks(text, is_markdown=False)
        if block.kind is BlockKind.MARKUP
    ]


def headings(text: str) -> list[tuple[int, str]]:
    return [(level, words) for kind, level, words in blocks(text) if kind == "heading"]


def items(text: str) -> list[tuple[int, str]]:
    return [(level, words) for kind, level, words in blocks(text) if kind == "item"]


def test_empty_text_has_no_blocks() -> None:
    assert parse_blocks(" \n\r\n", is_markdown=False) == []


def test_one_sentence_is_one_paragraph() -> None:
    assert blocks("We keep your data.") == [("paragraph", 0, "We keep your data.")]


def test_text_without_headings_is_paragraphs() -> None:
    text = "We keep it. We sell it.\n\nYou may object to that at any time.\n"
    assert [kind for kind, *_ in blocks(text)] == ["paragraph", "paragraph"]


def test_first_line_that_names_the_policy_is_the_title() -> None:
    text = "Acme Privacy Policy\n\n1. Data\n\nWe keep it.\n\n2. Use\n\nWe use it.\n"
    assert blocks(text)[0] == ("title", 0, "Acme Privacy Policy")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "1. Data\n\nWe keep it.\n\n2. Use\n\nWe use it.\n",
            [(1, "1. Data"), (1, "2. Use")],
            id="numbers",
        ),
        pytest.param(
            "1. Data\n\nA. Yours\n\nWe keep it.\n\nB. Ours\n\nWe too.\n\n2. Use\n\nWe use it.\n",
            [(1, "1. Data"), (2, "A. Yours"), (2, "B. Ours"), (1, "2. Use")],
            id="letters-below-numbers",
        ),
        pytest.param(
            "1. Data\n\nWe keep it.\n\n1.1 Yours\n\nWe do.\n\n2. Use\n\nWe use it.\n",
            [(1, "1. Data"), (2, "1.1 Yours"), (1, "2. Use")],
            id="dotted-numbers",
        ),
        pytest.param(
            "4. What we do\n\nWe do.\n\n5. ccNet Website\n\nWe run it.\n",
            [(1, "4. What we do"), (1, "5. ccNet Website")],
            id="small-letter-in-sequence",
        ),
        pytest.param(
            "4. What we do\n\nWe do.\n\n7. things on a list\n\nWe run it.\n",
            [(1, "4. What we do")],
            id="small-letter-out-of-sequence-is-no-heading",
        ),
        pytest.param(
            "A. Data\n\nWe keep it.\n\nB. Use\n\nWe use it.\n\nC Your Rights\n\nYou do.\n",
            [(1, "A. Data"), (1, "B. Use"), (1, "C Your Rights")],
            id="letter-without-dot-in-sequence",
        ),
        pytest.param(
            "1. Data\n\nWhat do we keep?\n\nWe keep it.\n",
            [(1, "1. Data"), (2, "What do we keep?")],
            id="question",
        ),
        pytest.param(
            "Section 1 Data\n\nWe keep it.\n\nSection 2 Use\n\nWe use it.\n",
            [(1, "Section 1 Data"), (1, "Section 2 Use")],
            id="word",
        ),
        pytest.param(
            "I. Data\n\nWe keep it.\n\nII. Use\n\nWe use it.\n",
            [(1, "I. Data"), (1, "II. Use")],
            id="roman",
        ),
    ],
)
def test_headings_and_their_levels(text: str, expected: list[tuple[int, str]]) -> None:
    assert headings(text) == expected


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("We keep your data.", id="sentence"),
        pytest.param("1. We keep your data for as long as you ask.", id="numbered-sentence"),
        pytest.param("we keep your data", id="small-letter"),
        pytest.param("We share it with:", id="lead-in"),
        pytest.param("• Name", id="bullet"),
        pytest.param("2020", id="no-letters"),
    ],
)
def test_lines_that_are_no_headings(line: str) -> None:
    assert headings(f"We are Acme.\n\n{line}\n\nYou are you, and that is fine.\n") == []


def test_the_last_line_is_never_a_heading() -> None:
    assert headings("1. Data\n\nWe keep it.\n\n2. Use") == [(1, "1. Data")]


def test_bullet_glyphs_are_markup_and_lists_nest() -> None:
    text = "We share:\n• data where:\no you agree\no we must\n• names\n"
    assert items(text) == [(1, "data where:"), (2, "you agree"), (2, "we must"), (1, "names")]
    assert marks(text) == ["•", "o", "o", "•"]


@pytest.mark.parametrize(
    "enumerators",
    [
        pytest.param(["(m)", "(n)", "(o)", "(p)"], id="letter-o-is-no-bullet"),
        pytest.param(["(A)", "(B)", "(C)"], id="capitals"),
        pytest.param(["(i)", "(ii)", "(iii)"], id="roman"),
        pytest.param(["8)", "9)", "10)"], id="numbers"),
    ],
)
def test_items_of_one_enumeration_are_of_one_level(enumerators: list[str]) -> None:
    text = "We share it where:\n" + "".join(f"{mark} you agree;\n" for mark in enumerators)
    assert items(text) == [(1, "you agree;")] * len(enumerators)


def test_capitals_below_small_letters_are_a_level_deeper() -> None:
    text = "We share:\n(a) data:\n(A) yours;\n(B) ours;\n(b) names.\n"
    assert [level for level, _ in items(text)] == [1, 2, 2, 1]


def test_a_bullet_that_only_names_the_text_below_is_a_label() -> None:
    text = "There are exceptions:\n• Our service providers\nWe may use others.\n"
    assert ("label", 1, "Our service providers") in blocks(text)


def test_a_list_without_bullets_is_a_list() -> None:
    text = "We collect:\n\nname;\n\nemail; and\n\nany other thing.\n\nWe keep them.\n"
    assert items(text) == [(1, "name;"), (1, "email; and"), (1, "any other thing.")]
    assert blocks(text)[-1] == ("paragraph", 0, "We keep them.")


def test_table_of_contents_with_its_hint_is_no_policy_text() -> None:
    contents = "Contents\n1. Data\n2. Use\n3. Rights\n"
    body = "1. Data\n\nWe keep it.\n\n2. Use\n\nWe use it.\n\n3. Rights\n\nYou have some.\n"
    text = f"{contents}\n{body}"
    excluded = [words for kind, _, words in blocks(text) if kind == "excluded"]
    assert excluded == ["Contents", "1. Data", "2. Use", "3. Rights"]
    assert headings(text) == [(1, "1. Data"), (1, "2. Use"), (1, "3. Rights")]


def test_site_chrome_stands_above_a_skip_link() -> None:
    text = "Take our survey\nSkip to content\n\nWe keep your data.\n"
    assert [kind for kind, *_ in blocks(text)] == ["excluded", "excluded", "paragraph"]


def test_skip_link_far_down_excludes_nothing() -> None:
    text = "We keep your data.\n\n" * 20 + "Skip to content\n\nWe end.\n"
    assert "excluded" not in {kind for kind, *_ in blocks(text)}


def test_rules_drawn_with_signs_are_markup() -> None:
    text = "PRIVACY POLICY\n==============\n\nWe keep it.\n\n-----\n\nWe end here.\n"
    assert marks(text) == ["==============", "-----"]


WRAPPED = (
    "Acme collects your name and\nyour address when you order\nsomething. We keep them for\n"
    "as long as the law asks us\nto, and no longer.\n\nYou may ask us to delete\n"
    "what we know about you.\n* in writing, which takes\n  a while\n* by telephone\n"
)


def test_hard_wrapped_paragraphs_are_put_together() -> None:
    first = blocks(WRAPPED)[0]
    assert first[0] == "paragraph"
    assert first[2].startswith("Acme collects")
    assert first[2].endswith("no longer.")


def test_hard_wrapped_items_are_put_together() -> None:
    assert [" ".join(words.split()) for _, words in items(WRAPPED)] == [
        "in writing, which takes a while",
        "by telephone",
    ]


@pytest.mark.parametrize("line_end", [pytest.param("\r\n", id="crlf"), pytest.param("\r", id="cr")])
def test_line_ends_do_not_change_the_blocks(line_end: str) -> None:
    text = "Acme Privacy Policy\n\n1. Data\n\nWe keep:\n• names\n• ages\n\n2. Use\n\nWe use it.\n"
    assert blocks(text.replace("\n", line_end)) == blocks(text)


def test_byte_order_mark_is_no_part_of_the_first_line() -> None:
    text = "1. Data\n\nWe keep it.\n"
    assert blocks("\ufeff" + text) == blocks(text)


def test_a_numbered_sentence_is_no_heading() -> None:
    text = "1. Data\n\n1.1 We collect your name.\n\n1.2 We collect your phone number.\n"
    blocks = parse_blocks(text, is_markdown=False)
    headings = [b for b in blocks if b.kind is BlockKind.HEADING]
    assert [text[b.span.start : b.span.end] for b in headings] == ["1. Data"]
