"""Answers over processes: the same as in one, in order, and no silence when a process dies."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from assistant import Assistant, Settings
from assistant.workers import (
    InProcess,
    OverProcesses,
    Refused,
    ToAsk,
    WorkerError,
    answer_line,
    answerer,
    cores,
)
from tests.conftest import CACHE

QUESTIONS = (
    "Do you sell my data?",
    "What are cookies used for?",
    "How long do you keep my data?",
    "   ",
    "What is the capital of France?",
)


def asked() -> list[ToAsk]:
    return [ToAsk(n, q, (), "sony-mobile", "2020-01", None) for n, q in enumerate(QUESTIONS)]


def comparable(answers: Iterator[str | Refused]) -> list[object]:
    """The answers without their times."""
    found: list[object] = []
    for answer in answers:
        if isinstance(answer, Refused):
            found.append(answer)
        else:
            found.append({k: v for k, v in json.loads(answer).items() if k != "latency_ms"})
    return found


def test_processes_answer_as_one_does_and_in_order(assistant: Assistant) -> None:
    alone = comparable(InProcess(assistant).answers(asked()))
    with answerer(assistant, Settings(cache=CACHE), 2) as pool:
        assert comparable(pool.answers(asked())) == alone
    assert [a["id"] for a in alone if isinstance(a, dict)] == [0, 1, 2, 4]


def test_a_question_that_cannot_be_asked_stops_no_other(assistant: Assistant) -> None:
    refused = [a for a in InProcess(assistant).answers(asked()) if isinstance(a, Refused)]
    assert refused == [Refused("The question is blank. Type what you want to know.")]


def test_in_process_answers_only_when_wanted(assistant: Assistant) -> None:
    def endless() -> Iterator[ToAsk]:
        yield asked()[0]
        raise AssertionError("asked for more than was wanted")

    assert next(InProcess(assistant).answers(endless()))


def _die(signal_number: int) -> None:
    os.kill(os.getpid(), signal_number)


def test_a_process_that_dies_is_told_of_with_the_mend() -> None:
    with ProcessPoolExecutor(1, get_context("spawn"), _die, (signal.SIGKILL,)) as pool:
        answers = OverProcesses(pool).answers(asked())
        with pytest.raises(WorkerError, match="go on with --resume, and fewer --workers"):
            list(answers)


def test_an_unknown_policy_refuses_the_one_question(assistant: Assistant) -> None:
    found = answer_line(assistant, ToAsk(1, "Do you sell?", (), "nowhere", "2020", None))
    assert isinstance(found, Refused)
    assert "There is no policy nowhere" in found.why


def test_there_is_a_core() -> None:
    assert cores() >= 1
