"""Files of questions, one JSON object a line: read, split and validated (I/O)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from policy_text import UserError

NonBlank = Annotated[str, StringConstraints(pattern=r"\S")]


class BatchError(UserError):
    """A file of questions that cannot be read, or of answers that cannot be written."""


class QuestionLine(BaseModel):
    """One line of a file of questions; other keys are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: int | NonBlank  # given back as it came
    question: str
    policy: str | None = None
    version: str | None = None
    history: list[str] = []


Line = TypeVar("Line", bound=QuestionLine)


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


def count_lines(text: str) -> int:
    """How many lines of a file of questions are not blank."""
    return sum(bool(line.strip()) for line in text.split("\n"))


def numbered_lines(text: str, limit: int | None = None) -> Iterator[tuple[int, str]]:
    """The first `limit` lines that are not blank, with their numbers from 1."""
    taken = 0
    for number, raw in enumerate(text.split("\n"), 1):
        if raw.strip() and (limit is None or taken < limit):
            taken += 1
            yield number, raw


def parse_line(raw: str, model: type[Line]) -> Line:
    """One line as `model` has it.

    Raises:
        BatchError: it is not JSON, or lacks what a line must have.
    """
    fields = _json(raw)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = str(first["loc"][0]) if first["loc"] else "the line"
        what = "give each question one" if where == "id" else first["msg"].lower()
        raise BatchError(f'{where}: {what}. A line is {{"id": "…", "question": "…"}}.') from error


def _json(raw: str) -> Any:
    try:
        return json.loads(raw)
    except json.JSONDecodeError as error:
        raise BatchError(f"not valid JSON ({error.msg}, column {error.colno}). Mend it.") from error
    except ValueError as error:  # a number of more than 4,300 digits
        raise BatchError(f"not valid JSON ({error}). Mend it.") from error
    except RecursionError as error:
        raise BatchError("nested too deeply to be a question. Mend it.") from error
