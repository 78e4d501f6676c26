"""A file of questions to a file of answers: progress, resuming, nothing lost (I/O)."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import tee
from pathlib import Path
from typing import IO, Any

from assistant.ask import Assistant
from assistant.question_lines import BatchError, QuestionLine, numbered_lines, parse_line
from assistant.workers import LINE_PROBLEMS, Answerer, InProcess, Refused, ToAsk
from policy_text import PolicyVersion

Key = tuple[int | str, str]  # a question's id, and the fingerprint of all its answer depends on


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """What applies to all lines that do not say otherwise."""

    policy: str | None = None
    version: str | None = None
    as_of: date | None = None
    region: str | None = None
    limit: int | None = None
    resume: bool = False
    settings_id: str = ""


@dataclass
class BatchReport:
    """What a batch did; `problems` name the lines without an answer."""

    answered: int = 0
    reused: int = 0
    problems: list[str] = field(default_factory=list)


def answer_file(
    assistant: Assistant,
    text: str,
    name: str,
    output: Path,
    options: BatchOptions,
    *,
    advance: Callable[[], None] = lambda: None,
    answerer: Answerer | None = None,
) -> BatchReport:
    """Answers every line of `text` into `output`, which appears whole at the end.

    Finished lines stand in OUTPUT.partial meanwhile, and OUTPUT.state tells which question, policy
    and settings each of them belongs to; with `options.resume` those that still hold are kept.
    `answerer` None: this process answers.

    Raises:
        BatchError: the output cannot be written.
    """
    if output.is_dir():
        raise BatchError(f"{output} is a folder. Give --output the path of a file.")
    partial, state = _beside(output, ".partial"), _beside(output, ".state")
    report = BatchReport()
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        finished = _finished(output, partial, state) if options.resume else {}
        plan = list(_plan(assistant, text, name, options, finished))
        known = _still_holding(plan)
        fresh_partial, fresh_state = _beside(output, ".partial.new"), _beside(output, ".state.new")
        _carry_over(known, fresh_partial, fresh_state)
        fresh_partial.replace(partial)
        fresh_state.replace(state)
        with partial.open("a", encoding="utf-8") as lines, state.open("a") as states:
            answered: list[str] = []
            for line in _answers(plan, answerer or InProcess(assistant), report):
                answered.append(line.answer)
                if line.is_new:
                    _append(lines, line.answer)
                    _append(states, json.dumps([line.id, line.fingerprint]))
                advance()
        if known:  # what was carried over stands first
            _write_lines(fresh_partial, answered)
            fresh_partial.replace(partial)
        _finish(partial, output)
    except OSError as error:
        raise BatchError(
            f"Cannot write {output}: {error.strerror}. Finished answers are in {partial}; free "
            "some space and go on with --resume."
        ) from error
    return report


def answer_stream(
    assistant: Assistant,
    text: str,
    name: str,
    stream: IO[str],
    options: BatchOptions,
    *,
    advance: Callable[[], None] = lambda: None,
) -> BatchReport:
    """Answers every line of `text` to an open stream, each line as soon as it is there."""
    report = BatchReport()
    plan = _plan(assistant, text, name, options, {})
    for line in _answers(plan, InProcess(assistant), report):
        stream.write(line.answer + "\n")
        stream.flush()
        advance()
    return report


@dataclass(frozen=True, slots=True)
class _Line:
    id: int | str
    fingerprint: str
    answer: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Planned:
    """A line that is to be answered, or was: `known` is its answer of an earlier run."""

    where: str
    asked: ToAsk
    fingerprint: str
    known: str | None


def _plan(
    assistant: Assistant,
    text: str,
    name: str,
    options: BatchOptions,
    known: Mapping[Key, str],
) -> Iterator[_Planned | str]:
    """What is to be done for each line; for one that cannot be asked, what is wrong with it."""
    seen: dict[int | str, int] = {}
    for number, raw in numbered_lines(text, options.limit):
        where = f"{name} line {number}"
        try:
            question = parse_line(raw, QuestionLine)
            if question.id in seen:
                raise BatchError(
                    f"the id {question.id!r} stands already in line {seen[question.id]}. "
                    "Give each question its own."
                )
            seen[question.id] = number
            yield _planned(assistant, question, options, known, where)
        except LINE_PROBLEMS as problem:
            yield f"{where}: {problem}"


def _planned(
    assistant: Assistant,
    question: QuestionLine,
    options: BatchOptions,
    known: Mapping[Key, str],
    where: str,
) -> _Planned:
    chosen = assistant.choose(
        question.question,
        policy=question.policy or options.policy,
        version=question.version or options.version,
        as_of=options.as_of,
        history=question.history,
    )
    fingerprint = _fingerprint(question, chosen, options)
    asked = ToAsk(
        id=question.id,
        question=question.question,
        history=tuple(question.history),
        policy=chosen.policy.id,
        version=chosen.info.version,
        region=options.region,
    )
    return _Planned(where, asked, fingerprint, known.get((question.id, fingerprint)))


def _still_holding(plan: Iterable[_Planned | str]) -> dict[Key, str]:
    """The answers of an earlier run that this one keeps."""
    return {
        (line.asked.id, line.fingerprint): line.known
        for line in plan
        if isinstance(line, _Planned) and line.known is not None
    }


def _answers(
    plan: Iterable[_Planned | str], answerer: Answerer, report: BatchReport
) -> Iterator[_Line]:
    """The lines of the plan with their answers, in order; what is wrong goes to the report."""
    ahead, plan = tee(plan)
    to_ask = (line.asked for line in ahead if isinstance(line, _Planned) and line.known is None)
    answers = answerer.answers(to_ask)
    for line in plan:
        if isinstance(line, str):
            report.problems.append(line)
            continue
        answer = line.known if line.known is not None else next(answers)
        if isinstance(answer, Refused):
            report.problems.append(f"{line.where}: {answer.why}")
            continue
        report.answered += 1
        report.reused += line.known is not None
        yield _Line(line.asked.id, line.fingerprint, answer, line.known is None)


def _fingerprint(question: QuestionLine, chosen: PolicyVersion, options: BatchOptions) -> str:
    """A hash of all that an answer depends on."""
    parts = [question.question, question.history, chosen.reading_hash, options.region,
             options.settings_id]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _finished(output: Path, partial: Path, state: Path) -> dict[Key, str]:
    """The finished lines of an earlier run, by id and fingerprint; without torn lines."""
    prints: dict[int | str, str] = {}
    for pair in _json_lines(state):
        if isinstance(pair, list) and len(pair) == 2:
            prints[_id(pair[0])] = str(pair[1])
    found: dict[Key, str] = {}
    for path in (output, partial):
        for answer in _json_lines(path):
            key = _id(answer.get("id")) if isinstance(answer, dict) else ""
            if key in prints:
                found[key, prints[key]] = json.dumps(answer, ensure_ascii=False)
    return found


def _id(value: object) -> int | str:
    """An id as it may stand in a line; what is none matches nothing."""
    return value if isinstance(value, (int, str)) else ""


def _json_lines(path: Path) -> Iterator[Any]:
    if not path.exists():
        return
    for raw in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            yield json.loads(raw)
        except json.JSONDecodeError:
            continue  # a line that a kill tore


def _carry_over(known: Mapping[Key, str], partial: Path, state: Path) -> None:
    _write_lines(partial, known.values())
    _write_lines(state, (json.dumps(key) for key in known))


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())


def _append(file: IO[str], line: str) -> None:
    file.write(line + "\n")
    file.flush()  # a kill of this process then loses nothing; a power cut may cost seconds


def _finish(partial: Path, output: Path) -> None:
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(output)


def _beside(output: Path, ending: str) -> Path:
    return output.with_name(output.name + ending)
