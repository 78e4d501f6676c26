"""What travels with a cited passage."""

import pytest

from assistant.context import context_of
from assistant.model import ContextQuote, Role
from assistant.regions import limit_of
from policy_text import PolicyVersion
from policy_text.library import Library

SHIPPED = Library()


def newest(policy_id: str) -> PolicyVersion:
    return SHIPPED.version(SHIPPED.policy(policy_id).versions[-1])


def context(policy_id: str, beginning: str) -> tuple[ContextQuote, ...]:
    version = newest(policy_id)
    passage = next(p for p in version.passages if version.quote(p.span).startswith(beginning))
    return context_of(version, passage, limit_of(version, passage))


def quotes(policy_id: str, beginning: str, role: Role) -> list[str]:
    return [quote.quote for quote in context(policy_id, beginning) if quote.role is role]


def test_a_rule_carries_its_exceptions() -> None:
    assert quotes("sony-mobile", "In general, Sony Mobile does not", Role.EXCEPTION) == [
        "However, there are exceptions:",
        "Other Sony group companies",
        "Our service providers",
        "Legal and business purposes",
        "Anonymous statistics",
    ]


def test_exceptions_that_are_a_list_are_its_items() -> None:
    found = quotes("37signals", "In most cases, we ask for permission", Role.EXCEPTION)
    assert len(found) == 1 + 3
    assert found[0] == "A few exceptions:"


def test_the_announcement_of_exceptions_has_none_of_its_own() -> None:
    assert not quotes("sony-mobile", "However, there are exceptions", Role.EXCEPTION)


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        pytest.param(
            "Such data may be sent",
            ["Voice recognition and utterance data when using a voice command application."],
            id="such-data",
        ),
        pytest.param("Voice recognition and utterance", [], id="stands-by-itself"),
        pytest.param("This Privacy Policy explains", [], id="the-policy-itself-is-no-pronoun"),
    ],
)
def test_antecedent(beginning: str, expected: list[str]) -> None:
    assert quotes("sony-mobile", beginning, Role.ANTECEDENT) == expected


def test_an_item_carries_the_words_that_introduce_its_list() -> None:
    [lead_in] = quotes("sony-mobile", "provide you with a product or service", Role.LEAD_IN)
    assert lead_in == "We may use data we have collected, including personal data, to:"


def test_a_reference_carries_the_heading_of_the_section_that_is_meant() -> None:
    [reference] = [
        q for q in context("sony-mobile", "Any parent or guardian") if q.role is Role.REFERENCE
    ]
    assert reference.section.title == "12. Contact us"
    assert reference.quote == "12. Contact us"


def test_a_limited_passage_carries_the_heading_that_limits_it() -> None:
    [region] = quotes("sony-mobile", "We do not currently sell", Role.REGION)
    assert region == "Other State Rights / Notice to Nevada Residents"


def test_words_that_limit_themselves_are_not_repeated() -> None:
    assert not quotes("github", "For residents of France", Role.REGION)


@pytest.mark.parametrize("policy_id", [policy.id for policy in SHIPPED.policies])
def test_every_context_quote_is_its_slice_of_the_text(policy_id: str) -> None:
    version = newest(policy_id)
    found = [
        quote
        for passage in version.passages
        for quote in context_of(version, passage, limit_of(version, passage))
    ]
    assert [q.quote for q in found] == [version.text[q.span.start : q.span.end] for q in found]
