"""Which passages belong together, and in which order what became of them is told."""

from __future__ import annotations

import pytest

from policy_text.diff import ChangeKind
from policy_text.model import Span
from tests.policy_text.diff.builders import ADDED, CHANGED, MOVED, REMOVED, SAME, all_told, diff


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            "We keep names; we delete ages in a year.",
            "We keep names. We delete ages in a year.",
            [
                (
                    SAME,
                    "We keep names; we delete ages in a year.",
                    "We keep names. / We delete ages in a year.",
                )
            ],
            id="split-with-the-same-words",
        ),
        pytest.param(
            "We keep names, and we delete ages in a year.",
            "We keep names. We delete ages in a year.",
            [
                (
                    CHANGED,
                    "We keep names, and we delete ages in a year.",
                    "We keep names. / We delete ages in a year.",
                )
            ],
            id="split-with-other-words",
        ),
        pytest.param(
            "We collect: your name, your email address.",
            "We collect:\n\n* your name\n* your email address\n",
            [
                (
                    SAME,
                    "We collect: your name, your email address.",
                    "We collect: / your name / your email address",
                )
            ],
            id="sentence-made-a-list",
        ),
        pytest.param(
            "We like you. We keep names for a year.",
            "We like you. We keep names and ages for a year. We like cats.",
            [
                (SAME, "We like you.", "We like you."),
                (CHANGED, "We keep names for a year.", "We keep names and ages for a year."),
                (ADDED, "", "We like cats."),
            ],
            id="changed-and-added",
        ),
        pytest.param(
            "We like cats. We keep names for a year.",
            "Visitors may write to Acme at any time. We keep names for a year.",
            [
                (REMOVED, "We like cats.", ""),
                (ADDED, "", "Visitors may write to Acme at any time."),
                (SAME, "We keep names for a year.", "We keep names for a year."),
            ],
            id="unlike-sentences-are-no-pair",
        ),
        pytest.param(
            "## A\nWe do a. More here.\n\n## B\nWe do b. More here.\n\n## C\nWe do c. More here.",
            "## A\nWe do a. More here.\n\n## C\nWe do c. More here.",
            [
                (SAME, "We do a.", "We do a."),
                (SAME, "More here.", "More here."),
                (REMOVED, "We do b.", ""),
                (REMOVED, "More here.", ""),
                (SAME, "We do c.", "We do c."),
                (SAME, "More here.", "More here."),
            ],
            id="repeated-sentences",
        ),
        pytest.param(
            "## A\nWe keep it here.\n\n## B\nWe sell it there.",
            "## B\nWe sell it there.\n\n## A\nWe keep it here.",
            [
                (SAME, "We sell it there.", "We sell it there."),
                (SAME, "We keep it here.", "We keep it here."),
            ],
            id="sections-in-another-order",
        ),
        pytest.param(
            "## A\nWe keep it for a year. We like you.\n\n## B\nWe sell it there.",
            "## A\nWe like you.\n\n## B\nWe sell it there. We keep it for a year.",
            [
                (SAME, "We like you.", "We like you."),
                (SAME, "We sell it there.", "We sell it there."),
                (MOVED, "We keep it for a year.", "We keep it for a year."),
            ],
            id="moved-to-another-section",
        ),
        pytest.param(
            "## A\nLearn more.\n\nWe like you.\n\n## B\nWe sell it there.",
            "## A\nWe like you.\n\n## B\nWe sell it there.\n\nLearn more.",
            [
                (REMOVED, "Learn more.", ""),
                (SAME, "We like you.", "We like you."),
                (SAME, "We sell it there.", "We sell it there."),
                (ADDED, "", "Learn more."),
            ],
            id="two-words-elsewhere-are-not-moved",
        ),
        pytest.param(
            "We collect:\n\n* your name\n* your age\n\nWe sell:\n\n* your size\n",
            "We collect:\n\n* your name\n\nWe sell:\n\n* your age\n* your size\n",
            [
                (SAME, "We collect:", "We collect:"),
                (SAME, "your name", "your name"),
                (SAME, "We sell:", "We sell:"),
                (MOVED, "your age", "your age"),
                (SAME, "your size", "your size"),
            ],
            id="moved-to-another-list",
        ),
        pytest.param(
            "We may use it to:\n\n* help you\n* pay you\n",
            "Purposes of ours are these:\n\n* help you\n* pay you\n",
            [
                (REMOVED, "We may use it to:", ""),
                (ADDED, "", "Purposes of ours are these:"),
                (SAME, "help you", "help you"),
                (SAME, "pay you", "pay you"),
            ],
            id="items-stay-when-their-lead-in-is-rewritten",
        ),
        pytest.param(
            "## A\nWe keep all of your data for one year in Berlin. So we do.\n\n## B\nWe sell.",
            "## A\nSo we do.\n\n## B\nWe sell. We keep all of your data for two years in Berlin.",
            [
                (SAME, "So we do.", "So we do."),
                (SAME, "We sell.", "We sell."),
                (
                    CHANGED,
                    "We keep all of your data for one year in Berlin.",
                    "We keep all of your data for two years in Berlin.",
                ),
            ],
            id="changed-and-in-another-section",
        ),
    ],
)
def test_passages_that_belong_together(
    old: str, new: str, expected: list[tuple[ChangeKind, str, str]]
) -> None:
    assert all_told(diff(old, new)) == expected


def test_a_merge_is_one_change_with_two_old_passages() -> None:
    found = diff("We keep names. We delete ages.", "We keep names; we delete ages.")
    (change,) = found.changes
    assert (len(change.old_passages), len(change.new_passages)) == (2, 1)
    assert change.old_span == Span(0, 30)
    assert change.old is found.old.passages[0]
    assert change.is_cosmetic


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("Keep.\n\nA b c.", "A b c.", ["Keep.", "A b c."], id="at-the-start"),
        pytest.param("A b c.\n\nKeep.", "A b c.", ["A b c.", "Keep."], id="at-the-end"),
        pytest.param(
            "## A\nA b c.\n\n## B\nKeep.\n\nD e f.",
            "## B\nD e f.\n\n## A\nA b c.",
            ["Keep.", "D e f.", "A b c."],
            id="stays-with-its-section",
        ),
        pytest.param(
            "## A\nA b c.\n\n## B\nKeep.\n\n## C\nD e f.",
            "## A\nA b c.\n\nG h i.\n\n## C\nD e f.",
            ["A b c.", "Keep.", "G h i.", "D e f."],
            id="with-its-whole-section",
        ),
    ],
)
def test_what_is_removed_stands_where_it_stood(old: str, new: str, expected: list[str]) -> None:
    assert [before or after for _, before, after in all_told(diff(old, new))] == expected
