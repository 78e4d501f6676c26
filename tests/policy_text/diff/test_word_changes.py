"""The words of a change: what is not removed is the new quote."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_text.diff import WordOp, word_changes
from policy_text.display import display_quote
from tests.policy_text.diff.builders import few


def marked(old: str, new: str) -> str:
    marks = {WordOp.EQUAL: "{}", WordOp.REMOVED: "[-{}-]", WordOp.ADDED: "[+{}+]"}
    return "".join(marks[op].format(text) for op, text in word_changes(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("We keep it.", "We keep it.", "We keep it.", id="equal"),
        pytest.param("We keep Data.", "We keep data.", "We keep data.", id="new-text-is-shown"),
        pytest.param("30 days", "60 days", "[-30 -][+60 +]days", id="replaced"),
        pytest.param("We do not sell.", "We sell.", "We [-do not -]sell.", id="removed"),
        pytest.param("We share.", "We do share.", "We [+do +]share.", id="added"),
        pytest.param("$5 a day", "$10 a day", "$[-5 -][+10 +]a day", id="sign-and-number"),
        pytest.param("We 'do'", "We “do”", "We “do”", id="quotes"),
        pytest.param("**We** [do](/a)", "We *do*", "We do", id="markup"),
        pytest.param("to see, to go", "to see, (b) to go", "to see, [+(b) +]to go", id="brackets"),
        pytest.param("to help you", "to it. Do help you", "to [+it. Do +]help you", id="sentence"),
        pytest.param(
            "A browser to help", "A browser. It may help", "A browser[- to -][+. It may +]help",
            id="space-of-a-removed-word",
        ),
        pytest.param("1. We keep", "2. We sell", "2. We [-keep-][+sell+]", id="item-number"),
        pytest.param("", "We sell.", "[+We sell.+]", id="all-added"),
        pytest.param("We sell.", "", "[-We sell.-]", id="all-removed"),
        pytest.param("", "", "", id="nothing"),
        pytest.param("…", "* * *", "[-…-][+* * *+]", id="no-words"),
    ],
)  # fmt: skip
def test_words_of_a_change(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected


phrases = st.lists(
    st.sampled_from(
        "We we keep sell (all) data, data. “data” don’t don't not 30 60 $5 — and; a-b U.S. \n * "
        "[x](/y) **b** (a) ✓ ™".split(" ")
    ), max_size=12,
).map(" ".join)  # fmt: skip


@few
@given(phrases, phrases)
def test_what_is_not_removed_is_the_new_quote(old: str, new: str) -> None:
    found = word_changes(old, new)
    assert "".join(text for op, text in found if op is not WordOp.REMOVED) == display_quote(new)
    assert all(text for _, text in found)
    assert all(one.op is not other.op for one, other in pairwise(found))


@few
@given(phrases)
def test_words_do_not_differ_from_themselves(words: str) -> None:
    assert {op for op, _ in word_changes(words, words)} <= {WordOp.EQUAL}
