"""Ranked passages to citations, and citations to an answer."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from assistant.compose import (
    MAX_CITATION_CHARACTERS,
    answer_text,
    cite,
    for_region,
    said_to_all,
    select,
)
from assistant.model import ContextQuote, Role
from index.retriever import Retrieval, ScoredPassage
from policy_text import Passage
from policy_text.library import Library

LIBRARY = Library()
SONY = LIBRARY.version(LIBRARY.policy("sony-mobile").versions[-1])


TOGETHER = 3  # passages


def starting(beginning: str) -> Passage:
    return next(p for p in SONY.passages if SONY.quote(p.span).startswith(beginning))


def ranked(*scored: tuple[int, float]) -> list[ScoredPassage]:
    return [ScoredPassage(SONY.passages[position], score) for position, score in scored]


RULE = starting("In general, Sony Mobile does not").position
VOICE = starting("Voice recognition and").position
CALIFORNIA = starting("Sale of CA Personal").position
NEVADA = starting("We do not currently sell").position


@pytest.mark.parametrize(
    ("answering", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([(VOICE, 2.0)], [[VOICE]], id="one"),
        pytest.param([(VOICE, 2.0), (RULE, 1.5)], [[VOICE], [RULE]], id="two"),
        pytest.param(
            [(VOICE + 1, 2.0), (VOICE, 2.0)], [[VOICE, VOICE + 1]], id="adjoining-are-joined"
        ),
        pytest.param(
            [(VOICE, 2.0), (RULE, 2.0), (VOICE + 1, 2.0)],
            [[VOICE, VOICE + 1], [RULE]],
            id="joined-to-an-earlier-one",
        ),
    ],
)
def test_select(answering: list[tuple[int, float]], expected: list[list[int]]) -> None:
    selections = select(SONY, ranked(*answering))
    assert [[p.position for p in s.passages] for s in selections] == expected


def test_the_best_passage_leads_a_joined_citation() -> None:
    [selection] = select(SONY, ranked((VOICE + 1, 2.0), (VOICE, 2.0)))
    assert selection.leading.position == VOICE + 1


def test_a_citation_never_grows_beyond_its_limit() -> None:
    for position in range(len(SONY.passages) - TOGETHER):
        near = [(position + n, 1.0) for n in range(TOGETHER)]
        for selection in select(SONY, ranked(*near)):
            alone = len(selection.passages) == 1
            assert alone or len(selection.span) <= MAX_CITATION_CHARACTERS


def test_passages_of_two_sections_are_not_joined() -> None:
    last = next(
        p.position
        for p, after in zip(SONY.passages, SONY.passages[1:], strict=False)
        if p.section != after.section
    )
    assert len(select(SONY, ranked((last, 1.0), (last + 1, 1.0)))) == 2


def test_a_citation_quotes_the_text_at_its_offsets() -> None:
    [selection] = select(SONY, ranked((VOICE + 1, 2.0), (VOICE, 2.0)))
    citation = cite(SONY, selection)
    assert citation.quote == SONY.text[citation.span.start : citation.span.end]


def test_an_announcement_is_cited_with_the_first_item_that_it_announces() -> None:
    announcing = starting("We may use and/or disclose personal data to third parties:").position
    [selection] = select(SONY, ranked((announcing, 1.0)))
    assert [p.position for p in selection.passages] == [announcing, announcing + 1]
    assert selection.leading.position == announcing


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 3, 1), (3, 0, 1), (2, 3, 0), (1, 0, 2)])
def test_no_two_citations_overlap(order: tuple[int, ...]) -> None:
    for passage in SONY.passages[:-TOGETHER]:
        ranking = ranked(*((passage.position + n, 1.0) for n in order))
        spans = sorted(selection.span for selection in select(SONY, ranking))
        assert not [a for a, b in pairwise(spans) if a.overlap(b)]


def test_what_a_citation_quotes_already_is_not_its_context() -> None:
    [alone] = select(SONY, ranked((VOICE + 1, 2.0)))
    [joined] = select(SONY, ranked((VOICE + 1, 2.0), (VOICE, 2.0)))
    assert Role.ANTECEDENT in {quote.role for quote in cite(SONY, alone).context}
    assert Role.ANTECEDENT not in {quote.role for quote in cite(SONY, joined).context}


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        pytest.param(None, [CALIFORNIA, NEVADA, RULE], id="anybody"),
        pytest.param("Germany", [RULE], id="germany"),
        pytest.param("California", [CALIFORNIA, RULE], id="california"),
        pytest.param("nevada", [NEVADA, RULE], id="nevada"),
    ],
)
def test_another_region_is_left_out(region: str | None, expected: list[int]) -> None:
    ranking = tuple(ranked((CALIFORNIA, 3.0), (NEVADA, 2.0), (RULE, 1.0)))
    features = np.array([[3.0], [2.0], [1.0]], dtype=np.float32)
    read = np.array([3.0, 2.0], dtype=np.float32)
    retrieval = Retrieval("rights", ranking, features, np.zeros(4, dtype=np.float32), reading=read)
    left = for_region(SONY, retrieval, region)
    assert [s.passage.position for s in left.ranking] == expected
    assert left.features[:, 0].tolist() == [s.score for s in left.ranking]
    assert left.reading.tolist() == [s.score for s in left.ranking if s.score > 1]
    assert retrieval.ranking == ranking  # what came in is left as it was


@pytest.mark.parametrize(
    ("position", "region", "is_said"),
    [
        pytest.param(VOICE, None, True, id="to-all"),
        pytest.param(RULE, None, False, id="with-an-exception"),
        pytest.param(NEVADA, None, False, id="to-some"),
        pytest.param(NEVADA, "Nevada", True, id="to-who-asks"),
    ],
)
def test_what_is_said_to_all(position: int, region: str | None, is_said: bool) -> None:
    [selection] = select(SONY, ranked((position, 1.0)))
    words = said_to_all(cite(SONY, selection), region)
    assert (words is not None) == is_said
    assert words is None or words.endswith(SONY.quote(selection.span))


def test_a_lead_in_is_part_of_what_is_said() -> None:
    citation = cite(SONY, select(SONY, ranked((VOICE, 1.0)))[0])
    lead_in = ContextQuote(Role.LEAD_IN, citation.section, citation.span, "We use:")
    assert said_to_all(replace(citation, context=(lead_in,)), None) == f"We use: {citation.quote}"


def test_an_answer_gives_quotes_then_sources() -> None:
    citations = [cite(SONY, s) for s in select(SONY, ranked((NEVADA, 1.0)))]
    assert answer_text(SONY, citations).splitlines() == [
        "Sony Mobile Privacy Policy (last updated January 2020) says:",
        "“We do not currently sell your personally identifiable information as those terms are "
        "defined under Nevada law.” [1]",
        "",
        "[1] 11. Specific Notices › Other State Rights / Notice to Nevada Residents (for "
        "residents of: Nevada)",
    ]


@pytest.mark.parametrize("verdict", ["yes", "no"])
def test_a_verdict_opens_the_answer(verdict: str) -> None:
    citations = [cite(SONY, s) for s in select(SONY, ranked((NEVADA, 1.0)))]
    plain = answer_text(SONY, citations)
    assert answer_text(SONY, citations, verdict) == f"{verdict.capitalize()}. {plain}"


def test_a_rule_is_never_shown_without_its_exceptions() -> None:
    citations = [cite(SONY, s) for s in select(SONY, ranked((RULE, 1.0)))]
    assert (
        answer_text(SONY, citations)
        .splitlines()[1]
        .endswith(
            "explicit consent.” “However, there are exceptions:” Other Sony group companies; Our "
            "service providers; Legal and business purposes; Anonymous statistics [1]"
        )
    )
