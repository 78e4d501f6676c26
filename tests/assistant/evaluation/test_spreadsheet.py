"""Spreadsheets as a support team keeps them: columns, cells, and files that are none."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evaluation.locate import locate
from assistant.evaluation.questions import (
    NEAR_MISS,
    UNNAMED_KIND,
    EvidenceKind,
    JudgedQuestion,
    QuestionSet,
    QuestionSetError,
)
from assistant.evaluation.sheets import MAX_UNPACKED
from assistant.evaluation.spreadsheet import COLUMNS, read_spreadsheet
from policy_text.library import Library

HEADER = ("Question", "Expected", "Section")
Rows = Sequence[Sequence[object]]


def read_csv(
    tmp_path: Path, text: str, *, name: str = "faq.csv", encoding: str = "utf-8"
) -> QuestionSet:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return read_spreadsheet(path)


def workbook(path: Path, rows: Rows, *, merged: Sequence[str] = ()) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(path)
    return path


def read_xlsx(tmp_path: Path, rows: Rows, *, merged: Sequence[str] = ()) -> QuestionSet:
    return read_spreadsheet(workbook(tmp_path / "faq.xlsx", rows, merged=merged))


def one(questions: QuestionSet) -> JudgedQuestion:
    assert questions.problems == ()
    (question,) = questions.questions
    return question


def words(question: JudgedQuestion) -> list[str]:
    assert all(evidence.kind is EvidenceKind.WORDING for evidence in question.evidence)
    return [evidence.words for evidence in question.evidence]


# --- columns -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "called"),
    [pytest.param(c, name, id=f"{c}={name}") for c, names in COLUMNS.items() for name in names],
)
def test_each_name_of_a_column_is_known(column: str, called: str, tmp_path: Path) -> None:
    cells = {"question": "Why?", "expected": "We must.", "answerable": "yes", "verdict": "no"}
    others = {known: cell for known, cell in cells.items() if known != column}
    header = [called.upper().replace(" ", "_"), *others]
    value = cells.get(column, "Value")
    found = read_xlsx(tmp_path, [header, [value, *others.values()]])
    question = one(found)
    expected = {
        "question": question.question == "Why?",
        "expected": words(question) == ["We must."],
        "section": words(question) == ["We must."],  # the quote goes before the section
        "id": question.id == "Value",
        "policy": question.policy == "Value",
        "version": question.version == "Value",
        "kind": question.kind == "value",
        "answerable": question.answerable,
        "verdict": question.verdict == "no",
        "history": question.history == ("Value",),
    }
    assert expected[column]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("question,expected\nWhy?,We must.\n", id="comma"),
        pytest.param("question;expected\nWhy?;We must.\n", id="semicolon"),
        pytest.param("question\texpected\nWhy?\tWe must.\n", id="tab"),
        pytest.param("sep=;\nquestion;expected\nWhy?;We must.\n", id="excel-says-which"),
        pytest.param("sep=|\r\nquestion|expected\r\nWhy?|We must.\r\n", id="excel-says-another"),
        pytest.param('"question";"expected"\n"Why?";"We must."\n', id="quoted-semicolon"),
        pytest.param("\ufeffquestion,expected\nWhy?,We must.\n", id="byte-order-mark"),
        pytest.param("expected,note,question\nWe must.,a,Why?\n", id="another-order"),
        pytest.param("FAQ of March\n\nquestion,expected\nWhy?,We must.\n", id="title-above"),
        pytest.param("question,expected\r\nWhy?,We must.\r\n", id="windows"),
        pytest.param("question,expected\rWhy?,We must.\r", id="old-mac"),
        pytest.param(" Question * ,Expected quote:\n Why? , We must. \n", id="names-with-signs"),
    ],
)
def test_what_a_csv_may_look_like(text: str, tmp_path: Path) -> None:
    question = one(read_csv(tmp_path, text))
    assert (question.question, words(question)) == ("Why?", ["We must."])


def test_a_column_of_questions_may_be_the_only_one(tmp_path: Path) -> None:
    found = read_csv(tmp_path, "question\nDo you sell, or rent, my data?\n", name="faq.tsv")
    assert one(found).question == "Do you sell, or rent, my data?"


def test_a_cut_cell_is_a_problem_and_not_another_question(tmp_path: Path) -> None:
    (problem,) = read_csv(tmp_path, "question\nDo you sell, or rent, my data?\n").problems
    assert problem == (
        f"{tmp_path}/faq.csv row 2: it has more cells than the 1 columns, the next being “or "
        "rent”. Put a cell that has a comma in it into quotation marks."
    )


def test_notes_beside_the_table_of_a_workbook_are_no_problem(tmp_path: Path) -> None:
    found = read_xlsx(tmp_path, [["question"], ["Why?", None, "ask Ann about this"]])
    assert one(found).question == "Why?"


def test_the_first_sheet_with_questions_is_read_and_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Read me first"])
    sheet = book.create_sheet("Privacy FAQ")
    sheet.append(["question"])
    sheet.append(["Why?"])
    book.create_sheet("Old").append(["question"])
    book.save(tmp_path / "faq.xlsx")
    question = one(read_spreadsheet(tmp_path / "faq.xlsx"))
    assert question.where == f"{tmp_path}/faq.xlsx sheet “Privacy FAQ” row 2"


# --- rows ----------------------------------------------------------------------------------------


def test_rows_without_an_id_are_called_by_their_number(tmp_path: Path) -> None:
    found = read_csv(tmp_path, 'question,id\n"Why\nthough?",\n\nWho?,7\nHow?,\n')
    assert [question.id for question in found.questions] == ["row-2", "7", "row-5"]


def test_rows_that_ask_nothing_are_skipped(tmp_path: Path) -> None:
    rows = [
        ["id", "question", "kind"],
        [1, "Why?", "direct"],
        [2, None, "direct"],
        [],
        [4, " ", ""],
    ]
    assert one(read_xlsx(tmp_path, rows)).id == "1"


def test_history_is_a_question_a_line(tmp_path: Path) -> None:
    found = read_csv(tmp_path, 'question,history\nAnd why?,"Do you sell it?\n\nTo whom? "\n')
    assert one(found).history == ("Do you sell it?", "To whom?")


@pytest.mark.parametrize(
    ("expected", "section", "evidence"),
    [
        pytest.param("We must.", "", ["We must."], id="quote"),
        pytest.param("", "3. Sharing", ["3. Sharing"], id="section"),
        pytest.param("We must.", "3. Sharing", ["We must."], id="the-quote-goes-first"),
        pytest.param("n/a", "3. Sharing", ["3. Sharing"], id="no-quote-but-a-section"),
        pytest.param("We must.\n\n We may. ", "", ["We must.", "We may."], id="two-quotes"),
        pytest.param("", "A\nB", ["A", "B"], id="two-sections"),
        pytest.param("“We must.”", "", ["We must."], id="quotation-marks"),
        pytest.param('"We must."', "", ["We must."], id="straight-marks"),
        pytest.param("“We” and “they”", "", ["“We” and “they”"], id="marks-of-the-text"),
        pytest.param("• We must.\n- We may.", "", ["We must.", "We may."], id="bullets"),
    ],
)
def test_what_answers(expected: str, section: str, evidence: list[str], tmp_path: Path) -> None:
    question = one(read_xlsx(tmp_path, [HEADER, ["Why?", expected, section]]))
    assert words(question) == evidence
    assert question.answerable
    assert question.kind == UNNAMED_KIND


@pytest.mark.parametrize(
    ("expected", "section"),
    [
        pytest.param(None, None, id="blank"),
        pytest.param("None", "-", id="none"),
        pytest.param("N/A", "", id="n/a"),
        pytest.param("–", "—", id="dashes"),
        pytest.param("Not in policy", None, id="not-in-policy"),
        pytest.param("not covered by the policy.", None, id="not-covered"),
        pytest.param("Policy does not say", None, id="policy-does-not-say"),
        pytest.param("The policy doesn’t say.", "n/a", id="policy-doesn't-say"),
        pytest.param("", "not in the policy", id="said-of-the-section"),
    ],
)
def test_what_the_policy_does_not_answer(
    expected: str | None, section: str | None, tmp_path: Path
) -> None:
    question = one(read_xlsx(tmp_path, [HEADER, ["Why?", expected, section]]))
    assert not question.answerable
    assert question.evidence == ()
    assert question.kind == NEAR_MISS


@pytest.mark.parametrize(
    ("cell", "answerable"),
    [
        *(pytest.param(cell, True, id=str(cell)) for cell in ("yes", "Y", "TRUE", "x", "1", 1.0)),
        *(pytest.param(cell, False, id=str(cell)) for cell in ("No", "false", 0, "n")),
        pytest.param(True, True, id="cell-of-truth"),
        pytest.param(False, False, id="cell-of-untruth"),
        pytest.param(None, True, id="blank-follows-the-evidence"),
    ],
)
def test_answerable_may_be_said(cell: object, answerable: bool, tmp_path: Path) -> None:
    evidence = "We must." if answerable else None
    found = read_xlsx(tmp_path, [["q", "quote", "answerable"], ["Why?", evidence, cell]])
    assert one(found).answerable is answerable


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param(2020, "2020", id="whole-number"),
        pytest.param(2020.0, "2020", id="whole-number-as-float"),
        pytest.param(2.5, "2.5", id="number"),
        pytest.param(datetime(2022, 9, 1), "2022-09-01", id="day"),
        pytest.param(date(2022, 9, 1), "2022-09-01", id="date"),
        pytest.param(" 2022-09-01\u00a0", "2022-09-01", id="text-with-spaces"),
    ],
)
def test_numbers_and_dates_are_read_as_a_person_reads_them(
    cell: object, text: str, tmp_path: Path
) -> None:
    assert one(read_xlsx(tmp_path, [["q", "version"], ["Why?", cell]])).version == text


def test_merged_cells_count_for_all_their_rows(tmp_path: Path) -> None:
    rows = [["policy", "question"], ["acme", "Why?"], [None, "Who?"], ["beta", "How?"]]
    found = read_xlsx(tmp_path, rows, merged=["A2:A3"])
    assert [(q.policy, q.question) for q in found.questions] == [
        ("acme", "Why?"),
        ("acme", "Who?"),
        ("beta", "How?"),
    ]


def test_a_merged_question_has_the_quotes_of_all_its_rows(tmp_path: Path) -> None:
    rows = [HEADER, ["Why?", "We must.", None], [None, "We may.", None], ["Who?", "We.", None]]
    found = read_xlsx(tmp_path, rows, merged=["A2:A3"])
    assert [words(question) for question in found.questions] == [["We must.", "We may."], ["We."]]
    assert [question.id for question in found.questions] == ["row-2", "row-4"]


def test_cells_merged_to_the_right_are_those_of_their_first_column(tmp_path: Path) -> None:
    found = read_xlsx(tmp_path, [HEADER, ["Why?", None, None]], merged=["A2:B2"])
    assert not one(found).answerable


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        pytest.param(
            [None, "We must.", None],
            "question: it is blank. Write the question, or take the line out.",
            id="blank-question",
        ),
        pytest.param(
            ["Why?", "=A1", None],
            "expected: the cell holds a formula whose result is not in the file. Open it in a "
            "spreadsheet program and save it.",
            id="formula-without-result",
        ),
        pytest.param(
            ["Why?", "#REF!", None],
            "expected: the cell holds the error #REF!. Mend its formula.",
            id="error",
        ),
        pytest.param(
            ["Why?", "Not in policy", "3. Sharing"],
            "expected: the row says both that the policy does not answer and what answers. Empty "
            "one of the two.",
            id="silent-and-a-section",
        ),
        pytest.param(
            ["Why?", "Yes.", None],
            "expected: “Yes.” is no evidence. Quote the policy's own words, and write yes or no in "
            "a column “verdict”.",
            id="yes-is-no-quote",
        ),
    ],
)
def test_a_row_that_is_wrong_is_named_with_its_mend(
    row: list[object], problem: str, tmp_path: Path
) -> None:
    found = read_xlsx(tmp_path, [HEADER, ["Who?", "We.", None], row, ["How?", "So.", None]])
    assert [question.id for question in found.questions] == ["row-2", "row-4"]
    assert found.problems == (f"{tmp_path}/faq.xlsx row 3: {problem}",)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param(
            {"answerable": "perhaps"},
            "answerable: “perhaps” is neither yes nor no. Write one, or leave it blank.",
            id="answerable",
        ),
        pytest.param(
            {"verdict": "Maybe"},
            "verdict: “Maybe” is neither yes nor no. Leave it blank unless the policy says one of "
            "them without conditions.",
            id="verdict",
        ),
        pytest.param(
            {"answerable": "no"},
            "evidence: a question that the policy does not answer has none. Empty it, or set "
            '"answerable" to true.',
            id="evidence-of-no",
        ),
        pytest.param(
            {"answerable": "yes", "expected": ""},
            "evidence: an answerable question needs at least one quote that answers. Add it, or "
            'set "answerable" to false.',
            id="no-evidence",
        ),
        pytest.param(
            {"expected": "", "verdict": "no"},
            "verdict: the policy does not answer, so there is none. Set it to null.",
            id="verdict-of-no",
        ),
        pytest.param(
            {"id": "first"},
            "the id 'first' stands already in {path} row 2. Give each question its own.",
            id="duplicate-id",
        ),
    ],
)
def test_cells_that_do_not_agree_are_named(
    changes: dict[str, str], problem: str, tmp_path: Path
) -> None:
    sound = {"id": "", "question": "Why?", "expected": "We must.", "answerable": "", "verdict": ""}
    rows = [list(sound), ["first", "Who?", "We.", "", ""], [*{**sound, **changes}.values()]]
    path = workbook(tmp_path / "faq.xlsx", rows)
    assert read_spreadsheet(path).problems == (f"{path} row 3: {problem.format(path=path)}",)


# --- files ---------------------------------------------------------------------------------------


def encrypted() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64) + "EncryptedPackage".encode("utf-16-le")


def archive(**members: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return written.getvalue()


def xlsx_with(name: str, content: bytes) -> bytes:
    """A workbook in which one part is another."""
    book, written = openpyxl.Workbook(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as packed:
        members = {one: packed.read(one) for one in packed.namelist()}
    return archive(**{**members, name: content})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param(
            "faq.csv", b"question\nCaf\xe9?\n",
            "is not UTF-8 (byte 12). Save it as UTF-8 and try again. Spreadsheet programs call it "
            '"CSV UTF-8".', id="latin-1",
        ),
        pytest.param(
            "faq.csv", "question\nWhy?\n".encode("utf-16"), "is not UTF-8 (byte 0). Save",
            id="utf-16",
        ),
        pytest.param(
            "faq.csv", archive(a=b"b"), "is no text, but a workbook. Give it the name of one",
            id="xlsx-called-csv",
        ),
        pytest.param(
            "faq.csv", b'question,expected\nWhy?,"We must.\nWho?,We.\n',
            " line 3: a quotation mark is not closed", id="open-quotation-mark",
        ),
        pytest.param("faq.csv", b"", "has no column of questions", id="empty-csv"),
        pytest.param(
            "faq.csv", b"a,b\n1,2\n", "has no column of questions in its first 10 rows. Name the",
            id="no-question-column",
        ),
        pytest.param(
            "faq.csv", b"question,q,expected\n",
            " row 1: the columns “question” and “q” both say what “question” is. Rename one",
            id="two-question-columns",
        ),
        pytest.param("faq.xlsx", b"", "is no XLSX file. Save it anew as .xlsx", id="empty-xlsx"),
        pytest.param("faq.xlsx", b"question\n", "is no XLSX file. Save it", id="csv-called-xlsx"),
        pytest.param("faq.xlsx", b"%PDF-1.7\n", "is no XLSX file. Save it", id="pdf-called-xlsx"),
        pytest.param(
            "faq.xlsx", archive(mimetype=b"opendocument"),
            "is an archive, but no XLSX file. Save the table as .xlsx", id="ods-called-xlsx",
        ),
        pytest.param(
            "faq.xlsx", archive(a=b"b")[:-10], "is damaged. Save it anew", id="cut-off",
        ),
        pytest.param(
            "faq.xlsx", xlsx_with("xl/workbook.xml", b"<workbook"),
            "is damaged. Open it in a spreadsheet program and save it anew", id="broken-xml",
        ),
        pytest.param(
            "faq.xlsx", encrypted(), "has a password. Save it without one", id="encrypted",
        ),
        pytest.param(
            "faq.xlsx", encrypted()[:72], "is in the format of old Excel (.xls). Save it as .xlsx",
            id="old-excel",
        ),
        pytest.param(
            "faq.xlsx", xlsx_with("xl/media/a.bin", bytes(MAX_UNPACKED)),
            "has 50 MB unpacked; a sheet of questions may have 50 MB. Take out pictures", id="bomb",
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_no_spreadsheet_is_refused(
    name: str, content: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(QuestionSetError) as error:
        read_spreadsheet(path)
    assert str(error.value).startswith(str(path))
    assert message in str(error.value)


cells = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30
).map(lambda text: f"x{text}x")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all examples of hypothesis."""
    return tmp_path_factory.mktemp("sheets")


