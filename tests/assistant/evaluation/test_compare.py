"""Two runs side by side: what flipped, what differs, what cannot be compared."""

from __future__ import annotations

import re

import pytest

from assistant.evaluation.compare import compare, worsened
from assistant.evaluation.run import JudgedAnswer, PolicyRecord, RunError, SystemRecord
from tests.assistant.evaluation.builders import KEEP, SELL, answer, judged, question, run

RIGHT = judged(question(SELL), answer(SELL))
WRONG = judged(question(SELL), answer(KEEP))
OTHER_JUDGEMENT = judged(question(KEEP), answer(KEEP))


def test_flips_either_way() -> None:
    found = compare(run(RIGHT, WRONG, RIGHT), run(WRONG, RIGHT, RIGHT))
    assert [flip.b.id for flip in found.better] == [2]
    assert [flip.b.id for flip in found.worse] == [1]
    assert found.measures["right"].difference == 0.0
    assert found.to_json()["better"] == [2]


def test_a_run_compared_with_itself_shows_no_difference() -> None:
    found = compare(run(RIGHT, WRONG), run(RIGHT, WRONG))
    assert not found.flips
    assert not found.notes
    assert {d.difference for d in found.measures.values()} <= {0.0, None}


def test_the_order_of_the_answers_does_not_matter() -> None:
    old = run(RIGHT, WRONG)
    turned = run(RIGHT, WRONG)
    found = compare(old, type(old)(turned.header, turned.answers[::-1]))
    assert not found.flips


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        pytest.param([RIGHT, RIGHT], [RIGHT], "1 only in the first: 2", id="fewer"),
        pytest.param([RIGHT], [RIGHT, RIGHT], "1 only in the second: 2", id="more"),
        pytest.param(
            [RIGHT],
            [OTHER_JUDGEMENT],
            "1 with another question or other judgements: 1",
            id="other-gold",
        ),
        pytest.param(
            [RIGHT] * 9, [RIGHT], "8 only in the first: 2, 3, 4, 5, 6 and 3 more", id="many"
        ),
    ],
)
def test_runs_over_different_questions_are_refused(
    a: list[JudgedAnswer], b: list[JudgedAnswer], message: str
) -> None:
    with pytest.raises(RunError, match=message):
        compare(run(*a), run(*b))


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        pytest.param(
            {"policies": (PolicyRecord(policy="acme", version="2025", sha256="2" * 64),)},
            "The policies' texts differ.",
            id="policies",
        ),
        pytest.param(
            {"system": SystemRecord(name="peer", id="", model="", region=None)},
            "The system differs: policy-assistant model/1 and peer.",
            id="system",
        ),
        pytest.param(
            {"code": {"version": "0.2.0", "sha256": "def"}},
            r"The code differs: 0.1.0 \(abc\) and 0.2.0 \(def\).",
            id="code",
        ),
        pytest.param(
            {"libraries": {"numpy": "3"}}, "Libraries differ: numpy 2.4.6 and 3.", id="libraries"
        ),
        pytest.param({"workers": 2}, "latency cannot be compared", id="workers"),
    ],
)
def test_what_else_differs_is_noted(fields: dict[str, object], note: str) -> None:
    (found,) = compare(run(RIGHT), run(RIGHT, **fields)).notes
    assert re.search(note, found)


def test_worse_means_worse_beyond_chance() -> None:
    slightly = compare(run(*[RIGHT] * 20), run(*[RIGHT] * 19, WRONG))
    clearly = compare(run(*[RIGHT] * 20), run(*[RIGHT] * 10, *[WRONG] * 10))
    assert worsened(slightly, ["right"]) == []
    assert worsened(clearly, ["right", "top1", "unclear"]) == ["right", "top1"]


def test_lower_is_better_for_false_refusals() -> None:
    declined = judged(question(SELL), answer())
    more = compare(run(*[RIGHT] * 20), run(*[RIGHT] * 5, *[declined] * 15))
    fewer = compare(run(*[RIGHT] * 5, *[declined] * 15), run(*[RIGHT] * 20))
    assert worsened(more, ["false_refusals"]) == ["false_refusals"]
    assert worsened(fewer, ["false_refusals"]) == []
