"""Questions to answers, in their order, in this process or over several (I/O)."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from assistant.ask import Assistant
from assistant.model import QuestionError
from assistant.question_lines import BatchError
from assistant.settings import Settings
from policy_text import PolicyFileError, UnknownPolicyError, UserError

# What is wrong with one question, so that the others go on; a broken index or model ends the run.
LINE_PROBLEMS = (BatchError, QuestionError, UnknownPolicyError, PolicyFileError)
CHUNK = 8  # questions sent to a process at a time: 80 ms of work, so that sending costs little


class WorkerError(UserError):
    """A process that answers ended before its time."""


@dataclass(frozen=True, slots=True)
class ToAsk:
    """A question and the version that it is asked of."""

    id: int | str
    question: str
    history: tuple[str, ...]
    policy: str
    version: str
    region: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A question that cannot be asked, and why."""

    why: str


class Answerer(Protocol):
    """Answers questions, one JSON object a line, in their order."""

    def answers(self, asked: Iterable[ToAsk]) -> Iterator[str | Refused]:
        """For each question its answer as one line of JSON, or why it cannot be asked."""


class InProcess:
    """Answers one question after the other, each when it is wanted."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def answers(self, asked: Iterable[ToAsk]) -> Iterator[str | Refused]:
        return (answer_line(self._assistant, question) for question in asked)


class OverProcesses:
    """Answers over a pool of processes, each with an assistant of its own."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def answers(self, asked: Iterable[ToAsk]) -> Iterator[str | Refused]:
        try:
            yield from self._pool.map(_answer_here, asked, chunksize=CHUNK)
        except BrokenProcessPool as error:
            raise WorkerError(
                "A process that answers questions ended before its time, perhaps for want of "
                "memory. Finished answers are kept: go on with --resume, and fewer --workers."
            ) from error


@contextmanager
def answerer(assistant: Assistant, settings: Settings, workers: int) -> Iterator[Answerer]:
    """An answerer over `workers` processes, which end with the context.

    Every process opens `settings` anew, so that indexes must be built before. 1 is this process.
    """
    if workers == 1:
        yield InProcess(assistant)
        return
    # Forking a process that has threads, as ONNX Runtime's, can block it for good.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _open, (settings,))
    try:
        yield OverProcesses(pool)
    finally:
        pool.shutdown(cancel_futures=True)


def answer_line(assistant: Assistant, question: ToAsk) -> str | Refused:
    """The answer to one question as one line of JSON, or why it cannot be asked."""
    try:
        answer = assistant.ask(
            question.question,
            policy=question.policy,
            version=question.version,
            region=question.region,
            history=question.history,
            id=question.id,
        )
    except LINE_PROBLEMS as problem:
        return Refused(str(problem))
    return json.dumps(answer.to_json(), ensure_ascii=False)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_opened: list[Assistant] = []  # a process's own assistant, made when the process starts


def _open(settings: Settings) -> None:
    _opened.append(Assistant.open(settings))


def _answer_here(question: ToAsk) -> str | Refused:
    return answer_line(_opened[0], question)
