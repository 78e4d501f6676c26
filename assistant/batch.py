"""A file of questions to a file of answers: progress, resuming, nothing lost (I/O)."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from assistant.ask import Assistant
from assistant.model import QuestionError
from policy_text import PolicyFileError, PolicyVersion, UnknownPolicyError, UserError

NonBlank = Annotated[str, StringConstraints(pattern=r"\S")]


Key = tuple[int | str, str]  # a question's id, and the fingerprint of all its answer depends on


class BatchError(UserError):
    """A file of questions that cannot be read, or of answers that cannot be written."""


# What is wrong with one line, so that the others go on; a broken index or model ends the run.
LINE_PROBLEMS = (BatchError, QuestionError, UnknownPolicyError, PolicyFileError)


class QuestionLine(BaseModel):
    """One line of a file of questions; other keys are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: int | NonBlank  # given back as it came
    question: str
    policy: str | None = None
    version: str | None = None
    history: list[str] = []


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


def count_lines(text: str) -> int:
    """How many lines of a file of questions are not blank."""
    return sum(bool(line.strip()) for line in text.split("\n"))


def read_questions(path: Path) -> str:
    """The text of a file of questions.

    Raises:
        BatchError: it is missing, or not UTF-8.
    """
    try:
        return decoded(path.read_bytes(), str(path))
    except OSError as error:
        raise BatchError(f"{path} cannot be read: {error.strerror}. Check the path.") from error


def decoded(data: bytes, name: str) -> str:
    """A file of questions as text.

    Raises:
        BatchError: it is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BatchError(
            f"{name} is not UTF-8 (byte {error.start}). Save it as UTF-8 and try again."
        ) from error


def answer_file(
    assistant: Assistant,
    text: str,
    name: str,
    output: Path,
    options: BatchOptions,
    *,
    advance: Callable[[], None] = lambda: None,
) -> BatchReport:
    """Answers every line of `text` into `output`, which appears whole at the end.

    Finished lines stand in OUTPUT.partial meanwhile, and OUTPUT.state tells which question, policy
    and settings each of them belongs to; with `options.resume` those that still hold are kept.

    Raises:
        BatchError: the output cannot be written.
    """
    if output.is_dir():
        raise BatchError(f"{output} is a folder. Give --output the path of a file.")
    partial, state = _beside(output, ".partial"), _beside(output, ".state")
    known = _finished(output, partial, state) if options.resume else {}
    report = BatchReport()
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        fresh_partial, fresh_state = _beside(output, ".partial.new"), _beside(output, ".state.new")
        _carry_over(known, fresh_partial, fresh_state)
        fresh_partial.replace(partial)
        fresh_state.replace(state)
        with partial.open("a", encoding="utf-8") as lines, state.open("a") as states:
            answered: list[str] = []
            for line in _answers(assistant, text, name, options, known, report):
                answered.append(line.answer)
                if line.is_new:
                    _append(lines, line.answer)
                    _append(states, json.dumps([line.id, line.fingerprint]))
                advance()
        if known:  # what was carried over stands first, and some of it may be asked no more
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
    for line in _answers(assistant, text, name, options, {}, report):
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


def _answers(
    assistant: Assistant,
    text: str,
    name: str,
    options: BatchOptions,
    known: Mapping[Key, str],
    report: BatchReport,
) -> Iterator[_Line]:
    seen: dict[int | str, int] = {}
    for number, raw in _numbered_lines(text, options.limit):
        try:
            question = _parsed(raw)
            if question.id in seen:
                raise BatchError(
                    f"the id {question.id!r} stands already in line {seen[question.id]}. "
                    "Give each question its own."
                )
            seen[question.id] = number
            line = _one(assistant, question, options, known)
        except LINE_PROBLEMS as problem:
            report.problems.append(f"{name} line {number}: {problem}")
            continue
        report.answered += 1
        report.reused += not line.is_new
        yield line


def _numbered_lines(text: str, limit: int | None) -> Iterator[tuple[int, str]]:
    taken = 0
    for number, raw in enumerate(text.split("\n"), 1):
        if raw.strip() and (limit is None or taken < limit):
            taken += 1
            yield number, raw


def _parsed(raw: str) -> QuestionLine:
    try:
        fields: Any = json.loads(raw)
    except json.JSONDecodeError as error:
        raise BatchError(f"not valid JSON ({error.msg}, column {error.colno}). Mend it.") from error
    except ValueError as error:  # a number of more than 4,300 digits
        raise BatchError(f"not valid JSON ({error}). Mend it.") from error
    except RecursionError as error:
        raise BatchError("nested too deeply to be a question. Mend it.") from error
    try:
        return QuestionLine.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = str(first["loc"][0]) if first["loc"] else "the line"
        what = "give each question one" if where == "id" else first["msg"].lower()
        raise BatchError(f'{where}: {what}. A line is {{"id": "…", "question": "…"}}.') from error


def _one(
    assistant: Assistant,
    question: QuestionLine,
    options: BatchOptions,
    known: Mapping[Key, str],
) -> _Line:
    policy, version = question.policy or options.policy, question.version or options.version
    chosen = assistant.choose(
        question.question,
        policy=policy,
        version=version,
        as_of=options.as_of,
        history=question.history,
    )
    fingerprint = _fingerprint(question, chosen, options)
    if (question.id, fingerprint) in known:
        return _Line(question.id, fingerprint, known[question.id, fingerprint], False)
    answer = assistant.ask(
        question.question,
        policy=chosen.policy.id,
        version=chosen.info.version,
        region=options.region,
        history=question.history,
        id=question.id,
    )
    written = json.dumps(answer.to_json(), ensure_ascii=False)
    return _Line(question.id, fingerprint, written, True)


def _fingerprint(question: QuestionLine, chosen: PolicyVersion, options: BatchOptions) -> str:
    """A hash of all that an answer depends on."""
    parts = [question.question, question.history, chosen.content_hash, chosen.policy.id,
             chosen.policy.title, chosen.info.version, options.region,
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
