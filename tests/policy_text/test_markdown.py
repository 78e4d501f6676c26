"""Markdown becomes headings, lists, table rows and labels, however oddly it is written."""

import pytest

from policy_text.blocks import BlockKind
from policy_text.parse import parse_blocks


def blocks(text: str) -> list[tuple[str, int, str]]:
    """Kind, level and words of every block but the marks."""
    return [
        (block.kind.value, block.level, text[block.span.start : block.span.end])
        for block in parse_blocks(text, is_markdown=True)
        if block.kind is not BlockKind.MARKUP
    ]


def marks(text: str) -> list[str]:
    return [
        text[block.span.start : block.span.end].strip()
        for block in parse_blocks(text, is_markdown=True)
        if block.kind is BlockKind.MARKUP
    ]


@pytest.mark.parametrize(
    ("line", "level", "words"),
    [
        pytest.param("# Data", 1, "Data", id="one"),
        pytest.param("###### Data", 6, "Data", id="six"),
        pytest.param(" ### Affiliates", 3, "Affiliates", id="leading-space"),
        pytest.param("## Data ##", 2, "Data", id="closed"),
        pytest.param("### {#purpose}\nData", 3, None, id="id-alone"),
        pytest.param("### Data {#purpose}", 3, "Data", id="id-behind"),
        pytest.param("Data\n====", 1, "Data", id="underlined"),
        pytest.param("Data\n----", 2, "Data", id="underlined-twice"),
        pytest.param("- # Data", 1, "Data", id="in-a-list"),
        pytest.param("- Data\n  ====", 1, "Data", id="underlined-in-a-list"),
    ],
)
def test_heading_marks_and_ids_are_no_part_of_headings(
    line: str, level: int, words: str | None
) -> None:
    headings = [block for block in blocks(f"{line}\n\nWe keep it.\n") if block[0] == "heading"]
    assert headings == ([("heading", level, words)] if words else [])


def test_six_levels() -> None:
    text = "".join(f"{'#' * level} H{level}\n\n" for level in range(1, 7)) + "We keep it.\n"
    assert [level for kind, level, _ in blocks(text) if kind == "heading"] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("- a\n- b\n", [("item", 1, "a"), ("item", 1, "b")], id="dash"),
        pytest.param("1. a\n2) b\n", [("item", 1, "a"), ("item", 1, "b")], id="numbers"),
        pytest.param("- a\n  - b\n", [("item", 1, "a"), ("item", 2, "b")], id="nested"),
        pytest.param("- a\n\n  b\n", [("item", 1, "a"), ("item", 1, "b")], id="two-paragraphs"),
        pytest.param(
            "1.     We keep it.\n", [("item", 1, "We keep it.")], id="far-from-its-number"
        ),
        pytest.param("-     - a\n", [("item", 2, "a")], id="far-and-nested"),
        pytest.param("> We keep it.\n", [("paragraph", 0, "We keep it.")], id="quoted"),
        pytest.param("> - a\n", [("item", 1, "a")], id="quoted-list"),
        pytest.param(
            ">     We keep it.\n", [("paragraph", 0, "We keep it.")], id="quoted-indented"
        ),
        pytest.param("    We keep it.\n", [("paragraph", 0, "We keep it.")], id="indented"),
        pytest.param(
            "We may:\nkeep it;\nsell it; or\nlose it.\n",
            [
                ("paragraph", 0, "We may:"),
                ("item", 1, "keep it;"),
                ("item", 1, "sell it; or"),
                ("item", 1, "lose it."),
            ],
            id="lines-with-semicolons",
        ),
        pytest.param("```\nWe keep it.\n```\n", [("paragraph", 0, "We keep it.")], id="fence"),
        pytest.param(
            "```\nWe keep it.\nWe sell it.\n",
            [("paragraph", 0, "We keep it.\nWe sell it.")],
            id="fence-never-closed",
        ),
        pytest.param("We do.\n\n```", [("paragraph", 0, "We do.")], id="fence-alone"),
        pytest.param(
            "We do.\n\n\u00a0\n\nWe end.\n",
            [("paragraph", 0, "We do."), ("paragraph", 0, "We end.")],
            id="line-of-a-non-breaking-space",
        ),
        pytest.param("\u2028\nWe do; x\n", [("paragraph", 0, "We do; x")], id="line-separator"),
    ],
)
def test_lists_and_paragraphs(text: str, expected: list[tuple[str, int, str]]) -> None:
    assert blocks(text) == expected


def test_bullets_and_numbers_are_markup() -> None:
    assert marks("- a\n\n1. b\n") == ["-", "1."]


def test_table_rows_are_without_their_outer_pipes() -> None:
    text = "| What | Why |\n|---|---|\n| Names. Ages. | To bill |\n"
    assert blocks(text) == [
        ("row labels", 0, "What | Why"),
        ("row", 0, "Names. Ages. | To bill"),
    ]


