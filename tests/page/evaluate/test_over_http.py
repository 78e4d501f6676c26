"""What Evaluate answers over plain HTTP: broken sets, wrong ids, one run at a time, and its end."""

from __future__ import annotations

import io
import json
import signal
import zipfile
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from assistant.cli import main
from tests.page.conftest import ask_over_http
from tests.page.evaluate.conftest import (
    Evaluating,
    long_set,
    processes_on,
    small_set,
    until,
)

NOT_THERE = b'{"id": 1, "question": "Why?", "answerable": true, "evidence": ["no such words"]}'


def spreadsheet(rows: int) -> bytes:
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.active.append(["question", "policy", "expected"])
    for n in range(rows):
        workbook.active.append([f"Do you sell data {n}?", "nobody", "We never sell."])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def other_archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "no spreadsheet")
    return file.getvalue()


BROKEN = [
    pytest.param("bad.jsonl", b'{"id": 1}\n{"id": 1, "question": ""}\nnot JSON', id="lines"),
    pytest.param("empty.jsonl", b"", id="empty"),
    pytest.param("blank.csv", b"question,expected\n", id="no-row"),
    pytest.param("columns.csv", b"a,b\n1,2\n", id="other-columns"),
    pytest.param("latin.jsonl", '{"id": "ü"}'.encode("latin-1"), id="not-utf-8"),
    pytest.param("picture.png", b"\x89PNG\r\n", id="no-set"),
    pytest.param("noending", b"x", id="no-ending"),
    pytest.param("array.json", b"[1, 2]", id="array"),
    pytest.param("object.json", b'{"a": 1}', id="object"),
    pytest.param("squad.json", b'{"data": [{"title": 3}]}', id="squad"),
    pytest.param("not.xlsx", b"PK\x03\x04 damaged", id="damaged-sheet"),
    pytest.param("other.xlsx", other_archive(), id="no-sheet"),
    pytest.param("rows.xlsx", spreadsheet(30), id="unknown-policy"),
    pytest.param("quotes.jsonl", NOT_THERE, id="evidence-not-there"),
]


def printed(
    name: str, data: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: object
) -> str:
    """What `policy-assistant evaluate` prints beside the file."""
    (folder / name).write_bytes(data)
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", name])
    assert ended.value.code == 1
    return capsys.readouterr().err.strip()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "data"), BROKEN)
