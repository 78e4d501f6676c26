"""A run: one system's judged answers over a question set, as files in a folder (I/O).

`run.json` says what was run, `run.jsonl` holds one judged answer a line. Apart from times, the same
set, policies, model and code give the same files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from policy_text import UserError, read

FORMAT = 1  # raised when an older program could not read the files
HEADER_FILE, ANSWERS_FILE = "run.json", "run.jsonl"
LIBRARIES = ("faiss-cpu", "numpy", "onnxruntime", "tokenizers")
PACKAGES = ("assistant", "index", "policy_text")
NOT_ANSWERING = ("assistant/evaluation/", "assistant/page/")  # decide nothing about answers


class RunError(UserError):
    """A run that cannot be read, written or compared."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class GoldText(_Frozen):
    """Characters that answer, where they stand."""

    section: str
    start: int
    end: int
    quote: str


class CitedText(_Frozen):
    """A citation of an answer; `hits` None where the policy does not answer."""

    section: str
    start: int
    end: int
    quote: str
    hits: bool | None


class JudgedAnswer(_Frozen):
    """A question, its answer, and what is right or wrong about it.

    Attributes:
        content: a hash of the question and its judgements; equal in two runs of the same set.
        ranks: places from 1 of the ranked passages that answer.
        relevant: how many passages of the policy answer, ranked or not.
        values: what the question counts in each measure that it counts in.
    """

    id: int | str
    content: str
    question: str
    history: tuple[str, ...]
    policy: str
    version: str
    kind: str
    answerable: bool
    gold_verdict: str | None
    gold: tuple[GoldText, ...]
    status: str
    reason: str | None
    answer: str
    verdict: str | None
    citations: tuple[CitedText, ...]
    confidence: float | None
    latency_ms: float | None
    right: bool
    why: str
    ranks: tuple[int, ...]
    relevant: int
    values: dict[str, float]


class SetRecord(_Frozen):
    """A question set as a run names it."""

    name: str
    sha256: str
    questions: int


class PolicyRecord(_Frozen):
    """A policy's version as a run names it, with the hash of its text."""

    policy: str
    version: str
    sha256: str


class SystemRecord(_Frozen):
    """What answered: a name, the id of model and fitted numbers, and the settings that count."""

    name: str
    id: str
    model: str
    region: str | None


class RunHeader(_Frozen):
    """All that makes a run what it is, and when it was made."""

    format: int = FORMAT
    sets: tuple[SetRecord, ...]
    policies: tuple[PolicyRecord, ...]
    system: SystemRecord
    code: dict[str, str]
    libraries: dict[str, str]
    workers: int
    started: str
    seconds: float


@dataclass(frozen=True)
class Run:
    """A header and the judged answers, in the order of the set."""

    header: RunHeader
    answers: tuple[JudgedAnswer, ...]


def write_run(folder: Path, run: Run) -> None:
    """Writes both files; each appears whole or not at all.

    Raises:
        RunError: the folder cannot be written.
    """
    lines = "".join(answer.model_dump_json() + "\n" for answer in run.answers)
    discard_header(folder)
    write_whole(folder / ANSWERS_FILE, lines)
    write_whole(folder / HEADER_FILE, run.header.model_dump_json(indent=1) + "\n")


def discard_header(folder: Path) -> None:
    """Without its header a folder is no run: an old one cannot stand over new answers.

    Raises:
        RunError: it cannot be removed.
    """
    try:
        (folder / HEADER_FILE).unlink(missing_ok=True)
    except OSError as error:
        raise RunError(
            f"Cannot write {folder}: {error.strerror}. Give --output another folder."
        ) from error


def read_header(folder: Path) -> RunHeader:
    """What a run's folder says that was run.

    Raises:
        RunError: there is none, or it is damaged or of a newer program.
    """
    try:
        header = RunHeader.model_validate_json((folder / HEADER_FILE).read_bytes())
    except ValidationError as error:
        raise _damaged(folder / HEADER_FILE) from error
    if header.format > FORMAT:
        raise RunError(f"{folder} was written by a newer program. Update this one and try again.")
    return header


def read_run(folder: Path) -> Run:
    """The run that a folder holds; the path of one of its files will do.

    Raises:
        RunError: there is none, or it is damaged or of a newer program.
    """
    folder = folder.parent if folder.is_file() else folder
    try:
        header = read_header(folder)
        lines = (folder / ANSWERS_FILE).read_bytes().decode("utf-8").removesuffix("\n")
    except FileNotFoundError as error:
        raise RunError(
            f"{folder} holds no run ({Path(error.filename).name} is missing). Make one: "
            "policy-assistant evaluate SET --output FOLDER"
        ) from error
    except OSError as error:
        raise RunError(f"{folder} cannot be read: {error.strerror}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise _damaged(folder / ANSWERS_FILE) from error
    return Run(
        header, tuple(_answer(folder, n, line) for n, line in enumerate(lines.split("\n"), 1))
    )


def source_hash(*, only_answering: bool = False) -> str:
    """Twelve hexadecimal digits that change with the code and the fitted numbers.

    With `only_answering` those of judging, reports and the page do not count.
    """
    left_out = NOT_ANSWERING if only_answering else ()
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.suffix in (".py", ".json") and not name.startswith(left_out):
                digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def code_record() -> dict[str, str]:
    """The version of this program, and the hash of its files."""
    return {"version": installed_version("policy-assistant"), "sha256": source_hash()}


def library_record() -> dict[str, str]:
    """The versions of the libraries that answers depend on."""
    return {name: installed_version(name) for name in LIBRARIES}


def write_whole(path: Path, text: str) -> None:
    """Writes a file that appears whole or not at all.

    Raises:
        RunError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        read.write_whole(path, text)
    except OSError as error:
        raise RunError(
            f"Cannot write {path}: {error.strerror}. Free some space or give another --output."
        ) from error


def as_json(value: object) -> str:
    """Indented JSON with a final line end, as the files of a run have it."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def question_ids(answers: Sequence[JudgedAnswer]) -> dict[int | str, JudgedAnswer]:
    """The answers by the ids of their questions."""
    return {answer.id: answer for answer in answers}


def _answer(folder: Path, number: int, line: str) -> JudgedAnswer:
    try:
        return JudgedAnswer.model_validate_json(line)
    except ValidationError as error:
        raise _damaged(folder / ANSWERS_FILE, f" line {number}") from error


def _damaged(path: Path, where: str = "") -> RunError:
    return RunError(
        f"{path}{where} is damaged, or no run's. Make the run again: policy-assistant evaluate"
    )
