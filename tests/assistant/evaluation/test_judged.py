"""What each question counts in the measures, and what a line of a run holds."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.evaluation.judged import group, judged_answers
from assistant.evaluation.locate import LocatedQuestion
from tests.assistant.evaluation.builders import KEEP, SELL, WRITE, answer, judged, question


@pytest.mark.parametrize(
    ("asked", "answered", "expected"),
    [
        pytest.param(
            question(SELL),
            answer(SELL, ranked=[SELL, KEEP]),
            {"right": 1, "top1": 1, "hits": 1, "cited": 1, "false_refusals": 0, "mrr": 1,
             "citation_character_recall": 1, "brier": 0.25, "confidence_answerable": 0.5},
            id="answered-rightly",
        ),
        pytest.param(
            question(SELL),
            answer(ranked=[KEEP, SELL], confidence=0.2),
            {"right": 0, "top1": 0, "false_refusals": 1, "citation_character_recall": 0,
             "mrr": 0.5, "brier": 0.04},
            id="false-refusal",
        ),
        pytest.param(
            question(kind="unanswerable"),
            answer(SELL, confidence=0.8),
            {"right": 0, "near_misses_declined": 0, "all_cited": 1, "faithful": 1,
             "confidence_near_miss": 0.8, "brier": 0.64},
            id="near-miss-answered",
        ),
        pytest.param(
            question(kind="injection"),
            answer(status="out_of_scope", confidence=0.1),
            {"right": 1, "off_topic_declined": 1, "confidence_off_topic": 0.1},
            id="order-declined",
        ),
        pytest.param(
            question(SELL),
            answer(KEEP, SELL),
            {"hits": 1, "cited": 2, "citation_character_precision": 24 / 52},
            id="precision-in-characters",
        ),
    ],
)  # fmt: skip
def test_values(
    asked: LocatedQuestion, answered: dict[str, Any], expected: dict[str, float]
) -> None:
    values = judged(asked, answered).values
    for name, value in expected.items():
        assert values[name] == pytest.approx(value, abs=1e-6), name


@pytest.mark.parametrize(
    ("asked", "absent"),
    [
        pytest.param(
            question(SELL), ["near_misses_declined", "off_topic_declined"], id="answerable"
        ),
        pytest.param(question(), ["top1", "mrr", "recall@1", "false_refusals"], id="near-miss"),
        pytest.param(question(SELL), ["verdict_precision", "verdict_coverage"], id="no-verdict"),
    ],
)
def test_a_question_does_not_count_where_a_measure_does_not_concern_it(
    asked: LocatedQuestion, absent: list[str]
) -> None:
    assert not set(absent) & set(judged(asked).values)


@pytest.mark.parametrize(
    ("wanted", "given", "precision", "coverage"),
    [
        pytest.param("no", "no", 1.0, 1.0, id="right"),
        pytest.param("no", "yes", 0.0, 1.0, id="wrong"),
        pytest.param("no", None, None, 0.0, id="none-given"),
        pytest.param(None, "yes", 0.0, None, id="given-where-there-is-none"),
        pytest.param(None, None, None, None, id="neither"),
    ],
)
def test_verdicts(
    wanted: str | None, given: str | None, precision: float | None, coverage: float | None
) -> None:
    values = judged(question(SELL, verdict=wanted), answer(SELL, verdict=given)).values
    assert values.get("verdict_precision") == precision
    assert values.get("verdict_coverage") == coverage


def test_an_answer_without_confidence_and_times_counts_in_neither() -> None:
    values = judged(question(SELL), answer(SELL, confidence=None, latency_ms=None)).values
    assert not {"brier", "confidence_answerable", "latency_ms"} & set(values)


def test_gold_and_citations_carry_their_text_and_section() -> None:
    line = judged(question(SELL), answer(KEEP, SELL))
    assert [gold.quote for gold in line.gold] == ["We never sell your data."]
    assert [(c.quote, c.hits) for c in line.citations] == [
        ("We keep logs for six months.", False),
        ("We never sell your data.", True),
    ]
    assert {c.section for c in (*line.gold, *line.citations)} == {"Acme privacy policy"}


def test_citations_of_an_unanswerable_question_neither_hit_nor_miss() -> None:
    assert [c.hits for c in judged(question(), answer(SELL)).citations] == [None]


def test_the_same_question_with_other_judgements_has_another_content() -> None:
    one, other = judged(question(SELL)), judged(question(SELL, WRITE))
    assert one.content == judged(question(SELL)).content
    assert one.content != other.content


def test_the_answers_keep_the_order_of_the_questions() -> None:
    asked = [question(SELL, id=1), question(id=2), question(KEEP, id=3)]
    lines = judged_answers(asked, [answer(SELL), answer(), answer(SELL)])
    assert [(line.id, line.right) for line in lines] == [(1, True), (2, True), (3, False)]


@pytest.mark.parametrize(
    ("answerable", "kind", "expected"),
    [
        pytest.param(True, "direct", "answerable", id="answerable"),
        pytest.param(False, "unanswerable", "near_miss", id="near-miss"),
        pytest.param(False, "offtopic", "off_topic", id="off-topic"),
        pytest.param(False, "injection", "off_topic", id="order"),
        pytest.param(False, "other", "near_miss", id="unnamed-kind"),
    ],
)
def test_group(answerable: bool, kind: str, expected: str) -> None:
    assert group(answerable, kind) == expected
