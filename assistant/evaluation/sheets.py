"""CSV and XLSX files to Sheets, whose cells are text (I/O).

Each row keeps the number that a spreadsheet program shows beside it.
"""

from __future__ import annotations

import csv
import io
import lzma
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError, iterparse

from assistant.evaluation.questions import QuestionSetError
from assistant.evaluation.set_files import read_bytes
from assistant.question_lines import BatchError, decoded

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

DELIMITERS = (",", ";", "\t")
MAX_UNPACKED = 50 * 2**20  # bytes; a sheet of 10,000 questions has about 5 MB of XML
MAX_COLUMNS = 200  # a stray cell far to the right would make every row thousands of cells long
MAX_ROWS = 1_048_576  # as many as a sheet can have in Excel
HEADER_ROWS = 10  # the names of the columns stand in one of the first, below titles and notes

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Excel files, and encrypted new ones
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK\x03\x04"
_WORKBOOK = "[Content_Types].xml"
_ERROR = re.compile(r"#(?:N/A|[A-Z]+(?:/0)?[!?])")
# What openpyxl, and the readers of ZIP and XML below it, raise at a file that is damaged.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ParseError, EOFError, OSError,
    KeyError, IndexError, ValueError, TypeError, AttributeError, NotImplementedError,
    AssertionError, OverflowError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet.

    Attributes:
        number: as a spreadsheet program shows it, from 1.
        cells: their text, without white space around it; "" for a blank one.
        faults: what is wrong with a cell, by its column from 0.
    """

    number: int
    cells: tuple[str, ...]
    faults: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Merge:
    """Rows first to last, in one column, that are one cell whose text stands in the first."""

    column: int
    first: int
    last: int


@dataclass(frozen=True)
class Sheet:
    """The rows of a table in a file.

    Attributes:
        name: what messages call it.
        is_delimited: whether a cell ends where a comma, semicolon or tab stands.
    """

    name: str
    rows: tuple[Row, ...]
    merges: tuple[Merge, ...] = ()
    is_delimited: bool = False


# --- CSV -----------------------------------------------------------------------------------------


def csv_sheet(path: Path, columns_known: Callable[[Sequence[str]], int]) -> Sheet:
    """The table that a CSV file is.

    Args:
        path: the file.
        columns_known: how many names of columns a row has, to tell the delimiter.

    Raises:
        QuestionSetError: it is not UTF-8 or no CSV.
    """
    data = read_bytes(path)
    _refuse_workbook(path, data)
    try:
        text = decoded(data, str(path))
    except BatchError as problem:
        raise QuestionSetError(f'{problem} Spreadsheet programs call it "CSV UTF-8".') from problem
    said = re.match(r"sep=(.)\r?\n", text)  # Excel's own way to name the delimiter
    if said:
        return _csv_sheet(str(path), text[said.end() :], said[1])
    delimiters = DELIMITERS[::-1] if path.suffix.lower() == ".tsv" else DELIMITERS
    delimiter = max(delimiters, key=lambda one: _most_known(text, one, columns_known))
    return _csv_sheet(str(path), text, delimiter)


def _csv_sheet(name: str, text: str, delimiter: str) -> Sheet:
    return Sheet(name, tuple(_csv_rows(text, delimiter, name)), is_delimited=True)


def _most_known(text: str, delimiter: str, columns_known: Callable[[Sequence[str]], int]) -> int:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return max((columns_known(row) for row in islice(reader, HEADER_ROWS)), default=0)
    except csv.Error:
        return 0  # with this delimiter it is no CSV


def _refuse_workbook(path: Path, data: bytes) -> None:
    if data.startswith((_ZIP, _OLE)):
        raise QuestionSetError(
            f"{path} is no text, but a workbook. Give it the name of one (.xlsx), or save it as "
            "CSV UTF-8."
        )


def _csv_rows(text: str, delimiter: str, name: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, 1):
            yield _row(number, cells)
    except csv.Error as error:
        raise QuestionSetError(
            f"{name} line {reader.line_num}: a quotation mark is not closed, or stands inside a "
            f"cell ({error}). Put the cell into quotation marks and write those inside it twice."
        ) from error


# --- XLSX ----------------------------------------------------------------------------------------


def workbook_sheets(path: Path) -> list[Sheet]:
    """The sheets of an XLSX file, in their order.

    Raises:
        QuestionSetError: it is damaged, encrypted, too large, or something else.
    """
    data = read_bytes(path)
    _check_archive(path, data)
    try:
        with (
            warnings.catch_warnings(action="ignore"),  # of styles and extensions that are lost
            closing(_opened(data, data_only=True)) as shown,
            closing(_opened(data, data_only=False)) as typed,
        ):
            return list(_workbook_sheets(shown, typed, str(path)))
    except _DAMAGED as error:
        raise QuestionSetError(
            f"{path} is damaged. Open it in a spreadsheet program and save it anew as .xlsx."
        ) from error


def _workbook_sheets(shown: Workbook, typed: Workbook, path: str) -> Iterator[Sheet]:
    sheets = shown.worksheets
    for sheet, formulas in zip(sheets, typed.worksheets, strict=True):
        name = path if len(sheets) == 1 else f"{path} sheet “{sheet.title}”"
        yield Sheet(name, tuple(_workbook_rows(sheet, formulas)), tuple(_merges(shown, sheet)))


def _check_archive(path: Path, data: bytes) -> None:
    if data.startswith(_OLE):
        what = "has a password" if _ENCRYPTED in data else "is in the format of old Excel (.xls)"
        mend = "Save it without one" if _ENCRYPTED in data else "Save it as .xlsx"
        raise QuestionSetError(f"{path} {what}. {mend} and try again.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except _DAMAGED as error:
        what = "damaged" if data.startswith(_ZIP) else "no XLSX file"
        raise QuestionSetError(
            f"{path} is {what}. Save it anew as .xlsx, or give it the name of what it is."
        ) from error
    names = {member.filename for member in members}
    if _WORKBOOK not in names or not any(name.startswith("xl/") for name in names):
        raise QuestionSetError(
            f"{path} is an archive, but no XLSX file. Save the table as .xlsx and try again."
        )
    if any(member.flag_bits & 1 for member in members):
        raise QuestionSetError(f"{path} has a password. Save it without one and try again.")
    size = sum(member.file_size for member in members)
    if size > MAX_UNPACKED:
        raise QuestionSetError(
            f"{path} has {size / 2**20:.0f} MB unpacked; a sheet of questions may have "
            f"{MAX_UNPACKED // 2**20} MB. Take out pictures and other sheets, or save it as CSV."
        )


def _opened(data: bytes, *, data_only: bool) -> Workbook:
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(data), read_only=True, data_only=data_only, keep_links=False)


def _workbook_rows(sheet: Any, formulas: Any) -> Iterator[Row]:
    """The rows of a read-only sheet; a formula whose result was never saved is a fault."""
    found = zip(_values(sheet), _values(formulas), strict=True)
    for number, (shown, typed) in enumerate(found, 1):
        row = _row(number, [_as_text(value) for value in shown])
        unsaved = {
            column: "holds a formula whose result is not in the file. Open it in a spreadsheet "
            "program and save it"
            for column, (value, formula) in enumerate(zip(shown, typed, strict=False))
            if value is None and isinstance(formula, str) and formula.startswith("=")
        }
        yield Row(row.number, row.cells, MappingProxyType({**row.faults, **unsaved}))


def _values(sheet: Any) -> Iterable[Sequence[object]]:
    sheet.reset_dimensions()  # some programs write them wrong, and rows would be cut off
    rows: Iterable[Sequence[object]] = sheet.iter_rows(max_row=MAX_ROWS, values_only=True)
    return (row[:MAX_COLUMNS] for row in rows)


def _as_text(value: object) -> str:
    """A cell as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).replace("_x000D_", "")  # as XLSX writes a carriage return


def _merges(workbook: Any, sheet: Any) -> Iterator[Merge]:
    """The merged cells, which openpyxl does not tell of sheets that are only read."""
    from openpyxl.utils import range_boundaries

    with workbook._archive.open(sheet._worksheet_path) as source:
        for _, element in iterparse(source):
            if element.tag.endswith("}mergeCell"):
                left, top, _, bottom = range_boundaries(element.attrib["ref"])
                if left and top and bottom:
                    yield Merge(left - 1, top, bottom)
            element.clear()


# --- both ----------------------------------------------------------------------------------------


def _row(number: int, values: Sequence[str]) -> Row:
    cells = tuple(value.strip() for value in values)
    faults = {
        column: f"holds the error {cell}. Mend its formula"
        for column, cell in enumerate(cells)
        if _ERROR.fullmatch(cell)
    }
    return Row(number, cells, MappingProxyType(faults))
