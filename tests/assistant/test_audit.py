"""The audit file: whole lines, on disk, from several writers, after a crash."""

from __future__ import annotations

import json
import multiprocessing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.stores.audit import AuditError, AuditLog, Event, Visitor

ALICE = Visitor("alice", "192.0.2.1")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_a_line_says_when_who_from_where_and_what(tmp_path: Path) -> None:
    file = tmp_path / "new" / "audit.jsonl"
    AuditLog(file, clock=lambda: NOON).add(Event.APPROVAL, ALICE, answer=7, policy="github")
    assert lines(file) == [
        {
            "time": "2026-03-01T12:00:00.000+00:00",
            "event": "approval",
            "who": "alice",
            "address": "192.0.2.1",
            "answer": 7,
            "policy": "github",
        }
    ]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_line_end_in_a_value_begins_no_line(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.jsonl")
    log.add(Event.LOGIN, Visitor('a\n{"event": "login"}\u2028', "x"), way="a\r\nb")
    assert (tmp_path / "audit.jsonl").read_bytes().count(b"\n") == 1


def test_a_line_after_one_that_a_crash_cut_off_stands_alone(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    file.write_bytes(b'{"time": "2026-')
    AuditLog(file).add(Event.LOGOUT, ALICE)
    broken, whole = file.read_text("utf-8").splitlines()
    assert broken == '{"time": "2026-'
    assert json.loads(whole)["event"] == "logout"


def _write(file: Path, name: str) -> None:
    log = AuditLog(file)
    for number in range(50):
        log.add(Event.DELETION, Visitor(name, "x"), number=number, padding="x" * 5000)


def test_two_processes_lose_and_mix_nothing(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    spawning = multiprocessing.get_context("spawn")
    writers = [spawning.Process(target=_write, args=(file, name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    for name in "ab":
        assert [line["number"] for line in lines(file) if line["who"] == name] == list(range(50))


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match=r"cannot be written: Is a directory.*audit"):
        AuditLog(tmp_path).add(Event.LOGIN, ALICE)
