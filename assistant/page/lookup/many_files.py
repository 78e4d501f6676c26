"""Answered lists as tables: HTML, CSV and XLSX, in which nothing is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from enum import StrEnum

from assistant.calibration import CITED_AT_MOST
from assistant.page.lookup.many import AnsweredRow
from assistant.page.markup import Markup, element
from assistant.stores.cells import safe_cell, workbook_cell

_WIDTHS = {"question": 50, "answer": 80, "approved answer": 60}  # characters, in a workbook
_WIDTH = 24


class TableFormat(StrEnum):
    """How an answered list is written to a file."""

    CSV = "csv"
    XLSX = "xlsx"


def columns() -> list[str]:
    """The names of the columns."""
    named = ["row", "id", "question", "policy", "version", "status", "answer"]
    named += ["approved answer", "approved by"]
    for number in range(1, CITED_AT_MOST + 1):
        named += [f"section {number}", f"quote {number}", f"link {number}"]
    return named


def table_file(rows: Sequence[AnsweredRow], form: TableFormat) -> bytes:
    """The file, with a row for each question below the names of the columns."""
    return _csv(rows) if form is TableFormat.CSV else _xlsx(rows)


def table_html(rows: Sequence[AnsweredRow]) -> Markup:
    """The table as it is shown: question, answer, and where it stands."""
    names = ("Row", "Question", "Answer", "Sections")
    head = element("tr", *(element("th", name, scope="col") for name in names))
    body = element("tbody", *(_html_row(row) for row in rows))
    table = element("table", element("thead", head), body)
    return element(
        "div", table, class_="pa-table", tabindex="0", role="region", aria_label="The answers"
    )


def _html_row(row: AnsweredRow) -> Markup:
    sections = [
        element(
            "p",
            element("a", quote.where, href=quote.link, target="_blank", rel="noopener"),
        )
        for quote in row.quotes
    ]
    approved = None
    if row.approved is not None:
        words, who = row.approved
        badge = element("span", f"✓ Approved by {who}", class_="pa-l-badge")
        approved = element("p", badge, " ", words, class_="pa-l-approved")
    policy = element("p", f"{row.policy} {row.version}".strip(), class_="pa-date")
    answer = [element("p", line) for line in row.answer.splitlines() or [""]]
    status = None
    if row.status != "answered":
        status = element("p", row.status.replace("_", " "), class_="pa-l-status")
    return element(
        "tr",
        element("td", str(row.asked.number)),
        element("th", row.asked.question, scope="row"),
        element("td", approved, status, *answer),
        element("td", *sections, policy),
        data_status=row.status,
    )


def _cells(row: AnsweredRow) -> Iterator[str]:
    asked = row.asked
    yield from (str(asked.number), asked.id, asked.question, row.policy, row.version, row.status)
    yield row.answer
    yield from row.approved or ("", "")
    for number in range(CITED_AT_MOST):
        quote = row.quotes[number] if number < len(row.quotes) else None
        yield from (quote.where, quote.words, quote.link) if quote else ("", "", "")


def _csv(rows: Sequence[AnsweredRow]) -> bytes:
    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(columns())
    table.writerows([safe_cell(cell) for cell in _cells(row)] for row in rows)
    return file.getvalue().encode("utf-8-sig")  # the mark by which Excel knows UTF-8


def _xlsx(rows: Sequence[AnsweredRow]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Answers")
    sheet.freeze_panes = "A2"
    for number, name in enumerate(columns(), 1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(name, _WIDTH)

    def cell(words: str, *, is_bold: bool = False) -> object:
        made = WriteOnlyCell(sheet, workbook_cell(words))
        made.data_type = "s"  # text, whatever it looks like
        made.font = Font(bold=is_bold)
        made.alignment = Alignment(wrap_text=True, vertical="top")
        return made

    sheet.append([cell(name, is_bold=True) for name in columns()])
    for row in rows:
        sheet.append([cell(words) for words in _cells(row)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
