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
from types import MappingProxyType
from typing import Any

from assistant.ask import Assistant
from assistant.batch import BatchOptions, answer_file
from assistant.evaluation.coverage import section_coverage
from assistant.evaluation.given import answers_for
from assistant.evaluation.judged import judged_answers
from assistant.evaluation.locate import LocatedQuestion, versions_of
from assistant.evaluation.metrics import Metrics, metrics
from assistant.evaluation.questions import (
    QuestionSet,
    QuestionSetError,
    listed,
    without_duplicates,
)
from assistant.evaluation.run import (
    HEADER_FILE,
    PolicyRecord,
    Run,
    RunError,
    RunHeader,
    SetRecord,
    SystemRecord,
    as_json,
    code_record,
    discard_header,
    library_record,
    read_header,
    source_hash,
    write_run,
    write_whole,
)
from assistant.question_lines import BatchError
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
        QuestionSetError: something is wrong in a set; or one of several brings texts along, or has
            the name of another.
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
    distinct, _, collisions = without_duplicates(questions, ())
    if collisions:
        raise QuestionSetError(listed(collisions))
    return QuestionSet("+".join(one.name for one in checked), distinct)


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
    settings_id = f"{assistant.id}/{source_hash(only_answering=True)}"
    options = BatchOptions(region=settings.region, resume=resume, settings_id=settings_id)
    with answerer(assistant, settings, workers) as asked:
        report = answer_file(
            assistant, lines, "the set's", path, options, advance=advance, answerer=asked
        )
    if report.problems:
        raise BatchError(listed(report.problems))
    system = SystemRecord(
        name="policy-assistant", id=assistant.id, model=settings.model, region=settings.region
    )
    return Answers(tuple(answers_for(path, located)), system)


def given_answers(path: Path, located: Sequence[LocatedQuestion]) -> Answers:
    """Answers that a system gave before, from a file as `policy-assistant answer` writes it.

    Raises:
        BatchError: the file is missing or broken, or an answer is on another policy or text.
        QuestionSetError: a question has no answer in it.
    """
    found = answers_for(path, located)
    return Answers(tuple(found), SystemRecord(name=path.name, id="", model="", region=None))


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


def write_evaluation(
    folder: Path, evaluation: Evaluation, pages: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Writes metrics.json, the pages (name → HTML), run.jsonl, and last run.json.

    Raises:
        RunError: the folder cannot be written.
    """
    discard_header(folder)
    write_whole(folder / METRICS_FILE, as_json(evaluation.metrics.to_json()))
    for name, page in pages.items():
        write_whole(folder / name, page)
    write_run(folder, evaluation.run)


def refuse_other_run(folder: Path, sets: Sequence[QuestionSet]) -> None:
    """Keeps a run over other questions from being written over.

    Raises:
        RunError: the folder holds one, or a file of that name that is none.
    """
    if not (folder / HEADER_FILE).exists():
        return
    header = read_header(folder)
    if [one.name for one in header.sets] != [one.name for one in sets]:
        names = ", ".join(one.name for one in header.sets)
        raise RunError(f"{folder} holds a run over {names}. Give another --output, or remove it.")


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
