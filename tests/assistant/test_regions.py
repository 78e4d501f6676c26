"""Passages that concern the residents of one region only."""

from pathlib import Path

import pytest

from assistant.regions import Limit, is_for, limit_of
from policy_text import Passage, PolicyVersion, Section, Span
from policy_text.library import Library

SHIPPED = Library()


def newest(policy_id: str) -> PolicyVersion:
    return SHIPPED.version(SHIPPED.policy(policy_id).versions[-1])


def passage(version: PolicyVersion, beginning: str) -> Passage:
    return next(p for p in version.passages if version.quote(p.span).startswith(beginning))


@pytest.mark.parametrize(
    ("policy_id", "beginning", "expected"),
    [
        pytest.param("sony-mobile", "Sale of CA Personal", "California", id="heading-two-above"),
        pytest.param("sony-mobile", "If you reside in California", "California", id="own-words"),
        pytest.param("sony-mobile", "We do not currently sell", "Nevada", id="notice-to-residents"),
        pytest.param("sony-mobile", "In general, Sony Mobile", None, id="everybody"),
        pytest.param("github", "For residents of France", "France", id="for-residents-of"),
        pytest.param("github", "We *do not* sell", None, id="names-states-but-for-everybody"),
    ],
)
def test_limit_of(policy_id: str, beginning: str, expected: str | None) -> None:
    version = newest(policy_id)
    limit = limit_of(version, passage(version, beginning))
    assert (limit.region if limit else None) == expected


def test_the_words_that_limit_are_quoted() -> None:
    version = newest("sony-mobile")
    limit = limit_of(version, passage(version, "Sale of CA Personal"))
    assert limit is not None
    assert version.quote(limit.span) == "California Privacy Notice (Effective January 2020)"


def test_every_passage_of_the_california_notice_is_limited() -> None:
    version = newest("sony-mobile")
    limits = {
        limit.region if (limit := limit_of(version, p)) else None
        for p in version.passages
        if version.section_of(p).path[0] == "California Privacy Notice"
    }
    assert limits == {"California"}


@pytest.mark.parametrize(
    ("limit", "region", "expected"),
    [
        pytest.param(None, "Germany", True, id="no-limit"),
        pytest.param("California", None, True, id="anybody-asks"),
        pytest.param("California", "California", True, id="same"),
        pytest.param("California", " california ", True, id="case-and-space"),
        pytest.param("California", "Germany", False, id="another"),
        pytest.param("California", "Nevada", False, id="another-state"),
        pytest.param("European Union", "Germany", True, id="member"),
        pytest.param("European Union", "Spain", True, id="member-without-rules-of-its-own"),
        pytest.param("European Union", "EU", True, id="short-name"),
        pytest.param("European Union", "California", False, id="not-a-member"),
        pytest.param("United Kingdom", "UK", True, id="uk"),
        pytest.param("France", "Germany", False, id="another-member"),
    ],
)
def test_is_for(limit: str | None, region: str | None, expected: bool) -> None:
    section = Section("all", ("All",), None, None)
    set_limit = Limit(limit, section, Span(0, 1)) if limit else None
    assert is_for(set_limit, region) is expected


@pytest.mark.parametrize(
    ("words", "region", "expected"),
    [
        pytest.param("If you are in the EEA, the UK or Switzerland, ask.", "UK", True, id="named"),
        pytest.param("If you are in the EEA or the UK, ask.", "Nevada", False, id="not-named"),
        pytest.param("If you are not a resident of California, ask.", "Nevada", True, id="not"),
        pytest.param("If you are in the EU or elsewhere, ask.", "Japan", True, id="elsewhere"),
    ],
)
def test_all_regions_of_a_sentence_count(
    words: str, region: str, expected: bool, tmp_path: Path
) -> None:
    (tmp_path / "acme.md").write_text(words, encoding="utf-8")
    library = Library(tmp_path)
    version = library.version(library.policy("acme").versions[0])
    assert is_for(limit_of(version, version.passages[0]), region) is expected
