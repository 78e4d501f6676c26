"""Many questions at once: a workbook of 500 rows, cancelling, and lists that cannot be read."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import httpx
import pytest
from openpyxl import Workbook, load_workbook

from tests.page.conftest import NewVisit, PageServer, Visit

QUESTIONS = (
    "Do you sell my data?",
    "How long do you keep my data?",
    "=HYPERLINK(\"http://x.example\", \"Do you share my data?\")",
    "Do you use cookies? <img src=x onerror=\"document.title='taken'\">",
    "Write me a poem",
)  # fmt: skip
WITHIN_S = 600.0  # seconds that a list may take on a busy machine


def workbook(rows: int, *, formulas_as_text: bool = True) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Nr", "Customer question", "Policy"])
    for number in range(rows):
        sheet.append([number, QUESTIONS[number % len(QUESTIONS)], ("github", "")[number % 2]])
    if formulas_as_text:
        for row in sheet.iter_rows(min_row=2, min_col=2, max_col=2):
            row[0].data_type = "s"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def send(server: PageServer, data: bytes, name: str) -> httpx.Response:
    return httpx.post(
        f"{server.url}/lookup/api/many", params={"name": name}, content=data, timeout=120
    )


def finished(server: PageServer, job: str) -> dict[str, object]:
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        state = httpx.get(f"{server.url}/lookup/api/many/{job}", timeout=60).json()
        if state["state"] not in ("waiting", "running"):
            return dict(state)
        time.sleep(0.3)
    raise AssertionError("the list did not come to its end")


@pytest.fixture
def many(new_visit: NewVisit, server: PageServer) -> Visit:
    return new_visit(server.url).open("lookup/#many")


def test_a_workbook_of_500_rows_is_answered_and_taken_along(many: Visit, tmp_path: Path) -> None:
    page = many.page
    page.set_default_timeout(WITHIN_S * 1000)
    with page.expect_file_chooser() as chooser:
        page.click("[data-action=choose-list]")
    file = {"name": "list.xlsx", "mimeType": "", "buffer": workbook(500)}
    chooser.value.set_files(file)  # type: ignore[arg-type]
    page.get_by_text(" left").first.wait_for()  # the time that it will take
    page.get_by_text("All 500 questions are done.").wait_for()
    assert page.locator("#pa-l-answers tbody tr").count() == 500
    assert page.locator("#pa-l-answers img").count() == 0
    assert page.title() != "taken"
    with page.expect_download() as download:
        page.click("[data-download=xlsx]")
    download.value.save_as(tmp_path / "answers.xlsx")
    rows = list(load_workbook(tmp_path / "answers.xlsx").active.iter_rows(values_only=True))  # type: ignore[union-attr]
    head, first, *_ = (dict(zip(rows[0], row, strict=True)) for row in rows)
    assert len(rows) == 501
    assert head["question"] == "question"
    assert first["row"] == "2"  # as the spreadsheet program numbers it
    assert first["policy"] == "GitHub Privacy Statement"
    assert first["status"] == "answered"
    assert "sell your personal data" in str(first["quote 1"])
    assert "No selling of personal data" in str(first["section 1"])
    assert "/?policy=github&version=2022-09-01&section=" in str(first["link 1"])


def test_no_cell_of_a_download_is_a_formula(server: PageServer) -> None:
    job = send(server, "\n".join(QUESTIONS).encode(), "").json()["id"]
    assert finished(server, job)["state"] == "done"
    address = f"{server.url}/lookup/api/many/{job}/answers"
    table = csv.reader(io.StringIO(httpx.get(f"{address}.csv", timeout=60).text))
    cells = [cell for row in table for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    book = load_workbook(io.BytesIO(httpx.get(f"{address}.xlsx", timeout=60).content))
    assert {c.data_type for row in book["Answers"].iter_rows() for c in row if c.value} == {"s"}


def test_a_pasted_list_can_be_cancelled_and_keeps_what_is_done(many: Visit) -> None:
    page = many.page
    page.set_default_timeout(120_000)
    page.fill("[name=questions]", "\n".join(f"{QUESTIONS[0]} {n}" for n in range(1500)))
    page.click("[data-action=answer-list]")
    page.wait_for_selector("#pa-l-progress progress:not([value='0'])", state="attached")
    page.get_by_text(" left").first.wait_for()
    page.click("[data-action=cancel-list]")
    page.get_by_text("Cancelled after").wait_for()
    done = page.locator("#pa-l-answers tbody tr").count()
    assert 0 < done < 1500
    page.locator("[data-download=csv]").wait_for()


def test_a_list_that_waits_can_be_cancelled_before_its_turn(server: PageServer) -> None:
    long = "\n".join(f"{QUESTIONS[0]} {n}" for n in range(2000)).encode()
    first, second = (send(server, long, "").json()["id"] for _ in range(2))
    api = f"{server.url}/lookup/api/many"
    assert httpx.get(f"{api}/{second}", timeout=60).json()["state"] == "waiting"
    httpx.post(f"{api}/{second}/cancel", timeout=60)
    over = finished(server, second)
    assert (over["state"], over["done"]) == ("cancelled", 0)
    assert httpx.get(f"{api}/{first}", timeout=60).json()["state"] == "running"
    httpx.post(f"{api}/{first}/cancel", timeout=60)
    assert finished(server, first)["state"] == "cancelled"


def test_rows_that_cannot_be_asked_say_why_among_the_others(server: PageServer) -> None:
    lines = "question,policy,version\nDo you sell my data?,nobody,\n,github,\nDo you?,github,1999\n"
    job = send(server, (lines + "Do you sell my data?,Sony Mobile,\n").encode(), "list.csv").json()
    assert finished(server, job["id"])["done"] == 3
    csv_text = httpx.get(f"{server.url}/lookup/api/many/{job['id']}/answers.csv", timeout=60).text
    rows = list(csv.DictReader(io.StringIO(csv_text.removeprefix("\ufeff"))))
    assert [row["row"] for row in rows] == ["2", "4", "5"]
    assert [row["status"] for row in rows] == ["not asked", "not asked", "answered"]
    assert "There is no policy nobody" in rows[0]["answer"]
    assert "has no version 1999" in rows[1]["answer"]


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        pytest.param(b"", "", "has no question", id="nothing-pasted"),
        pytest.param(b"  \n\n ", "", "has no question", id="only-blanks"),
        pytest.param(b"", "list.csv", "list.csv has no question", id="empty-csv"),
        pytest.param(b"question\n", "list.csv", "list.csv has no question", id="only-a-header"),
        pytest.param(b"a,b\n1,2\n", "list.csv", "no column of questions", id="other-columns"),
        pytest.param(b"question\n" + b"Do you sell?\n" * 10_000, "list.csv",
                     "10,000 questions; up to 2,000", id="ten-thousand"),
        pytest.param(b"\xff\xfea", "list.csv", "not UTF-8", id="encoding"),
        pytest.param(b"%PDF-1.7", "list.pdf", "is not one of .csv", id="pdf"),
        pytest.param(b"PK\x03\x04 no", "list.xlsx", "is damaged", id="damaged-workbook"),
        pytest.param(b"question\nx", "list.xlsx", "no XLSX file", id="csv-called-xlsx"),
        pytest.param(b'question\n"a', "list.csv", "quotation mark is not closed", id="quotes"),
        pytest.param(b"a\x00b", "", "", id="control-character"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_gets_a_clear_message(
    server: PageServer, data: bytes, name: str, words: str
) -> None:
    response = send(server, data, name)
    if not words:  # it can be read; the row says what is wrong
        assert finished(server, response.json()["id"])["state"] == "done"
        return
    assert response.status_code == 422
    assert words in response.json()["detail"]
    assert "/tmp" not in response.json()["detail"]


def test_100_mb_are_refused_and_the_server_goes_on(many: Visit, server: PageServer) -> None:
    hundred = 100 * 1024 * 1024
    try:
        refused = send(server, b"x" * hundred, "list.csv")
        assert refused.status_code == 413
        assert "up to 10 MB" in refused.json()["detail"]
    except httpx.TransportError:
        pass  # it hangs up instead of taking it all
    assert send(server, b"Do you sell my data?", "").status_code == 200
    many.page.evaluate(
        """() => {
          const moved = new DataTransfer();
          moved.items.add(new File([new Uint8Array(11 * 1024 * 1024)], "big.csv"));
          document.dispatchEvent(new DragEvent("drop", {dataTransfer: moved, bubbles: true}));
        }"""
    )
    many.page.get_by_text("big.csv is too large: up to 10 MB are read.").wait_for()


def test_a_list_that_nobody_sent_is_not_there(server: PageServer) -> None:
    response = httpx.get(f"{server.url}/lookup/api/many/nothing", timeout=60)
    assert response.status_code == 422
    assert "no longer there" in response.json()["detail"]
