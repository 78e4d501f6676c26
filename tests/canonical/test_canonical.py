"""The sets that ship as regression tests: what must stay right, and no measure surely worse.

The rest of a set may flip either way: a change of model shows as a comparison with the committed
baseline run of each policy, not as dozens of red cases. Make the baselines anew with `make
baselines` when a change of answers is meant, and say in its commit what got better and worse.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant import Assistant
from assistant.evaluation.compare import Comparison, compare, is_worse
from assistant.evaluation.formats import read_question_set
from assistant.evaluation.judged import judged_answers
from assistant.evaluation.locate import LocatedQuestion, locate
from assistant.evaluation.measures import BY_NAME
from assistant.evaluation.questions import shipped_sets
from assistant.evaluation.render import render_comparison
from assistant.evaluation.run import JudgedAnswer, Run, read_run
from policy_text.library import Library

HERE = Path(__file__).parent
MUST_PASS: dict[str, list[str]] = json.loads((HERE / "must_pass.json").read_text("utf-8"))
BASELINES = HERE / "baselines"

WATCHED = ("right", "top1", "citation_precision", "false_refusals", "near_misses_declined",
           "off_topic_declined", "recall@10", "mrr", "brier")  # fmt: skip
RIGHT_MAY_DROP = 0.05  # below the baseline, of all questions; more is no accident of a few flips


@cache
def located(policy: str) -> tuple[LocatedQuestion, ...]:
    return tuple(locate(read_question_set(policy).checked(), Library()))


@cache
def answers(assistant: Assistant, policy: str) -> tuple[JudgedAnswer, ...]:
    """Every question of a set asked and judged, once a process."""
    given: list[dict[str, Any]] = []
    for asked in located(policy):
        answer = assistant.ask(
            asked.question.question, policy=policy, history=asked.question.history
        )
        given.append(answer.to_json())
    return tuple(judged_answers(located(policy), given))


@cache
def comparison(assistant: Assistant, policy: str) -> Comparison:
    """The committed baseline against the answers of this code."""
    baseline = read_run(BASELINES / policy)
    return compare(baseline, Run(baseline.header, answers(assistant, policy)))


every_policy = pytest.mark.parametrize("policy", shipped_sets())


@pytest.mark.parametrize(
    ("policy", "question"),
    [
        pytest.param(policy, question, id=f"{policy}-{question}")
        for policy, questions in MUST_PASS.items()
        for question in questions
    ],
)
def test_question_that_must_pass(assistant: Assistant, policy: str, question: str) -> None:
    (asked,) = [one for one in located(policy) if str(one.question.id) == question]
    answer = assistant.ask(asked.question.question, policy=policy, history=asked.question.history)
    (judged,) = judged_answers([asked], [answer.to_json()])
    assert judged.right, f"{judged.question} – {judged.why}"


@every_policy
@pytest.mark.parametrize("name", WATCHED)
def test_no_measure_is_surely_worse_than_the_baseline(
    assistant: Assistant, policy: str, name: str
) -> None:
    found = comparison(assistant, policy)
    assert not is_worse(BY_NAME[name], found.measures[name]), render_comparison(found)


@every_policy
def test_right_stays_near_the_baseline(assistant: Assistant, policy: str) -> None:
    found = comparison(assistant, policy)
    change = found.measures["right"].difference
    assert change is not None
    assert change >= -RIGHT_MAY_DROP, render_comparison(found)


@every_policy
def test_every_quote_is_the_text_at_its_offsets(assistant: Assistant, policy: str) -> None:
    fidelity = comparison(assistant, policy).measures["quote_fidelity"].b
    assert fidelity == 1.0


def test_every_set_has_its_baseline_and_about_twenty_questions_that_must_pass() -> None:
    assert {path.name for path in BASELINES.iterdir()} == set(shipped_sets())
    assert set(MUST_PASS) == set(shipped_sets())
    for policy, questions in MUST_PASS.items():
        ids = {str(one.question.id) for one in located(policy)}
        assert len(questions) == len(set(questions) & ids) >= 18, policy


def test_the_questions_that_must_pass_are_of_many_kinds() -> None:
    for policy, questions in MUST_PASS.items():
        kinds = {one.question.kind for one in located(policy) if one.question.id in questions}
        assert len(kinds) >= 8, policy


def test_a_worse_answer_is_seen(assistant: Assistant) -> None:
    """The comparison itself can fail: declining everything is surely worse."""
    baseline = read_run(BASELINES / "sony-mobile")
    declined = [
        {"status": "silent", "reason": "no_evidence", "answer": "", "citations": [],
         "passages": [], "confidence": 0.0}
        for _ in located("sony-mobile")
    ]  # fmt: skip
    worse = Run(baseline.header, tuple(judged_answers(located("sony-mobile"), declined)))
    found = compare(baseline, worse)
    assert is_worse(BY_NAME["right"], found.measures["right"])
    assert re.search(r"right .* worse", render_comparison(found))
