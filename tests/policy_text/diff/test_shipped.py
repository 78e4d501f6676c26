"""What changed in the policies that ship, and that no typography changes them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_text.diff import VersionDiff, WordOp, diff_versions
from policy_text.library import Library
from policy_text.parse import parse_version
from tests.policy_text.diff.builders import (
    ADDED,
    CHANGED,
    REMOVED,
    SAME,
    changed_told,
    plain,
    sections_told,
    told,
)

REPOSITORY = Path(__file__).parent.parent.parent


def shipped(policy_id: str) -> VersionDiff:
    library = Library()
    old, new = (library.version(info) for info in library.policy(policy_id).versions)
    return diff_versions(old, new)


@pytest.fixture(scope="module")
def basecamp() -> VersionDiff:
    return shipped("37signals")


@pytest.fixture(scope="module")
def github() -> VersionDiff:
    return shipped("github")


MOBILE = "What we collect and why › How we approach mobile app permissions"


def test_37signals_adds_one_section_and_all_its_passages_are_added(basecamp: VersionDiff) -> None:
    assert sections_told(basecamp) == [("added", None, MOBILE)]
    new = basecamp.new
    inside = [p for p in new.passages if new.section_of(p).cited_as == MOBILE]
    assert len(inside) == 10
    assert {basecamp.change_of_new(passage).kind for passage in inside} == {ADDED}


def test_37signals_lists_nothing_else_but_its_date_and_the_sign_up_address(
    basecamp: VersionDiff,
) -> None:
    changes = [
        told(basecamp, change)
        for change in basecamp.changed
        if change.new is None or basecamp.new.section_of(change.new).cited_as != MOBILE
    ]
    assert changes == [
        (CHANGED, "*Last updated: December 9, 2020*", "*Last updated: June 14, 2021*"),
        (
            CHANGED,
            "We keep this record forever because they are used to mitigate spammy signups.",
            "We keep this record forever for all our apps except for HEY, because they are used "
            "to mitigate spammy signups.",
        ),
        (
            ADDED,
            "",
            "For HEY, we keep the IP addresses used to sign up for a product account until the "
            "account is deleted from our servers.",
        ),
    ]
    assert basecamp.labels == ()


def test_37signals_cosmetic_changes_are_two_apostrophes_and_the_targets_of_links(
    basecamp: VersionDiff,
) -> None:
    cosmetic = [told(basecamp, c)[1] for c in basecamp.changes if c.is_cosmetic]
    assert [words[:40] for words in cosmetic] == [
        "Your credit card is passed directly to o",
        "**To provide products or services you've",
        "If you are an account owner who wants to",
    ]


def test_github_lists_the_exception_for_marketing_pages(github: VersionDiff) -> None:
    exception = "Except for cookies used on our Enterprise Marketing Pages"
    (found,) = [c for c in github.changed if exception in told(github, c)[2]]
    assert found.kind is CHANGED
    words = github.word_changes(found)
    assert [text for op, text in words if op is WordOp.ADDED] == [f"{exception}, "]
    assert [text for op, text in words if op is WordOp.REMOVED] == []


def test_github_does_not_list_personal_data_in_small_letters(github: VersionDiff) -> None:
    for change in github.changed:
        pieces = github.word_changes(change)
        if change.kind is CHANGED:
            texts = " ".join(text for op, text in pieces if op is not WordOp.EQUAL).casefold()
            assert "personal data" not in texts
    cosmetic = [told(github, change) for change in github.changes if change.is_cosmetic]
    assert sum("Personal Data" in old for _, old, _ in cosmetic) >= 30


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("we provide the same high standard", "you have the same high", id="standard"),
        pytest.param(
            "or Service.", "or Service if you are in North America.", id="controller"
        ),
        pytest.param("that makes this very transparent", "all uses of cookies", id="page"),
        pytest.param("We share Personal Data with your consent", "as described below", id="share"),
        pytest.param("network data transmission, security", "web analytics", id="providers"),
        pytest.param("share common data systems or", "when affiliates provide", id="affiliates"),
        pytest.param("by keeping your information current", "cookie preferences", id="control"),
        pytest.param("GitHub Discussion Leaderboard", "GitHub Sponsors", id="sponsors"),
        pytest.param("use them to keep you logged in", "security and fraud purposes", id="fraud"),
        pytest.param("on our [GitHub Subprocessors and Cookies]", "cookies on GitHub", id="more"),
        pytest.param("User Migration API to access and", "User Migration tool", id="tool"),
        pytest.param("such a “request to delete”", "account settings", id="delete"),
        pytest.param("Data Protection Officer directly.", "directly at at", id="officer"),
    ],
)  # fmt: skip
def test_github_pairs_what_belongs_together(github: VersionDiff, old: str, new: str) -> None:
    pairs = [told(github, change) for change in github.changed]
    assert [kind for kind, before, after in pairs if old in before and new in after] == [CHANGED]


def test_github_counts_and_sections(github: VersionDiff) -> None:
    assert Counter(change.kind for change in github.changes) == {
        SAME: 226,
        CHANGED: 16,
        ADDED: 61,
        REMOVED: 13,
    }
    cookies = "Our use of cookies and tracking technologies"
    below = f"{cookies} › Cookies and tracking technologies"
    choices = f"{below} › What are your cookie choices and controls?"
    how = f"{below} › How do we and our partners use cookies and similar technologies?"
    assert sections_told(github) == [
        ("removed", f"{cookies} › DNT", None),
        ("added", None, f"{below} › What are cookies and similar technologies?"),
        ("added", None, how),
        ("added", None, choices),
        ("added", None, f"{choices} › Specifically on GitHub Enterprise Marketing Pages"),
        ("added", None, f"{choices} › Generally for all websites"),
    ]


@pytest.mark.parametrize("policy_id", ["37signals", "github"])
def test_no_listed_word_is_missing_and_no_unlisted_word_differs(policy_id: str) -> None:
    found = shipped(policy_id)
    for change in found.changes:
        old, new = plain(found.old, change.old_passages), plain(found.new, change.new_passages)
        if change.kind is SAME:
            assert old == new
        else:
            assert old != new


@pytest.mark.parametrize(
    "restyle",
    [
        pytest.param(lambda t: t.translate(str.maketrans("’“”", "'\"\"")), id="quotes"),
        pytest.param(lambda t: t.replace("’", "&rsquo;"), id="entities"),
        pytest.param(lambda t: t.replace("—", "–"), id="dashes"),
        pytest.param(lambda t: re.sub(r"(?<=[a-z])-(?=[a-z])", "\u2011", t), id="hyphens"),
        pytest.param(lambda t: re.sub(r"(?<=[a-z]) (?=[a-z])", "\u00a0", t), id="spaces"),
        pytest.param(lambda t: t.replace("\n", "\r\n"), id="line-ends"),
        pytest.param(lambda t: re.sub(r"(?m)^\* ", "- ", t), id="bullets"),
        pytest.param(lambda t: t.replace(" data ", " **data** "), id="bold"),
        pytest.param(lambda t: re.sub(r"\]\(https?:[^()\s]*\)", "](/x)", t), id="links"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("policy_id", ["37signals", "github", "login-gov"])
def test_a_shipped_policy_in_other_typography_has_not_changed(
    policy_id: str, restyle: Callable[[str], str]
) -> None:
    library = Library()
    info = library.policy(policy_id).versions[-1]
    version = library.version(info)
    other = parse_version(version.policy, info, restyle(version.text), is_markdown=True)
    found = diff_versions(version, other)
    assert (changed_told(found), sections_told(found), found.labels) == ([], [], ())


SCRIPT = """
from policy_text.diff import diff_versions
from policy_text.library import Library
library = Library()
for policy_id in ("37signals", "github"):
    old, new = (library.version(info) for info in library.policy(policy_id).versions)
    for found in (diff_versions(old, new), diff_versions(new, old)):
        print(found.changes, found.sections, found.labels)
"""


def test_the_result_is_the_same_under_two_hash_seeds() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1] != ""
