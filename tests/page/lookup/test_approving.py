"""Approved answers in the browser: approve, find, expire, delete, take along; nothing is run."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.page.conftest import REPOSITORY, NewVisit, PageServer, Visit
from tests.page.lookup.conftest import POLICY, Desk

OPTIONS = "#pa-l-list [role=option]"
APPROVED = "#pa-l-list .pa-l-approved"
ODD = "No <img src=x onerror=\"document.title='taken'\"> **never**. =1+1"


def approve(visit: Visit, question: str, answer: str) -> None:
    """By keyboard: search, choose the first passage, press a, write, save."""
    page = visit.page
    page.fill("#pa-l-words", question)
    page.locator(f"{OPTIONS}:not(.pa-l-approved)").first.focus()
    page.keyboard.press("a")
    page.locator("#pa-l-pane [name=answer]").wait_for()
    assert page.locator("#pa-l-pane [name=question]").input_value() == question
    page.keyboard.type(answer)
    page.click("[data-action=save-approved]")
    page.get_by_text("Saved.").wait_for()


def test_approve_find_expire(new_visit: NewVisit, desk: Desk) -> None:
    visit = new_visit(desk.url).open("lookup/")
    approve(visit, "Do you sell my personal data?", "We never sell it, and never will.")
    with visit.page.expect_response("**/lookup/api/search*"):
        visit.page.fill("#pa-l-words", "is my personal information sold by you?")
    visit.page.locator(APPROVED).wait_for()
    first = visit.page.locator(OPTIONS).first
    assert "✓ Approved answer" in first.inner_text()
    assert "We never sell it, and never will." in first.inner_text()
    assert "approved by local on" in first.inner_text()
    first.focus()
    visit.page.keyboard.press("c")
    visit.page.get_by_text("Copied as plain text.").wait_for()
    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("We never sell it, and never will.")
    assert "/?policy=acme&version=2024-05-01&section=" in copied
    desk.server.stop()
    newer = Desk.opened(desk.folder, v2025_06_01=POLICY.replace("never sell", "may sell"))
    later = new_visit(newer.url).open("lookup/")
    later.page.fill("#pa-l-words", "Do you sell my personal data?")
    later.page.locator(APPROVED).wait_for()
    assert "✗ Expired answer" in later.page.locator(OPTIONS).first.inner_text()
    assert "1 June 2025" in later.page.locator(OPTIONS).first.inner_text()
    later.page.locator(APPROVED).click()
    later.page.get_by_text("Do not send this unread.").wait_for()
    newer.server.stop()


def test_delete_asks_once_more_and_leaves_a_line(new_visit: NewVisit, desk: Desk) -> None:
    visit = new_visit(desk.url).open("lookup/")
    approve(visit, "Do you sell my personal data?", "No.")
    visit.page.click("a[href='#approved']")
    card = visit.page.locator("#pa-l-all-approved article")
    card.wait_for()
    card.locator("[data-action=delete-approved]").click()
    assert card.count() == 1
    card.get_by_text("Delete for good?").click()
    visit.page.get_by_text("Nothing is approved yet.").wait_for()
    assert [(e["event"], e["who"]) for e in desk.events()] == [
        ("approval", "local"), ("deletion", "local"),
    ]  # fmt: skip


def test_markup_in_every_field_stays_text_and_formulas_stay_words(
    new_visit: NewVisit, desk: Desk
) -> None:
    visit = new_visit(desk.url).open("lookup/")
    approve(visit, f"=Do you sell my personal data? {ODD}", ODD)
    visit.page.locator(APPROVED).click()
    visit.page.locator(".pa-l-pane-head .pa-l-badge").wait_for()
    visit.page.click("a[href='#approved']")
    visit.page.locator("#pa-l-all-approved article").wait_for()
    assert visit.page.locator("[data-view] img, [data-view] script").count() == 0
    assert ODD in visit.page.locator("#pa-l-all-approved").inner_text()
    assert visit.page.title() != "taken"
    export = httpx.get(f"{desk.url}/lookup/api/approved.csv", timeout=60)
    assert "attachment" in export.headers["content-disposition"]
    assert "'=Do you sell" in export.text
    assert ",=Do" not in export.text


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_export_and_import_by_buttons(
    new_visit: NewVisit, desk: Desk, tmp_path: Path, form: str
) -> None:
    visit = new_visit(desk.url).open("lookup/")
    approve(visit, "Do you sell my personal data?", ODD)
    visit.page.click("a[href='#approved']")
    with visit.page.expect_download() as download:
        visit.page.click(f"a[href$='approved.{form}']")
    file = tmp_path / f"taken.{form}"
    download.value.save_as(file)
    visit.page.locator("[data-action=delete-approved]").click()
    visit.page.locator("[data-action=delete-approved]").click()
    visit.page.get_by_text("Nothing is approved yet.").wait_for()
    with visit.page.expect_file_chooser() as chooser:
        visit.page.click("[data-action=import-approved]")
    chooser.value.set_files(file)
    visit.page.get_by_text("1 brought, 0 there already, 0 not readable.").wait_for()
    assert ODD in visit.page.locator("#pa-l-all-approved article").inner_text()


def test_a_damaged_file_stops_the_start_with_its_mend_and_is_kept_aside(tmp_path: Path) -> None:
    file = tmp_path / "approved.sqlite3"
    file.write_bytes(b"no database" * 500)
    (tmp_path / "acme__2024-05-01.md").write_text(POLICY, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "assistant.cli", "serve", "--port", "0", "--approved", str(file),
         "--policies", str(tmp_path), "--index", str(tmp_path / "index")],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "is damaged, and is kept aside as" in ended.stderr
    assert "approved import" in ended.stderr
    assert "Traceback" not in ended.stderr
    (aside,) = tmp_path.glob("approved.sqlite3.damaged-*")
    assert aside.read_bytes() == b"no database" * 500


def test_who_had_logged_in_is_who_approved_and_deleted(tmp_path: Path) -> None:
    desk = Desk.opened(
        tmp_path, "--user-header", "X-User", "--trusted-proxies", "127.0.0.1", v2024_05_01=POLICY
    )
    api = f"{desk.url}/lookup/api"
    with ExitStack() as at_end:
        at_end.callback(desk.server.stop)
        ann = at_end.enter_context(httpx.Client(headers={"X-User": "ann"}, timeout=60))
        html = ann.get(f"{api}/search", params={"q": "Do you sell my data?"}).json()["html"]
        start, end = re.findall(r'data-(?:start|end)="(\d+)"', html)[:2]
        place = {"policy": "acme", "version": "2024-05-01", "start": int(start), "end": int(end)}
        said = {"places": [place], "question": "Do you sell my data?", "answer": "No."}
        assert httpx.post(f"{api}/approved", json=said, timeout=60).status_code == 401
        kept = ann.post(f"{api}/approved", json=said).json()["id"]
        html = ann.get(f"{api}/search", params={"q": "do you sell my data"}).json()["html"]
        assert ann.post(f"{api}/approved/{kept}/delete").status_code == 204
    assert "approved by ann on" in html
    assert [(e["event"], e["who"]) for e in desk.events() if e["event"] != "login"] == [
        ("approval", "ann"), ("deletion", "ann"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "body", "words"),
    [
        pytest.param("approved", b"{}", "places: ", id="nothing"),
        pytest.param("approved", b"{", "JSON", id="no-json"),
        pytest.param("approved-import", b"\x00\xff", "is not UTF-8", id="no-text"),
        pytest.param("approved-import", b"a,b\n1,2\n", "lacks the columns", id="another-table"),
        pytest.param("approved/nobody/delete", b"", "has been deleted", id="unknown"),
    ],
)
def test_what_cannot_be_done_is_said(
    server: PageServer, tmp_path: Path, address: str, body: bytes, words: str
) -> None:
    response = httpx.post(
        f"{server.url}/lookup/api/{address}",
        content=body,
        headers={"Content-Type": "application/json"},
        timeout=60,
    )
    assert response.status_code == 422
    assert words in response.json()["detail"]
