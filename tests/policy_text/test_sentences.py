"""A stretch of text becomes the sentences that a person would see."""

import pytest

from policy_text.model import Span
from policy_text.sentences import is_run_in_label, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentence_spans(text, Span(0, len(text)))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("We keep it", ["We keep it"], id="no-stop"),
        pytest.param("We keep it.", ["We keep it."], id="one"),
        pytest.param("We keep it. We sell it.", ["We keep it.", "We sell it."], id="two"),
        pytest.param("Why? Because! Yes.", ["Why?", "Because!", "Yes."], id="question-and-cry"),
        pytest.param("We keep it.\nWe sell it.", ["We keep it.", "We sell it."], id="line-end"),
        pytest.param("We keep it.\r\nWe sell it.", ["We keep it.", "We sell it."], id="crlf"),
        pytest.param("It is “ours.” We help.", ["It is “ours.”", "We help."], id="quote-closes"),
        pytest.param("We may (sometimes.) We do.", ["We may (sometimes.)", "We do."], id="paren"),
        pytest.param("It is **ours.** We do.", ["It is **ours.**", "We do."], id="bold-closes"),
        pytest.param("See the data, e.g. Names.", ["See the data, e.g. Names."], id="e.g."),
        pytest.param("Sony Corp. Japan sells.", ["Sony Corp. Japan sells."], id="company-goes-on"),
        pytest.param(
            "The controller is GitHub, Inc. For others, it is GitHub B.V.",
            ["The controller is GitHub, Inc.", "For others, it is GitHub B.V."],
            id="company-ends-sentence",
        ),
        pytest.param("Write to J. Smith now.", ["Write to J. Smith now."], id="initial"),
        pytest.param("In the U.S. Department.", ["In the U.S. Department."], id="country"),
        pytest.param("Under Sec. 5 we act.", ["Under Sec. 5 we act."], id="statute"),
        pytest.param("Version 1.2 is kept.", ["Version 1.2 is kept."], id="decimal"),
        pytest.param("We use login.gov. We do.", ["We use login.gov.", "We do."], id="domain"),
        pytest.param("1. We keep it.", ["1. We keep it."], id="number-in-front"),
        pytest.param(
            "See https://a.b/x.Y for it. We do.",
            ["See https://a.b/x.Y for it.", "We do."],
            id="stop-in-address",
        ),
        pytest.param(
            "See [this](/a.(B).pdf). We do.", ["See [this](/a.(B).pdf).", "We do."], id="target"
        ),
        pytest.param("We keep it. | We sell.", ["We keep it.", "We sell."], id="table-pipe"),
        pytest.param("We keep it.<br>We sell.", ["We keep it.", "We sell."], id="line-break-tag"),
        pytest.param("We 💙 you. 🔒 We lock.", ["We 💙 you.", "🔒 We lock."], id="emoji"),
        pytest.param("نحن نجمع. نحن نحفظ.", ["نحن نجمع.", "نحن نحفظ."], id="arabic"),
        pytest.param("אנו אוספים. אנו שומרים.", ["אנו אוספים.", "אנו שומרים."], id="hebrew"),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_only_the_given_stretch_is_read() -> None:
    text = "Before. We keep it. After."
    spans = sentence_spans(text, Span(8, 19))
    assert [text[span.start : span.end] for span in spans] == ["We keep it."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Service Providers. We may share it. We do.",
            ["Service Providers. We may share it.", "We do."],
            id="plain",
        ),
        pytest.param(
            "**Right to Know.** You may ask.", ["**Right to Know.** You may ask."], id="bold"
        ),
        pytest.param(
            "We share. You may ask.", ["We share.", "You may ask."], id="verb-is-no-label"
        ),
        pytest.param(
            "**We never sell it.** You may ask.",
            ["**We never sell it.** You may ask."],
            id="bold-sentence-names-what-follows",
        ),
    ],
)
def test_a_run_in_label_stays_with_the_sentence_it_names(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("Service Providers.", True, id="two-words"),
        pytest.param("Co-branding/marketing partners.", True, id="slash"),
        pytest.param("One two three four five six seven eight.", True, id="eight-words"),
        pytest.param("One two three four five six seven eight nine.", False, id="nine-words"),
        pytest.param("Service providers?", False, id="question"),
        pytest.param("service providers.", False, id="small-letter"),
        pytest.param("Data is kept.", False, id="verb"),
        pytest.param("Don’t share.", False, id="contraction"),
    ],
)
def test_what_is_a_run_in_label(words: str, expected: bool) -> None:
    assert is_run_in_label(words) is expected