def test_a_broken_set_gets_the_words_of_the_command_line(
    evaluating: Evaluating,
    name: str,
    data: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    expected = printed(name, data, tmp_path, monkeypatch, capsys)
    answered = evaluating.post("/preview", data, name=name)
    assert answered.status_code == 422
    assert answered.json()["detail"].strip() == expected


def test_a_broken_set_is_not_begun_and_leaves_nothing(evaluating: Evaluating) -> None:
    before = evaluating.kept()
    answered = evaluating.post("/evaluate", b"{}", name="bad.jsonl", is_file="true")
    assert answered.status_code == 422
    assert answered.json()["detail"].startswith("bad.jsonl line 1: ")
    assert evaluating.kept() == before


def test_what_only_the_run_finds_is_told_in_the_words_of_the_command_line(
    evaluating: Evaluating,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = evaluating.kept()
    expected = printed("quotes.jsonl", NOT_THERE, tmp_path, monkeypatch, capsys)
    evaluating.start("quotes.jsonl", NOT_THERE)
    until(lambda: evaluating.status()["state"] != "running")
    assert evaluating.status()["state"] == "failed"
    assert evaluating.status()["problem"] == expected
    assert evaluating.kept() == before


@pytest.mark.parametrize(
    "name", ["../x/y.jsonl", "a\\b.jsonl", "\0.jsonl", "..", "", "n" * 190 + ".jsonl"]
)
def test_a_name_of_a_file_leads_nowhere(evaluating: Evaluating, name: str) -> None:
    before = evaluating.kept()
    answered = evaluating.post("/evaluate", b"{}", name=name, is_file="true")
    assert answered.status_code == 422
    assert str(evaluating.runs.parent) not in answered.text
    assert evaluating.kept() == before


def test_a_policy_is_asked_of_what_names_none(evaluating: Evaluating) -> None:
    lines = b'{"id": 1, "question": "Write me a poem", "answerable": false}'
    usual = evaluating.post("/preview", lines, name="a.jsonl")
    named = evaluating.post("/preview", lines, name="a.jsonl", asked_of="37signals@2020-12-09")
    assert "sony-mobile" in usual.text
    assert "37signals 2020-12-09" in named.text


@pytest.mark.parametrize("name", ["/etc/passwd", "../README.md", "nobody", ""])
def test_only_sets_that_ship_have_a_name(evaluating: Evaluating, name: str) -> None:
    answered = evaluating.get(f"/preview?name={name}")
    assert answered.status_code == 422
    assert "that ships" in answered.json()["detail"]
    assert evaluating.post("/evaluate", name=name).status_code == 422


@pytest.mark.parametrize(
    "run_id", ["..", "%2e%2e", "..%2f..", ".working-x", "nobody", "a%00b", "x" * 200, "%2fetc"]
)
def test_an_id_leads_to_a_kept_run_or_nowhere(evaluating: Evaluating, run_id: str) -> None:
    for path in (f"/runs/{run_id}", f"/runs/{run_id}/run.json"):
        assert evaluating.get(path).status_code in (404, 422)
    assert evaluating.get(f"/comparison?a={run_id}&b={run_id}").status_code in (404, 422)
    assert evaluating.post(f"/runs/{run_id}/delete").status_code in (404, 422)
    assert evaluating.get("/status").status_code == 200


def test_a_file_of_100_mb_is_refused_and_the_server_goes_on(evaluating: Evaluating) -> None:
    host = evaluating.server.url.removeprefix("http://")
    with closing(HTTPConnection(host, timeout=30)) as connection:
        connection.putrequest("POST", "/evaluate/api/preview?name=big.csv")
        connection.putheader("Content-Length", str(100 * 1024**2))
        connection.endheaders(b"question,expected")
        refused = connection.getresponse()
        assert refused.status == 413
        assert "up to 10 MB" in json.loads(refused.read())["detail"]
    assert evaluating.get("/sets").status_code == 200


def test_ten_thousand_questions_run_beside_ask_and_are_cancelled_whole(
    evaluating: Evaluating,
) -> None:
    before, questions = evaluating.kept(), long_set(10_000)
    assert "10,000 questions" in evaluating.post("/preview", questions, name="long.jsonl").text
    evaluating.start("long.jsonl", questions)
    until(lambda: evaluating.status()["done"] > 0)
    assert evaluating.status()["total"] == 10_000
    until(lambda: "left" in evaluating.status()["words"])
    busy = evaluating.post("/evaluate", name="github")
    assert busy.status_code == 409
    assert "long.jsonl is running" in busy.json()["detail"]
    asked = ask_over_http(evaluating.server.url, ["Do you sell my data?", "github", "", ""])
    assert asked["success"] is True
    assert processes_on(evaluating.runs) != []
    assert evaluating.cancel().status_code == 204
    assert processes_on(evaluating.runs) == []
    assert evaluating.kept() == before
    assert evaluating.status()["state"] == "cancelled"
    assert evaluating.cancel().status_code == 422


def test_a_run_is_kept_compared_downloaded_and_deleted_with_an_audit_line(
    evaluating: Evaluating,
) -> None:
    a, b = (evaluating.run("small.jsonl", small_set()) for _ in range(2))
    assert {a, b} <= set(evaluating.kept())
    answers = evaluating.get(f"/runs/{a}/run.jsonl")
    assert len(answers.text.splitlines()) == 7
    assert f"{a}-run.jsonl" in answers.headers["content-disposition"]
    compared = evaluating.get(f"/comparison/compare.json?a={a}&b={b}").json()
    assert (compared["questions"], compared["better"], compared["worse"]) == (7, [], [])
    assert evaluating.post(f"/runs/{a}/delete").status_code == 204
    assert a not in evaluating.kept()
    assert evaluating.audited()[-1] | {"event": "deletion", "run": a} == evaluating.audited()[-1]
    assert evaluating.get(f"/runs/{a}").status_code == 422
    assert evaluating.get(f"/comparison?a={a}&b={b}").status_code == 422
    evaluating.post(f"/runs/{b}/delete")


def test_a_set_that_brings_its_texts_is_asked_of_them(evaluating: Evaluating) -> None:
    answers = [{"text": "We never sell your data", "answer_start": 0}]
    question = {"id": "q", "question": "Do you sell my data?", "answers": answers}
    text = {"context": "We never sell your data to anybody.", "qas": [question]}
    squad = {"data": [{"title": "Acme", "paragraphs": [text]}]}
    run = evaluating.run("squad.json", json.dumps(squad).encode())
    assert evaluating.get(f"/runs/{run}/run.json").json()["policies"][0]["policy"] == "acme"


def test_runs_over_other_questions_are_refused_as_on_the_command_line(
    evaluating: Evaluating,
) -> None:
    a, b = evaluating.run("a.jsonl", small_set(1)), evaluating.run("b.jsonl", small_set(2))
    refused = evaluating.get(f"/comparison?a={a}&b={b}")
    assert refused.status_code == 422
    assert "1 only in the second: lg-002" in refused.json()["detail"]


def test_a_report_may_be_framed_by_us_only_and_runs_its_own_script_only(
    evaluating: Evaluating,
) -> None:
    run = evaluating.run("a.jsonl", small_set(1))
    policy = evaluating.get(f"/runs/{run}/report.html").headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert "default-src 'none'" in policy
    assert "script-src 'sha256-" in policy
    report = evaluating.runs / run / "report.html"
    report.write_text("<script>alert(1)</script>", encoding="utf-8")
    policy = evaluating.get(f"/runs/{run}/report.html").headers["content-security-policy"]
    assert "script-src" not in policy


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_server_that_ends_keeps_nothing_half_written(
    tmp_path: Path, number: signal.Signals
) -> None:
    first = Evaluating.opened(tmp_path)
    first.start("long.jsonl", long_set(10_000))
    until(lambda: first.status()["done"] > 0)
    if number is signal.SIGTERM:
        assert first.server.stop() == 0
        assert processes_on(first.runs) == []
        assert first.kept() == []
    else:
        first.server.process.kill()
        first.server.process.communicate(timeout=30)
        first.server.data.cleanup()
    second = Evaluating.opened(tmp_path)
    try:
        assert second.kept() == []
        until(lambda: processes_on(first.runs) == [], within_s=30)
        assert second.kept() == []
    finally:
        second.server.stop()
