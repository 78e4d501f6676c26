"""The measures, against values worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.measures import Ruling, rule, summary

TEXT = "We keep logs for six months. We never sell your data. Write to us at any time you like."
KEEP, SELL = (0, 28), (29, 53)


def question(*evidence: str) -> dict[str, Any]:
    return {"answerable": bool(evidence), "evidence": list(evidence)}


def answer(*spans: tuple[int, int], status: str = "answered") -> dict[str, Any]:
    return {"status": status, "citations": [{"start": a, "end": b} for a, b in spans]}


@pytest.mark.parametrize(
    ("asked", "answered", "expected"),
    [
        pytest.param(
            question("We never sell your data."),
            answer(SELL),
            Ruling(right=True, first=True, cited=1, hits=1, false_refusal=False),
            id="exact",
        ),
        pytest.param(
            question("We never sell your data."),
            answer(KEEP, SELL),
            Ruling(right=True, first=False, cited=2, hits=1, false_refusal=False),
            id="second-citation-hits",
        ),
        pytest.param(
            question("We never sell your data."),
            answer(KEEP, KEEP, KEEP, SELL),
            Ruling(right=False, first=False, cited=4, hits=1, false_refusal=False),
            id="fourth-is-too-late",
        ),
        pytest.param(
            question("We never sell your data."),
            answer((29, 40)),
            Ruling(right=True, first=True, cited=1, hits=1, false_refusal=False),
            id="a-part-inside-the-gold-quote-hits",
        ),
        pytest.param(
            question("We never sell your data."),
            answer(status="silent"),
            Ruling(right=False, first=False, cited=0, hits=0, false_refusal=True),
            id="false-refusal",
        ),
        pytest.param(
            question(),
            answer(status="out_of_scope"),
            Ruling(right=True, first=None, cited=0, hits=0, false_refusal=False),
            id="declined-rightly",
        ),
        pytest.param(
            question(),
            answer(SELL),
            Ruling(right=False, first=None, cited=0, hits=0, false_refusal=False),
            id="answered-what-the-policy-does-not-say",
        ),
    ],
)
def test_rule(asked: dict[str, Any], answered: dict[str, Any], expected: Ruling) -> None:
    assert rule(asked, answered, TEXT) == expected


def test_a_citation_of_more_than_600_characters_misses_a_short_gold_quote() -> None:
    text = "x" * 300 + "gold quote" + "y" * 300
    asked = {"answerable": True, "evidence": ["gold quote"]}
    assert not rule(asked, answer((0, 610)), text).right
    assert rule(asked, answer((5, 605)), text).right


def test_a_gold_quote_that_is_not_in_the_text_is_named() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        rule(question("nowhere"), answer(SELL), TEXT)


def test_summary_takes_each_mean_over_the_questions_it_is_defined_for() -> None:
    rulings = [
        Ruling(right=True, first=True, cited=2, hits=1, false_refusal=False),
        Ruling(right=False, first=False, cited=0, hits=0, false_refusal=True),
        Ruling(right=True, first=None, cited=0, hits=0, false_refusal=False),
    ]
    assert summary(rulings) == {
        "questions": 3,
        "right": 2 / 3,
        "first_right": 1 / 2,
        "citation_precision": 1 / 2,
        "false_refusals": 1 / 2,
        "declined_rightly": 1.0,
    }
