"""Text to cells that no spreadsheet program takes for a formula, and back (pure)."""

from __future__ import annotations

import re

# What Excel, LibreOffice and Google Sheets begin a formula with. Apostrophes before it count, so
# that reading takes away exactly what writing put there.
_FORMULA = re.compile(r"[ '’]*[=+\-@\t\r\n＝＋－＠]")
_WRITTEN = re.compile(r"'[ '’]*[=+\-@\t\r\n＝＋－＠]")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
MAX_CELL = 32_767  # characters, as Excel has it


def safe_cell(words: str) -> str:
    """The words, after an apostrophe where they look like a formula.

    Source: OWASP, CSV Injection.
    """
    return f"'{words}" if _FORMULA.match(words) else words


def plain_cell(cell: str) -> str:
    """What `safe_cell` was given."""
    return cell[1:] if _WRITTEN.match(cell) else cell


def workbook_cell(words: str) -> str:
    """A safe cell without what XLSX cannot hold, cut to what a cell may have."""
    shown = safe_cell(_NOT_IN_XML.sub("\ufffd", words))
    return shown if len(shown) <= MAX_CELL else shown[: MAX_CELL - 1] + "…"
