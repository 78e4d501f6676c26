"""A file of answers, ours or another system's, to answers that can be judged (I/O)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.evaluation.locate import LocatedQuestion
from assistant.evaluation.questions import QuestionSetError
from assistant.question_lines import BatchError, NonBlank, numbered_lines, read_questions


class _Place(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    start: Annotated[int, Field(ge=0)]
    end: int

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"[{self.start}, {self.end}) ends before it starts")
        return self


class _Cited(_Place):
    quote: str
    section: str | None = None


class AnswerLine(BaseModel):
    """One answer as the contract has it, as far as judging needs it; other keys are ignored.

    Attributes:
        passages: the ranking; None for a system that tells none, and then it is not measured.
    """

    model_config = ConfigDict(extra="ignore", strict=True)

    id: int | NonBlank
    status: NonBlank
    policy: str | None = None
    version: str | None = None
    reason: str | None = None
    answer: str | None = ""
    verdict: Literal["yes", "no"] | None = None
    citations: list[_Cited] = Field(default_factory=list)
    passages: list[_Place] | None = None
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    latency_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


def read_answers(path: Path) -> dict[int | str, dict[str, Any]]:
    """The answers of a file by their ids, in its order.

    Raises:
        BatchError: it is missing, or a line is no answer, or has the id of another.
    """
    found: dict[int | str, dict[str, Any]] = {}
    for number, raw in numbered_lines(read_questions(path)):
        answer = _parsed(raw, f"{path} line {number}")
        if answer.id in found:
            raise BatchError(
                f"{path} line {number}: there is an answer to {answer.id!r} already. Keep one."
            )
        found[answer.id] = answer.model_dump()
    return found


def answers_for(path: Path, located: Sequence[LocatedQuestion]) -> list[Mapping[str, Any]]:
    """The file's answer to each question, in the order of the questions.

    Raises:
        BatchError: the file is missing or broken, or an answer is on another policy or text.
        QuestionSetError: a question has no answer in it.
    """
    by_id = read_answers(path)
    missing = [q.question for q in located if q.question.id not in by_id]
    if missing:
        raise QuestionSetError(
            f"{path} has no answer to {len(missing)} of {len(located)} questions, the first "
            f"being {missing[0].id!r} ({missing[0].where}). Answer them all, or take them out."
        )
    return [_fitting(by_id[asked.question.id], asked, path) for asked in located]


def _parsed(raw: str, where: str) -> AnswerLine:
    try:
        return AnswerLine.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the line"
        raise BatchError(
            f"{where} is no answer: {place}: {first['msg'].lower()}. A line has id, status, "
            "answer, citations and passages, as `policy-assistant answer` writes it."
        ) from error


def _fitting(answer: dict[str, Any], asked: LocatedQuestion, path: Path) -> dict[str, Any]:
    """The answer, if it is one on the text that the question is asked of."""
    version = asked.version
    wanted = {"policy": version.policy.id, "version": version.info.version}
    for key, value in wanted.items():
        if answer[key] not in (None, value):
            raise BatchError(
                f"{path}: the answer to {answer['id']!r} has the {key} {answer[key]}, but the "
                f"question is asked of {value}. Answer it on that, or say --{key}."
            )
    for place in (*answer["citations"], *(answer["passages"] or ())):
        if place["end"] > len(version.text):
            raise BatchError(
                f"{path}: the answer to {answer['id']!r} names characters up to {place['end']}, "
                f"but the text has {len(version.text)}. Count code points of `show --raw`."
            )
    return answer
