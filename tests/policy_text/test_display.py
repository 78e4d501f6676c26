"""A raw quote becomes what a person reads."""

import pytest

from policy_text.display import BLANK, display_quote, plain_words


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param("We keep it.", "We keep it.", id="plain"),
        pytest.param("**Right to Know.** You may.", "Right to Know. You may.", id="bold"),
        pytest.param("We *do not* sell.", "We do not sell.", id="italics"),
        pytest.param("**We *never* sell.**", "We never sell.", id="italics-in-bold"),
        pytest.param(
            "a snake_case_name and 2 * 3 * 4", "a snake_case_name and 2 * 3 * 4", id="signs"
        ),
        pytest.param("See [our site](https://x.y/z).", "See our site.", id="link"),
        pytest.param("See [it](/a.(B).pdf).", "See it.", id="link-with-parentheses"),
        pytest.param('[a [b] c](/d "Title")', "a [b] c", id="link-with-brackets-and-title"),
        pytest.param("<https://x.y>", "https://x.y", id="address-in-angles"),
        pytest.param("`git push`", "git push", id="code"),
        pytest.param(r"1\. a \* b", "1. a * b", id="escapes"),
        pytest.param("Acme<br>\n1 Way", "Acme 1 Way", id="line-break-tag"),
        pytest.param("Acme\\\r\n1 Way", "Acme 1 Way", id="line-break-backslash-crlf"),
        pytest.param("Names</td><td>Ages", "Names Ages", id="cells-of-html"),
        pytest.param("Names   | Ages", "Names – Ages", id="cells"),
        pytest.param("The Purpose {#purpose}", "The Purpose", id="id"),
        pytest.param("We<!-- x --> keep it.", "We keep it.", id="comment"),
        pytest.param("We\r\n  keep it.", "We keep it.", id="one-line"),
    ],
)
def test_markup_is_removed(raw: str, shown: str) -> None:
    assert display_quote(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param(
            "by sending an email to or write to us",
            f"by sending an email to {BLANK} or write to us",
            id="or-write",
        ),
        pytest.param(
            "email your request to, and include",
            f"email your request to {BLANK}, and include",
            id="comma",
        ),
        pytest.param(
            "in writing to: Your request must",
            f"in writing to: {BLANK} Your request must",
            id="your-request",
        ),
        pytest.param("can contact us at", f"can contact us at {BLANK}", id="end"),
        pytest.param("is available at Also note", f"is available at {BLANK} Also note", id="also"),
        pytest.param(
            "email us at a@b.c or write", "email us at a@b.c or write", id="address-there"
        ),
        pytest.param("email to our friends", "email to our friends", id="no-gap"),
    ],
)
def test_gaps_in_the_source_are_marked(raw: str, shown: str) -> None:
    assert display_quote(raw) == shown


def test_plain_words_keep_line_ends_and_mark_no_gaps() -> None:
    assert plain_words("**We**\ncontact us at") == "We\ncontact us at"


def test_an_address_in_angle_brackets_is_kept() -> None:
    assert display_quote("Write to <privacy@acme.example>.") == "Write to privacy@acme.example."


def test_joined_list_items_and_rows_leave_no_marks_of_lists_and_tables() -> None:
    assert display_quote("such as:\n• your name;\n• your age") == "such as: your name; your age"
    assert display_quote("| A | B |\n|:---|---|\n| c | d |").count("-") == 0
    assert display_quote("Terms &amp; cookies") == "Terms & cookies"