def is_read_or_named(path: Path) -> bool:
    """Whether the file gives a set, or an error that names it."""
    try:
        read_spreadsheet(path)
    except QuestionSetError as error:
        return str(path) in str(error)
    return True


@settings(deadline=None)  # files are written
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_what_a_csv_writer_writes_is_read(
    folder: Path, rows: list[tuple[str, str]], delimiter: str
) -> None:
    path = folder / "written.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([("question", "kind"), *rows])
    found = read_spreadsheet(path)
    assert [(q.question, q.kind) for q in found.questions] == [(q, k.casefold()) for q, k in rows]


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["csv", "xlsx"]))
def test_any_bytes_give_a_set_or_an_error(folder: Path, content: bytes, suffix: str) -> None:
    path = folder / f"faq.{suffix}"
    path.write_bytes(content)
    assert is_read_or_named(path)


def test_sections_and_quotes_are_found_in_the_policy(tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    policies.mkdir()
    text = "# Acme privacy policy\n\n## 1. Sharing\n\nWe don’t sell “your” data.\n"
    (policies / "acme__2024-01-01.md").write_text(text, encoding="utf-8")
    rows: Rows = [
        HEADER,
        ["Do you sell it?", 'We don\'t sell "your" data.', "Sharing"],
        ["Do you share it?", None, "Sharing"],
    ]
    located = locate(read_xlsx(tmp_path, rows), Library(policies))
    assert [[one.version.quote(span) for span in one.gold] for one in located] == [
        ["We don’t sell “your” data."],
        ["1. Sharing\n\nWe don’t sell “your” data."],
    ]
