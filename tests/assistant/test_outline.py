"""The outline that "summarise the policy" gets."""

import pytest

from assistant.compose import Selection, cite
from assistant.outline import MAX_SECTIONS, outline_passages, outline_text
from policy_text import PolicyVersion
from policy_text.library import Library

SHIPPED = Library()


def newest(policy_id: str) -> PolicyVersion:
    return SHIPPED.version(SHIPPED.policy(policy_id).versions[-1])


@pytest.mark.parametrize("policy_id", [policy.id for policy in SHIPPED.policies])
def test_every_top_section_has_one_passage_in_order(policy_id: str) -> None:
    version = newest(policy_id)
    found = outline_passages(version)
    tops = [version.section_of(passage).path[0] for passage in found]
    assert tops == list(dict.fromkeys(tops))
    assert [p.position for p in found] == sorted(p.position for p in found)
    assert 3 <= len(found) <= MAX_SECTIONS


def test_the_sections_of_sony_mobile_are_all_there() -> None:
    version = newest("sony-mobile")
    tops = dict.fromkeys(section.path[0] for section in version.sections)
    assert [version.section_of(p).path[0] for p in outline_passages(version)] == list(tops)


def test_a_passage_that_only_announces_is_not_shown() -> None:
    version = newest("github")
    assert not [p for p in outline_passages(version) if version.quote(p.span).endswith(":")]


def test_the_text_numbers_the_sections() -> None:
    version = newest("sony-mobile")
    citations = [cite(version, Selection(p, (p,))) for p in outline_passages(version)[:2]]
    lines = outline_text(version, citations).splitlines()
    assert lines[0] == "Sony Mobile Privacy Policy (last updated January 2020) has these sections:"
    assert lines[2] == (
        "- 1. Personal data that we collect: “Sony Mobile may collect personal data about you in "
        "several different ways.” [2]"
    )
