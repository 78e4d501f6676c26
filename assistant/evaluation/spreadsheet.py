"""A spreadsheet of questions, as a support team keeps it, to a QuestionSet.

A row below the names of the columns is a question, with the words or the section that answer it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from assistant.evaluation.questions import (
    NEAR_MISS,
    UNNAMED_KIND,
    Evidence,
    EvidenceKind,
    JudgedQuestion,
    QuestionSet,
    QuestionSetError,
    checked_judgement,
    without_duplicates,
)
from assistant.evaluation.sheets import HEADER_ROWS, Row, Sheet, csv_sheet, workbook_sheets
from assistant.question_lines import BatchError

# What each column may be called, in any case.
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "question": ("question", "query", "customer question", "q"),
    "expected": ("expected", "answer", "expected answer", "expected quote", "quote", "evidence"),
    "section": ("section", "expected section"),
    "id": ("id",),
    "policy": ("policy",),
    "version": ("version",),
    "kind": ("kind", "category", "type"),
    "answerable": ("answerable",),
    "verdict": ("verdict",),
    "history": ("history",),
})  # fmt: skip
_COLUMN_OF = {called: column for column, names in COLUMNS.items() for called in names}

_NOTHING = frozenset({"", "none", "nothing", "n/a", "na", "n.a", "nil", "null", "-", "–", "—"})
_NO_EVIDENCE = frozenset({"yes", "no", "?", "tbd", "todo"})
_SILENT = re.compile(
    r"(?:it is |is )?not (?:in|answered|covered|mentioned|stated|addressed)\b.{0,30}"
    r"|(?:(?:the|this|our) )?policy (?:does not|doesn['’]t) (?:say|answer|mention)\b.{0,20}"
    r"|(?:no answer|unanswerable|not answerable|silent)",
    re.IGNORECASE,
)
_YES = frozenset({"yes", "y", "true", "x", "1", "✓", "✔"})
_NO = frozenset({"no", "n", "false", "0", "✗", "✘"})
_BULLET = re.compile(r"[•●▪◦‣·*–—-]\s+(?=\S)")
_QUOTATION_MARKS = (('"', '"'), ("“", "”"), ("„", "“"), ("«", "»"))


@dataclass(frozen=True, slots=True)
class _Record:
    """The cells of one question by column, and where they stand."""

    number: int
    where: str
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def is_blank(self) -> bool:
        """Whether it asks nothing; ids and kinds may be filled in beforehand."""
        return not (self["question"] or self["expected"] or self["section"])


def read_spreadsheet(path: Path) -> QuestionSet:
    """The set that a CSV, TSV or XLSX file holds; `problems` names the rows that are wrong.

    Raises:
        QuestionSetError: the file cannot be read, or has no column of questions.
    """
    if path.suffix.lower() in (".csv", ".tsv"):
        sheets = [csv_sheet(path, columns_known)]
    else:
        sheets = workbook_sheets(path)
    for sheet in sheets:
        header = _header(sheet)
        if header is not None:
            return _question_set(sheet, header, path.stem)
    raise QuestionSetError(
        f"{path} has no column of questions in its first {HEADER_ROWS} rows. Name the columns in "
        "the first row: question, expected, section (see `policy-assistant questions check "
        "--help`)."
    )


def columns_known(cells: Sequence[str]) -> int:
    """How many columns have a name that is known, in a row that may name them."""
    return len({_column(cell) for cell in cells} - {None})


def _column(name: str) -> str | None:
    return _COLUMN_OF.get(" ".join(re.findall(r"[^\W_]+", name.casefold())))


def _header(sheet: Sheet) -> Row | None:
    """The row that names the columns, one of them that of the questions."""
    for row in sheet.rows[:HEADER_ROWS]:
        if any(_column(cell) == "question" for cell in row.cells):
            return row
    return None


def _question_set(sheet: Sheet, header: Row, name: str) -> QuestionSet:
    columns = _columns(sheet, header)
    questions: list[JudgedQuestion] = []
    problems: list[str] = []
    for record, fault in _whole_records(sheet, header, columns):
        try:
            if fault is not None:
                raise BatchError(fault)
            questions.append(_judged(record))
        except BatchError as problem:
            problems.append(f"{record.where}: {problem}")
    return QuestionSet(name, *without_duplicates(questions, problems))


def _columns(sheet: Sheet, header: Row) -> dict[str, int]:
    """Where each column that is known stands, from 0.

    Raises:
        QuestionSetError: two columns are called the same.
    """
    found: dict[str, int] = {}
    for position, cell in enumerate(header.cells):
        column = _column(cell)
        if column in found:
            raise QuestionSetError(
                f"{sheet.name} row {header.number}: the columns “{header.cells[found[column]]}” "
                f"and “{cell}” both say what “{column}” is. Rename one, or take it out."
            )
        if column is not None:
            found[column] = position
    return found


# --- rows ----------------------------------------------------------------------------------------


def _whole_records(
    sheet: Sheet, header: Row, columns: Mapping[str, int]
) -> Iterator[tuple[_Record, str | None]]:
    """The questions, each with what is wrong with its row, merged cells taken for one."""
    first_of = _first_rows(sheet)
    above: tuple[_Record, str | None] | None = None
    for row in sheet.rows[header.number :]:
        record = _record(sheet, row, columns, first_of)
        fault = _fault(sheet, row, header, columns)
        if above is not None and (row.number, columns["question"]) in first_of:
            above = _joined(above[0], record), above[1] or fault
            continue
        if above is not None:
            yield above
        above = (record, fault) if fault or not record.is_blank else None
    if above is not None:
        yield above


def _first_rows(sheet: Sheet) -> dict[tuple[int, int], Row]:
    """For a row and column below the first of merged cells, the row that has their text."""
    return {
        (number, merge.column): sheet.rows[merge.first - 1]
        for merge in sheet.merges
        for number in range(merge.first + 1, min(merge.last, len(sheet.rows)) + 1)
    }


def _record(
    sheet: Sheet, row: Row, columns: Mapping[str, int], first_of: Mapping[tuple[int, int], Row]
) -> _Record:
    """The cells of a row; of merged ones each row has the text, but for the question and the id."""
    cells = {}
    for column, position in columns.items():
        is_own = column in ("question", "id")
        source = row if is_own else first_of.get((row.number, position), row)
        cells[column] = source.cells[position] if position < len(source.cells) else ""
    return _Record(row.number, f"{sheet.name} row {row.number}", cells)


def _joined(above: _Record, below: _Record) -> _Record:
    """One question over several rows: their quotes, sections and history stand one a line."""
    cells = dict(above.cells)
    for column in ("expected", "section", "history"):
        lines = dict.fromkeys([*above[column].splitlines(), *below[column].splitlines()])
        cells[column] = "\n".join(lines)
    return _Record(above.number, above.where, cells)


def _fault(sheet: Sheet, row: Row, header: Row, columns: Mapping[str, int]) -> str | None:
    for column, position in columns.items():
        if position in row.faults:
            return f"{column}: the cell {row.faults[position]}."
    beyond = [cell for cell in row.cells[len(header.cells) :] if cell]
    if beyond and sheet.is_delimited:
        return (
            f"it has more cells than the {len(header.cells)} columns, the next being "
            f"“{beyond[0][:40]}”. Put a cell that has a comma in it into quotation marks."
        )
    return None


# --- cells ---------------------------------------------------------------------------------------


def _judged(record: _Record) -> JudgedQuestion:
    """The question of a row.

    Raises:
        BatchError: its cells do not agree, or are not what their column says.
    """
    evidence = tuple(Evidence(EvidenceKind.WORDING, words=words) for words in _evidence(record))
    said = _truth(record)
    is_answerable = bool(evidence) if said is None else said
    question = JudgedQuestion(
        id=record["id"] or f"row-{record.number}",
        question=record["question"],
        policy=record["policy"] or None,
        version=record["version"] or None,
        history=tuple(_lines(record["history"])),
        answerable=is_answerable,
        kind=record["kind"].casefold() or (UNNAMED_KIND if is_answerable else NEAR_MISS),
        verdict=_verdict(record),
        evidence=evidence,
        where=record.where,
    )
    return checked_judgement(question)


def _evidence(record: _Record) -> list[str]:
    """The quotes, or the sections if there is no quote; none if the policy does not say.

    Raises:
        BatchError: one column says that the policy is silent, and the other where it answers.
    """
    expected, section = (
        [words for words in _lines(record[column]) if not _is_nothing(words)]
        for column in ("expected", "section")
    )
    is_silent = [_SILENT.fullmatch(words.rstrip(".")) for words in (*expected, *section)]
    if any(is_silent) and not all(is_silent):
        raise BatchError(
            "expected: the row says both that the policy does not answer and what answers. Empty "
            "one of the two."
        )
    if any(is_silent):
        return []
    for words in expected:
        if words.casefold().rstrip(".") in _NO_EVIDENCE:
            raise BatchError(
                f"expected: “{words}” is no evidence. Quote the policy's own words, and write yes "
                "or no in a column “verdict”."
            )
    return [_unquoted(words) for words in expected or section]


def _lines(cell: str) -> list[str]:
    """The lines of a cell that are not blank."""
    return [line.strip() for line in cell.splitlines() if line.strip()]


def _is_nothing(words: str) -> bool:
    return words.casefold().rstrip(".") in _NOTHING


def _unquoted(words: str) -> str:
    """A quote without the bullet and the quotation marks that were put around it."""
    bare = _BULLET.sub("", words, count=1) if _BULLET.match(words) else words
    for opening, closing in _QUOTATION_MARKS:
        inner = bare[1:-1]
        if (
            bare.startswith(opening)
            and bare.endswith(closing)
            and not {opening, closing} & {*inner}
        ):
            return inner.strip() or bare
    return bare


def _truth(record: _Record) -> bool | None:
    words = record["answerable"].casefold()
    if words in _YES:
        return True
    if words in _NO:
        return False
    if not words:
        return None
    raise BatchError(f"answerable: “{words}” is neither yes nor no. Write one, or leave it blank.")


def _verdict(record: _Record) -> str | None:
    words = record["verdict"].casefold().rstrip(".")
    if words in _NOTHING:
        return None
    if words in ("yes", "no"):
        return words
    raise BatchError(
        f"verdict: “{record['verdict']}” is neither yes nor no. Leave it blank unless the policy "
        "says one of them without conditions."
    )
