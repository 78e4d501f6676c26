"""Approved answers to JSON Lines and CSV, and back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from assistant.question_lines import BatchError, decoded
from assistant.stores.approved import ApprovedAnswer, ApprovedError
from assistant.stores.cells import plain_cell, safe_cell

COLUMNS = tuple(ApprovedAnswer.model_fields)
_CELL_LIMIT = 2_000_000  # characters; the citations of an answer stand in one


class ApprovedFormat(StrEnum):
    """How approved answers are written to a file."""

    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class ReadAnswers:
    """What a file of approved answers holds; `problems` name the lines that cannot be read."""

    answers: tuple[ApprovedAnswer, ...]
    problems: tuple[str, ...]


def write_answers(answers: Iterable[ApprovedAnswer], form: ApprovedFormat) -> str:
    """The text of a file; nothing in it is taken for a formula by a spreadsheet program."""
    if form is ApprovedFormat.JSONL:
        return "".join(answer.model_dump_json() + "\n" for answer in answers)
    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(COLUMNS)
    for answer in answers:
        fields = answer.model_dump(mode="json")
        fields["citations"] = json.dumps(fields["citations"], ensure_ascii=False)
        table.writerow([safe_cell(str(fields[column])) for column in COLUMNS])
    return "\ufeff" + file.getvalue()  # the mark by which Excel knows UTF-8


def read_answers(data: bytes, name: str) -> ReadAnswers:
    """The answers of a file, of whichever format its content is.

    Raises:
        ApprovedError: the file as a whole is neither.
    """
    try:
        text = decoded(data, name)
    except BatchError as problem:
        raise ApprovedError(str(problem)) from problem
    if not text.strip():
        raise ApprovedError(f"{name} is empty. Export some answers first.")
    rows = _json_rows(text) if text.lstrip().startswith("{") else _csv_rows(text, name)
    answers: list[ApprovedAnswer] = []
    problems: list[str] = []
    for number, fields in rows:
        try:
            answers.append(ApprovedAnswer.model_validate(fields))
        except ValidationError as error:
            problems.append(f"{name} line {number}: {_fault(error)}")
    return ReadAnswers(tuple(answers), tuple(problems))


def _json_rows(text: str) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _json(line)


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, object]]:
    limit = csv.field_size_limit(_CELL_LIMIT)
    try:
        table = csv.DictReader(io.StringIO(text, newline=""))
        missing = [column for column in COLUMNS if column not in (table.fieldnames or ())]
        if missing:
            raise ApprovedError(
                f"{name} is no export of approved answers: it lacks the columns "
                f"{', '.join(missing)}."
            )
        yield from [(table.line_num, _fields(row)) for row in table]
    except csv.Error as error:
        raise ApprovedError(f"{name} is not a CSV file that can be read ({error}).") from error
    finally:
        csv.field_size_limit(limit)


def _fields(row: Mapping[str, Any]) -> dict[str, object]:
    fields: dict[str, object] = {column: plain_cell(row[column] or "") for column in COLUMNS}
    fields["citations"] = _json(str(fields["citations"]))
    return fields


def _json(text: str) -> object:
    """The value; None, which no answer is, where it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _fault(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place or 'the line'}: {first['msg']}."
