"""Files of question sets: read, decoded, parsed and validated, with errors that name them (I/O)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from assistant.evaluation.questions import QuestionSetError
from assistant.question_lines import BatchError, decoded


def _whole(text: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("a character is only half there (an unpaired surrogate)")
    return text


Text = Annotated[str, AfterValidator(_whole)]  # JSON may hold halves of characters; UTF-8 may not


class Fields(BaseModel):
    """An object of a set in somebody else's format; other keys are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)


Model = TypeVar("Model", bound=BaseModel)


def read_bytes(path: Path) -> bytes:
    """What the file holds.

    Raises:
        QuestionSetError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise QuestionSetError(f"There is no file {path}. Check the path.") from error
    except OSError as error:
        raise QuestionSetError(
            f"{path} cannot be read: {error.strerror}. Check the path and its permissions."
        ) from error


def read_text(path: Path, name: str | None = None) -> str:
    """The file as text; `name` is what messages call it.

    Raises:
        QuestionSetError: it cannot be read, or is not UTF-8.
    """
    try:
        return decoded(read_bytes(path), name or str(path))
    except BatchError as problem:
        raise QuestionSetError(str(problem)) from problem


def parsed_json(text: str, name: str) -> Any:
    """The JSON value that a file holds.

    Raises:
        QuestionSetError: it holds none.
    """
    if not text.strip():
        raise QuestionSetError(f"{name} is empty. Put the questions there.")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise QuestionSetError(
            f"{name} line {error.lineno}: not valid JSON ({error.msg}, column {error.colno}). "
            "Mend it."
        ) from error
    except ValueError as error:  # a number of more than 4,300 digits
        raise QuestionSetError(f"{name}: not valid JSON ({error}). Mend it.") from error
    except RecursionError as error:
        raise QuestionSetError(f"{name}: nested too deeply for questions. Mend it.") from error


def parsed_line(raw: str, model: type[Model], looks_like: str) -> Model:
    """One line of JSON Lines as `model` has it; see `validated`.

    Raises:
        BatchError: it is not JSON, or lacks what it must have.
    """
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BatchError(f"not valid JSON ({error}). Mend it.") from error
    return validated(fields, model, looks_like)


def validated(fields: object, model: type[Model], looks_like: str) -> Model:
    """One object of a file as `model` has it.

    Args:
        fields: the object as JSON gave it.
        model: what it should be.
        looks_like: the mend, as in 'A test is {"query": "…"}'.

    Raises:
        BatchError: it lacks what it must have; the message names the field.
    """
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        what = first["msg"].removeprefix("Value error, ")
        raise BatchError(f"{place}: {what[:1].lower()}{what[1:]}. {looks_like}.") from error
