"""Typography is no change, whatever else may be; numbers, signs and negations are one."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.policy_text.diff.builders import CHANGED, SAME, changed_told, diff


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("We keep Personal Data.", "We keep personal data.", id="capitals"),
        pytest.param('You\'ve a "right".', "You’ve a “right”.", id="curly-quotes"),
        pytest.param("We do not 'sell' it.", "We do not ‘sell’ it.", id="single-quotes"),
        pytest.param("Data — yours — stay.", "Data - yours - stay.", id="dashes"),
        pytest.param("Data — yours — stay.", "Data—yours—stay.", id="space-around-dashes"),
        pytest.param("Third-party data.", "Third\u2011party data.", id="hyphens"),
        pytest.param("Third-party data.", "Third party data.", id="no-hyphen"),
        pytest.param("5-10 days in all.", "5–10 days in all.", id="ranges"),
        pytest.param("We keep it here.", "We\u00a0keep  it\nhere.", id="white-space"),
        pytest.param("Our informa\u00adtion is it.", "Our information is it.", id="soft-hyphen"),
        pytest.param("We **never** sell.", "We *never* sell.", id="emphasis"),
        pytest.param("**We keep. We sell.**", "We keep. We sell.", id="emphasis-of-two-sentences"),
        pytest.param("Run `git` now.", "Run git now.", id="code"),
        pytest.param("* We keep it.", "- We keep it.", id="bullets"),
        pytest.param("✔ We keep it.", "We keep it.", id="ornaments"),
        pytest.param("1. We keep it.", "2. We keep it.", id="item-numbers"),
        pytest.param("(a) we keep it;", "(b) we keep it;", id="item-letters"),
        pytest.param("(iv) we keep it;", "(v) we keep it;", id="item-romans"),
        pytest.param("3.1 We keep it.", "4.2 We keep it.", id="paragraph-numbers"),
        pytest.param("We keep it;", "We keep it.", id="final-mark"),
        pytest.param("* it;\n* that.", "* it; and\n* that.", id="and-of-a-list"),
        pytest.param("See [us](https://a.b/c).", "See [us](/d#e).", id="link-target"),
        pytest.param("See us here.", "See [us here](/d).", id="link"),
        pytest.param("[Read it. All of it](/a).", "[Read it. All of it](/b).", id="long-link"),
        pytest.param("Terms &amp; data.", "Terms & data.", id="entity"),
        pytest.param("Terms & data.", "Terms and data.", id="ampersand"),
        pytest.param("Acme™ keeps it.", "Acme keeps it.", id="trademark"),
        pytest.param("The ﬁles we keep.", "The files we keep.", id="ligature"),
        pytest.param("Cafe\u0301 data here.", "Café data here.", id="composed-letters"),
        pytest.param("A U.S. law, e.g. this.", "A US law, e.g this.", id="abbreviations"),
        pytest.param("Names; ages.", "Names, ages.", id="semicolon-for-comma"),
        pytest.param("Names (all) stay.", "Names, all, stay.", id="commas-for-brackets"),
    ],
)
def test_typography_is_no_change(old: str, new: str) -> None:
    found = diff(old, new)
    assert changed_told(found) == []
    assert {change.kind for change in found.changes} == {SAME}


def test_a_cosmetic_difference_is_told_from_none() -> None:
    found = diff("We keep Personal Data. We sell none.", "We keep personal data. We sell none.")
    assert [change.is_cosmetic for change in found.changes] == [True, False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("We keep it 30 days.", "We keep it 60 days.", id="days"),
        pytest.param("It costs $5 a month.", "It costs $10 a month.", id="price"),
        pytest.param("It costs $5 a month.", "It costs €5 a month.", id="currency"),
        pytest.param("We keep 5% of it.", "We keep 5 of it.", id="percent"),
        pytest.param("You must be 13 years old.", "You must be 16 years old.", id="age"),
        pytest.param("For children <13 years.", "For children >13 years.", id="less-and-more"),
        pytest.param("It weighs 1.5 units now.", "It weighs 15 units now.", id="decimal"),
        pytest.param("We do not sell your data.", "We sell your data.", id="negation"),
        pytest.param("We never sell data.", "We ever sell data.", id="never"),
        pytest.param("We may share your data.", "We will share your data.", id="modal"),
        pytest.param("You and we agree to it.", "You or we agree to it.", id="and-or"),
        pytest.param("* we sell it; and\n* so.", "* we sell it; or\n* so.", id="final-and-or"),
        pytest.param("Write to a@acme.com now.", "Write to b@acme.com now.", id="address"),
        pytest.param("See https://a.com/x now.", "See https://b.com/x now.", id="bare-link"),
        pytest.param("See [our site](/a).", "See [your site](/a).", id="link-label"),
        pytest.param(
            "We tell partners who pay us.", "We tell partners, who pay us.", id="comma-in-sentence"
        ),
        pytest.param(
            "Under Art. 6(1)(a) GDPR only.", "Under Art. 6(1)(f) GDPR only.", id="letter-of-a-law"
        ),
        pytest.param(
            "| Data | Sold |\n|---|---|\n| name | ✓ |",
            "| Data | Sold |\n|---|---|\n| name | ✗ |",
            id="check-mark",
        ),
    ],
)
def test_words_and_numbers_are_a_change(old: str, new: str) -> None:
    kinds = Counter(change.kind for change in diff(old, new).changed)
    assert kinds == {CHANGED: 1}