def test_empty_table_row_is_markup() -> None:
    assert blocks("| a | b |\n|---|---|\n|  |  |\n") == [("row labels", 0, "a | b")]


def test_html_table_rows_items_and_headings() -> None:
    text = (
        "<table>\n<tr><th>What</th></tr>\n<tr><td>Names</td><td>Ages</td></tr>\n</table>\n\n"
        '<h2>Rights</h2>\n<ul><li>To know</li></ul>\n<p class="x">We keep it.</p>\n'
    )
    assert blocks(text) == [
        ("row labels", 0, "What"),
        ("row", 0, "Names</td><td>Ages"),
        ("heading", 2, "Rights"),
        ("item", 1, "To know"),
        ("paragraph", 0, "We keep it."),
    ]


def test_tags_with_much_white_space_between_are_read_in_no_time() -> None:
    gaps = ("<br>" + " " * 40) * 40
    assert blocks(f"<div>\nWe keep it. {gaps} We end.\n</div>\n")[-1][2].endswith("We end.")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        pytest.param("**Other websites**", "label", id="bold"),
        pytest.param("**Other websites:**", "label", id="bold-with-colon"),
        pytest.param("**Right to know.**", "label", id="bold-with-stop"),
        pytest.param("**We never sell it.**", "paragraph", id="bold-sentence"),
        pytest.param("**Right.** You may ask.", "paragraph", id="bold-start"),
    ],
)
def test_a_bold_line_that_names_what_follows_is_a_label(line: str, kind: str) -> None:
    assert blocks(f"{line}\n\nYou may ask us.\n")[0][0] == kind


def test_a_bold_last_line_is_no_label() -> None:
    assert blocks("We do.\n\n**The end**\n")[-1] == ("paragraph", 0, "**The end**")


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        pytest.param("---\ntitle: A\n---\nWe.\n", "---\ntitle: A\n---", id="front-matter"),
        pytest.param("\ufeff---\r\ntitle: A\r\n---\r\nWe.\r\n", "---\r\ntitle: A\r\n---", id="bom"),
        pytest.param("{% data x %}\n\nWe.\n", "{% data x %}", id="tag"),
        pytest.param("{% a %} {% b %}\n\nWe.\n", "{% a %} {% b %}", id="two-tags"),
        pytest.param("<!-- We\nsell. -->\n\nWe.\n", "<!-- We\nsell. -->", id="comment"),
        pytest.param("---\n\nWe keep.\n\n---\n\nWe.\n", None, id="between-rules-is-policy"),
        pytest.param("{% if a %} We sell. {% endif %}\n", None, id="between-tags-is-policy"),
        pytest.param("[Note]: We share everything.\n", None, id="bracketed-note-is-policy"),
    ],
)
def test_what_is_no_policy_text(text: str, excluded: str | None) -> None:
    found = [words for kind, _, words in blocks(text) if kind == "excluded"]
    assert found == ([excluded] if excluded else [])


def test_between_rules_and_tags_nothing_is_lost() -> None:
    text = "---\n\nWe keep.\n\n---\n\n{% if a %} We sell. {% endif %}\n\n[Note]: We share.\n"
    assert [words for kind, _, words in blocks(text) if kind == "paragraph"] == [
        "We keep.",
        "{% if a %} We sell. {% endif %}",
        "[Note]: We share.",
    ]


def test_link_definitions_are_markup() -> None:
    assert marks('We [do][a].\n\n[a]: https://x.y "Us"\n') == ['[a]: https://x.y "Us"']


def test_list_of_links_into_the_page_is_its_table_of_contents() -> None:
    contents = "- [Data](#data)\n- [Use](#use)\n- [Rights](#rights)\n"
    kinds = [kind for kind, *_ in blocks(f"{contents}\n# Data\n\nWe keep it.\n")]
    assert kinds == ["excluded", "excluded", "excluded", "heading", "paragraph"]


def test_two_links_or_links_out_of_the_page_are_policy_text() -> None:
    text = "- [A](#a)\n- [B](#b)\n\nWe.\n\n- [A](/a)\n- [B](/b)\n- [C](/c)\n"
    assert "excluded" not in {kind for kind, *_ in blocks(text)}


@pytest.mark.parametrize("line_end", [pytest.param("\r\n", id="crlf"), pytest.param("\r", id="cr")])
def test_line_ends_do_not_change_the_blocks(line_end: str) -> None:
    text = "# A\n\nWe keep:\n\n- names\n- ages\n\n| a | b |\n|---|---|\n| c | d |\n\nWe end.\n"
    assert blocks(text.replace("\n", line_end)) == blocks(text)


def test_byte_order_mark_is_no_part_of_the_first_heading() -> None:
    assert blocks("\ufeff# Data\n\nWe keep it.\n")[0] == ("heading", 1, "Data")
