"""What changed between two versions: all that is real, and nothing that is only typography."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_text.diff import PassageChange, WordOp, diff_versions, word_changes
from tests.policy_text.diff.builders import (
    ADDED,
    MOVED,
    REMOVED,
    SAME,
    diff,
    few,
    parsed,
    plain,
    span_of,
)

# Citations of the old text.


OLD = "## Data\nWe keep names. We sell ages for a year.\n\nWe share:\n\n* sizes\n* shoes\n"
NEW = "## Data\nWe share:\n\n* sizes\n* shoes\n\nWe sell ages for two years. We keep Names."


@pytest.mark.parametrize(
    ("cited", "now", "is_carried_over"),
    [
        pytest.param("We keep names.", ["We keep Names."], True, id="cosmetic"),
        pytest.param("sell ages", ["We sell ages for two years."], False, id="changed"),
        pytest.param(
            "names. We sell",
            ["We sell ages for two years.", "We keep Names."],
            False,
            id="one-of-two-changed",
        ),
        pytest.param("sizes\n* shoes", ["sizes", "shoes"], True, id="several"),
        pytest.param("## Data", [], False, id="no-passage"),
    ],
)
def test_a_citation_in_the_new_text(cited: str, now: list[str], is_carried_over: bool) -> None:
    found = diff(OLD, NEW)
    counterpart = found.in_new(span_of(found.old, cited))
    assert [found.new.quote(span) for span in counterpart.spans] == now
    assert counterpart.is_carried_over is is_carried_over


def test_a_removed_citation_has_no_counterpart() -> None:
    found = diff("We keep names. Cats sleep all day.", "We keep names.")
    counterpart = found.in_new(span_of(found.old, "Cats sleep"))
    assert counterpart.spans == ()
    assert [change.kind for change in counterpart.changes] == [REMOVED]
    assert not counterpart.is_carried_over


def test_a_citation_of_a_split_passage_is_carried_over_to_both_parts() -> None:
    found = diff("We keep names; we sell ages.", "We keep names. We sell ages.")
    counterpart = found.in_new(span_of(found.old, "names"))
    assert len(counterpart.spans) == 2
    assert counterpart.is_carried_over


@pytest.mark.parametrize(
    ("new", "is_changed"),
    [
        pytest.param("We sell:\n\n* your name\n* your age\n", False, id="same"),
        pytest.param("We SELL –\n\n* your name\n* your age\n", False, id="cosmetic"),
        pytest.param("We do not sell:\n\n* your name\n* your age\n", True, id="negated"),
        pytest.param("Our cats like:\n\n* your name\n* your age\n", True, id="rewritten"),
        pytest.param("* your name\n* your age\n", True, id="gone"),
    ],
)
def test_a_citation_tells_that_its_lead_in_changed(new: str, is_changed: bool) -> None:
    found = diff("We sell:\n\n* your name\n* your age\n", new)
    counterpart = found.in_new(span_of(found.old, "your name"))
    assert counterpart.is_carried_over
    assert counterpart.is_lead_in_changed is is_changed


def test_passages_lead_to_each_other() -> None:
    found = diff("We keep names. Cats sleep all day.", "We keep Names. Birds fly high up.")
    old, new = found.old.passages, found.new.passages
    assert found.new_of(old[0]) == (new[0],)
    assert found.old_of(new[0]) == (old[0],)
    assert found.new_of(old[1]) == ()
    assert found.old_of(new[1]) == ()


def test_words_of_a_change_between_versions() -> None:
    found = diff("We keep it 30 days. Cats sleep.", "We keep it 60 days.")
    assert found.word_changes(found.changes[0]) == word_changes(
        "We keep it 30 days.", "We keep it 60 days."
    )
    assert found.word_changes(found.changes[1]) == ((WordOp.REMOVED, "Cats sleep."),)


# Whatever the versions.


SENTENCES = [
    "We keep your name.", "We keep your Name;", "We keep your name for a year.", "We keep it.",
    "We never sell your data to anyone.", "We sell your data to anyone.", "Learn more.",
    "We keep your name. We sell your data to anyone.", "See section 2.", "See section 3.",
    "We share:\n\n* your name;\n* your age; and\n* your email address.", "* your age\n* your size",
    "## 1. Data", "## 2. Data", "## 2. Sharing", "## 3. Sharing", "### Cookies", "### What is it?",
    "### Why is it?", "**Label**", "| Data | Sold |\n|---|---|\n| name | yes |", "***", "🔒", "…",
]  # fmt: skip
texts = st.lists(st.sampled_from(SENTENCES), max_size=14).map(
    lambda found: "\n\n".join(["We are Acme.", *found])
)


def positions(change: PassageChange) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return (
        tuple(passage.position for passage in change.old_passages),
        tuple(passage.position for passage in change.new_passages),
    )


@few
@given(texts)
def test_a_version_does_not_differ_from_itself(text: str) -> None:
    found = diff(text, text)
    assert {(change.kind, change.is_cosmetic) for change in found.changes} == {(SAME, False)}
    assert (found.changed_sections, found.labels) == ((), ())
    assert all(change.old == change.new for change in found.changes)


@few
@given(texts, texts)
def test_every_passage_and_section_is_in_exactly_one_change(old: str, new: str) -> None:
    found = diff(old, new)
    olds = [p for change in found.changes for p in change.old_passages]
    news = [p for change in found.changes for p in change.new_passages]
    assert sorted(olds, key=lambda p: p.position) == [*found.old.passages]
    assert news == [*found.new.passages]  # in reading order
    assert Counter(c.old for c in found.sections if c.old) == Counter(found.old.sections)
    assert [c.new for c in found.sections if c.new] == [*found.new.sections]


@few
@given(texts, texts)
def test_kinds_say_what_is_there(old: str, new: str) -> None:
    found = diff(old, new)
    for change in found.changes:
        assert (change.kind is ADDED) == (not change.old_passages)
        assert (change.kind is REMOVED) == (not change.new_passages)
        if change.kind in (SAME, MOVED):
            words = plain(found.old, change.old_passages), plain(found.new, change.new_passages)
            assert words[0] == words[1]
        else:
            assert not change.is_cosmetic


@few
@given(texts, texts)
def test_swapping_the_sides_swaps_added_and_removed(old: str, new: str) -> None:
    swap = {ADDED: REMOVED, REMOVED: ADDED}
    forth = {(change.kind, *positions(change)) for change in diff(old, new).changes}
    back = {(change.kind, *positions(change)) for change in diff(new, old).changes}
    assert {(swap.get(kind, kind), news, olds) for kind, olds, news in back} == forth


@few
@given(texts, texts)
def test_inputs_are_unchanged_and_the_result_is_repeatable(old: str, new: str) -> None:
    before, after = parsed(old), parsed(new)
    copies = deepcopy(before), deepcopy(after)
    assert diff_versions(before, after) == diff_versions(before, after)
    assert (before, after) == copies
