"""A pasted list, or a file as support teams keep them, to the questions in it (I/O)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from assistant.evaluation.sheets import HEADER_ROWS, Row, Sheet, csv_sheet, workbook_sheets
from assistant.evaluation.spreadsheet import COLUMNS, columns_known
from assistant.question_lines import BatchError, QuestionLine, decoded, numbered_lines, parse_line
from policy_text import UserError

MAX_QUESTIONS = 2000  # about a minute on one core; more are work for `policy-assistant answer`
TABLES = (".csv", ".tsv", ".xlsx")
LISTS = (".txt", ".jsonl")
_READ = ("question", "policy", "version", "id", "history")


class QuestionListError(UserError):
    """A list of questions that cannot be read."""


@dataclass(frozen=True, slots=True)
class ListedQuestion:
    """A question of a list.

    Attributes:
        number: of its line or row, from 1.
        id: as the list calls it; its number where it does not.
        policy: as the list names it; None for what the question says, or the choice for all.
        problem: why it cannot be asked; None where it can.
    """

    number: int
    question: str
    id: str
    policy: str | None = None
    version: str | None = None
    history: tuple[str, ...] = ()
    problem: str | None = None


def pasted_questions(text: str) -> list[ListedQuestion]:
    """One question a line; blank lines are left out.

    Raises:
        QuestionListError: there is none, or there are too many.
    """
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    found = [ListedQuestion(number, line, str(number)) for number, line in lines]
    return _counted(found, "The list")


def questions_of(data: bytes, name: str) -> list[ListedQuestion]:
    """The questions of a file, by the ending of its name.

    Raises:
        UserError: it is of another kind, damaged, has no question or too many.
    """
    shown = PurePath(name.replace("\\", "/")).name[-100:] or "The file"
    suffix = PurePath(shown).suffix.lower()
    if suffix in TABLES:
        return _counted(_of_table(data, shown, suffix), shown)
    if suffix not in LISTS:
        kinds = ", ".join((*TABLES, *LISTS))
        raise QuestionListError(f"{shown} is not one of {kinds}. Save it as one of them.")
    text = decoded(data, shown)
    if suffix == ".jsonl":
        return _counted(list(_of_lines(text)), shown)
    return pasted_questions(text)


def _counted(found: Sequence[ListedQuestion], name: str) -> list[ListedQuestion]:
    if not found:
        raise QuestionListError(
            f"{name} has no question. Put one on each line, or below a column named question."
        )
    if len(found) > MAX_QUESTIONS:
        raise QuestionListError(
            f"{name} has {len(found):,} questions; up to {MAX_QUESTIONS:,} are answered here at a "
            "time. Split it, or use `policy-assistant answer`."
        )
    return list(found)


def _of_lines(text: str) -> Iterator[ListedQuestion]:
    for number, raw in numbered_lines(text):
        try:
            line = parse_line(raw, QuestionLine)
        except BatchError as problem:
            yield ListedQuestion(number, raw[:200], str(number), problem=str(problem))
            continue
        yield ListedQuestion(
            number, line.question, str(line.id), line.policy, line.version, tuple(line.history)
        )


# --- tables --------------------------------------------------------------------------------------


def _of_table(data: bytes, name: str, suffix: str) -> list[ListedQuestion]:
    """The questions of the first sheet that has a column of them, or nothing but them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"table{suffix}"
        file.write_bytes(data)
        try:
            is_workbook = suffix == ".xlsx"
            sheets = workbook_sheets(file) if is_workbook else [csv_sheet(file, columns_known)]
        except UserError as problem:
            raise QuestionListError(str(problem).replace(str(file), name)) from problem
    for sheet in sheets:
        header = next((row for row in sheet.rows[:HEADER_ROWS] if _columns(row)), None)
        if header is not None:
            return list(_below(sheet, header, _columns(header)))
    lists = [sheet for sheet in sheets if any(any(row.cells) for row in sheet.rows)]
    if lists and all(sum(map(bool, row.cells)) <= 1 for row in lists[0].rows):
        return list(_single_column(lists[0]))
    if not lists:
        return []
    raise QuestionListError(
        f"{name} has no column of questions in its first {HEADER_ROWS} rows. Name the column "
        "“question”."
    )


def _columns(row: Row) -> Mapping[str, int]:
    """Where the columns that are read stand, by name; empty if none is that of the questions."""
    found: dict[str, int] = {}
    for position, cell in enumerate(row.cells):
        called = " ".join(cell.casefold().split())
        for column in _READ:
            if called in COLUMNS[column]:
                found.setdefault(column, position)
    return found if "question" in found else {}


def _below(sheet: Sheet, header: Row, columns: Mapping[str, int]) -> Iterator[ListedQuestion]:
    for row in sheet.rows[header.number :]:
        cells = {
            column: row.cells[position] if position < len(row.cells) else ""
            for column, position in columns.items()
        }
        fault = next((row.faults[p] for p in columns.values() if p in row.faults), None)
        if not cells["question"] and fault is None:
            continue
        yield ListedQuestion(
            row.number,
            cells["question"],
            cells.get("id") or str(row.number),
            cells.get("policy") or None,
            cells.get("version") or None,
            tuple(line for line in cells.get("history", "").splitlines() if line.strip()),
            problem=f"A cell {fault}." if fault else None,
        )


def _single_column(sheet: Sheet) -> Iterator[ListedQuestion]:
    for row in sheet.rows:
        words = "".join(row.cells)
        if words:
            yield ListedQuestion(row.number, words, str(row.number))
