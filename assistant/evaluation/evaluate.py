"""Question sets to a run: locate the evidence, answer, judge, measure (I/O).

The table of contents of evaluation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from assistant.ask import Assistant
from assistant.batch import BatchOptions, answer_file
from assistant.evaluation.coverage import section_coverage
from assistant.evaluation.judge import span_of
from assistant.evaluation.judged import judged_answers
from assistant.evaluation.locate import LocatedQuestion, versions_of
from assistant.evaluation.metrics import Metrics, metrics
from assistant.evaluation.questions import QuestionSet, QuestionSetError, listed
from assistant.evaluation.run import (
    PolicyRecord,
    Run,
    RunHeader,
    SetRecord,
    SystemRecord,
    as_json,
    code_record,
    library_record,
    source_hash,
    write_run,
    write_whole,
)
from assistant.question_lines import BatchError, numbered_lines, read_questions
from assistant.settings import Settings
from assistant.workers import answerer

RAW_ANSWERS_FILE, METRICS_FILE = "answers.jsonl", "metrics.json"
QUESTIONS_A_WORKER = 100  # starting a process costs as much as answering about as many


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers as the contract has them, in the order of their questions, and who gave them."""

    answers: tuple[Mapping[str, Any], ...]
    system: SystemRecord


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A run and its figures."""

    run: Run
    metrics: Metrics


def merged(sets: Sequence[QuestionSet]) -> QuestionSet:
    """The questions of all sets as one; of several sets the ids become SET/ID.

    Raises:
        QuestionSetError: something is wrong in a set; or one of several brings texts along.
    """
    checked = [one.checked() for one in sets]
    if len(checked) == 1:
        return checked[0]
    for one in checked:
        if one.texts:
            raise QuestionSetError(
                f"{one.name} brings texts of its own, so that it cannot be asked with others. "
                "Evaluate it by itself."
            )
    questions = [
        replace(question, id=f"{one.name}/{question.id}")
        for one in checked
        for question in one.questions
    ]
    return QuestionSet("+".join(one.name for one in checked), tuple(questions))


def answer_all(
    assistant: Assistant,
    settings: Settings,
    located: Sequence[LocatedQuestion],
    output: Path,
    *,
    workers: int = 1,
    resume: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> Answers:
    """Asks every question, over `workers` processes, and keeps the answers in the output folder.

    Raises:
        BatchError: a question cannot be asked, or the folder cannot be written.
        IndexFolderError: the index is damaged or foreign, or cannot be written.
    """
    for version in versions_of(located):
        assistant.prepare(version)
    path = output / RAW_ANSWERS_FILE
    lines = "".join(_question_line(question) for question in located)
    options = BatchOptions(
        region=settings.region, resume=resume, settings_id=f"{assistant.id}/{source_hash()}"
    )
    with answerer(assistant, settings, workers) as asked:
        report = answer_file(
            assistant, lines, "the set's", path, options, advance=advance, answerer=asked
        )
    if report.problems:
        raise BatchError(listed(report.problems))
    system = SystemRecord(
        name="policy-assistant", id=assistant.id, model=settings.model, region=settings.region
    )
    return Answers(tuple(_read_answers(path)), system)


def given_answers(path: Path, located: Sequence[LocatedQuestion]) -> Answers:
    """Answers that a system gave before, from a file as `policy-assistant answer` writes it.

    Raises:
        BatchError: the file is missing, or broken.
        QuestionSetError: a question has no answer in it.
    """
    by_id = {answer["id"]: answer for answer in _read_answers(path)}
    missing = [q.question for q in located if q.question.id not in by_id]
    if missing:
        raise QuestionSetError(
            f"{path} has no answer to {len(missing)} of {len(located)} questions, the first "
            f"being {missing[0].id!r} ({missing[0].where}). Answer them all, or take them out."
        )
    found = tuple(by_id[question.question.id] for question in located)
    return Answers(found, SystemRecord(name=path.name, id="", model="", region=None))


def evaluation_of(
    sets: Sequence[QuestionSet],
    located: Sequence[LocatedQuestion],
    answers: Answers,
    *,
    workers: int,
    started: datetime,
    seconds: float,
) -> Evaluation:
    """The answers judged, as a run with its figures."""
    versions = versions_of(located)
    judged = tuple(judged_answers(located, answers.answers))
    header = RunHeader(
        sets=tuple(
            SetRecord(name=one.name, sha256=one.hash, questions=len(one.questions)) for one in sets
        ),
        policies=tuple(
            PolicyRecord(policy=v.policy.id, version=v.info.version, sha256=v.content_hash)
            for v in versions
        ),
        system=answers.system,
        code=code_record(),
        libraries=library_record(),
        workers=workers,
        started=started.isoformat(timespec="seconds"),
        seconds=round(seconds, 2),
    )
    return Evaluation(Run(header, judged), metrics(judged, section_coverage(versions, judged)))


def write_evaluation(folder: Path, evaluation: Evaluation) -> None:
    """Writes run.json, run.jsonl and metrics.json.

    Raises:
        RunError: the folder cannot be written.
    """
    write_run(folder, evaluation.run)
    write_whole(folder / METRICS_FILE, as_json(evaluation.metrics.to_json()))


@dataclass(frozen=True, slots=True)
class Clock:
    """When a run was begun."""

    at: datetime
    ticks: float

    @classmethod
    def now(cls) -> Clock:
        """Starts the clock."""
        return cls(datetime.now(UTC), perf_counter())

    @property
    def seconds(self) -> float:
        """How long it runs."""
        return perf_counter() - self.ticks


def workers_for(questions: int, cores: int) -> int:
    """How many processes answer a set of that size soonest."""
    return max(1, min(cores, questions // QUESTIONS_A_WORKER))


def _question_line(located: LocatedQuestion) -> str:
    question, version = located.question, located.version
    fields = {
        "id": question.id,
        "question": question.question,
        "policy": version.policy.id,
        "version": version.info.version,
        "history": list(question.history),
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _read_answers(path: Path) -> list[dict[str, Any]]:
    """The answers of a file, as far as judging needs them.

    Raises:
        BatchError: the file is missing, or a line of it is no answer.
    """
    answers = []
    for number, raw in numbered_lines(read_questions(path)):
        try:
            answer = json.loads(raw)
            _ = (answer["id"], answer["status"], answer["answer"])
            _ = [(span_of(citation), citation["quote"]) for citation in answer["citations"]]
            _ = [span_of(passage) for passage in answer.setdefault("passages", [])]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BatchError(
                f"{path} line {number} is no answer ({error!r}). A line has id, status, answer, "
                "citations and passages, as `policy-assistant answer` writes it."
            ) from error
        answers.append(answer)
    return answers
