"""Pieces of shown words and the characters that they stand for."""

import pytest

from policy_text import Span
from policy_text.display import plain_words
from policy_text.inline import LINE_BREAK, Piece, inline_pieces
from policy_text.library import Library

LIBRARY = Library()


def pieces(text: str, *cuts: int) -> list[Piece]:
    return inline_pieces(text, Span(0, len(text)), cuts)


def test_a_link_keeps_its_label_and_its_target() -> None:
    before, link = pieces("See [our *site*](https://a.example/x_(y)).")[:2]
    assert (before.words, before.href) == ("See ", None)
    assert (link.words, link.href) == ("our ", "https://a.example/x_(y)")


@pytest.mark.parametrize("target", ["javascript:alert(1)", "data:text/html,x", "#part", "/local"])
def test_a_link_that_no_browser_should_follow_is_plain_words(target: str) -> None:
    assert [piece.href for piece in pieces(f"[label]({target})")] == [None]


def test_an_image_is_its_description() -> None:
    (piece,) = pieces("![a pixel](https://tracker.example/p.png)")
    assert (piece.words, piece.href) == ("a pixel", None)


def test_an_address_in_brackets_is_a_link() -> None:
    assert pieces("<privacy@a.example>")[0].href == "mailto:privacy@a.example"


def test_bold_and_italics() -> None:
    plain, bold, italic = pieces("a **b**") + pieces("*c*")
    assert (plain.is_strong, bold.is_strong, italic.is_emphasised) == (False, True, True)


def test_an_entity_stands_for_all_its_characters() -> None:
    (piece,) = pieces("A&amp;B")
    assert (piece.words, piece.span) == ("A&B", Span(0, 7))


def test_a_line_break_is_marked() -> None:
    assert "".join(piece.words for piece in pieces("a<br>\nb")) == f"a{LINE_BREAK}b"


def test_no_piece_reaches_over_a_cut() -> None:
    assert [piece.words for piece in pieces("One. Two.", 5)] == ["One. ", "Two."]


@pytest.mark.parametrize(
    "info", list(LIBRARY.all_versions()), ids=lambda i: i.policy_id + i.version
)
def test_the_pieces_of_every_passage_that_ships_are_its_plain_words(info) -> None:  # type: ignore[no-untyped-def]
    version = LIBRARY.version(info)
    for passage in version.passages:
        words = "".join(p.words for p in inline_pieces(version.text, passage.span))
        wanted = plain_words(version.quote(passage.span))
        assert words.replace(LINE_BREAK, "\n") == wanted
