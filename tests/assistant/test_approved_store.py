"""Approved answers on disk: nothing acknowledged is lost, nothing damaged is used."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from filelock import FileLock

from assistant.stores.approved import (
    ApprovedAnswer,
    ApprovedCitation,
    ApprovedError,
    ApprovedStore,
)
from assistant.stores.approved_files import ApprovedFormat, read_answers, write_answers
from assistant.stores.cells import plain_cell, safe_cell, workbook_cell

REPOSITORY = Path(__file__).parent.parent.parent
# Adds answers for ever, and says the id of each as soon as `add` has returned.
WRITER = """
import sys
from pathlib import Path
from assistant.stores.approved import ApprovedStore
from tests.assistant.test_approved_store import an_answer
store = ApprovedStore(Path(sys.argv[1]))
for number in range(1_000_000):
    store.add([an_answer(f"{sys.argv[2]}-{number}")])
    print(f"{sys.argv[2]}-{number}", flush=True)
"""
# Opens each file that it reads the path of, and says how many answers are kept there.
OPENER = """
import sys
from pathlib import Path
from assistant.stores.approved import ApprovedStore
for path in sys.stdin:
    store = ApprovedStore(Path(path.strip()))
    print(len(store.all()), "kept", flush=True)
    store.close()
"""


def an_answer(identity: str, **changed: object) -> ApprovedAnswer:
    fields = {
        "id": identity,
        "question": "Do you sell my data?",
        "answer": "No, we never do.",
        "policy": "acme",
        "version": "2024-05-01",
        "approved_by": "ann",
        "approved_at": "2026-01-02T03:04:05.678+00:00",
        "citations": (
            ApprovedCitation(
                section="Sharing", section_id="sharing", section_hash="0" * 64, start=3, end=20,
                quote="We never sell it.", words="“We never sell it.”",
            ),
        ),
        **changed,
    }  # fmt: skip
    return ApprovedAnswer.model_validate(fields)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "approved.sqlite3"


@pytest.fixture
def store(file: Path) -> Iterator[ApprovedStore]:
    opened = ApprovedStore(file)
    yield opened
    opened.close()


def test_what_was_added_is_there_after_opening_again(store: ApprovedStore, file: Path) -> None:
    assert store.add([an_answer("a"), an_answer("b", approved_at="2026-03-01T00:00:00+00:00")]) == 2
    again = ApprovedStore(file)
    assert [answer.id for answer in again.all()] == ["b", "a"]  # the newest first
    assert again.get("a") == an_answer("a")
    again.close()


def test_an_id_that_is_there_stays_as_it_was(store: ApprovedStore) -> None:
    store.add([an_answer("a")])
    assert store.add([an_answer("a", answer="Something else."), an_answer("b")]) == 1
    assert store.get("a").answer == "No, we never do."


def test_what_is_deleted_is_gone_and_overwritten(store: ApprovedStore, file: Path) -> None:
    store.add([an_answer("a", answer="A very secret sentence.")])
    assert store.delete("a")
    assert not store.delete("a")
    with pytest.raises(ApprovedError, match="has been deleted"):
        store.get("a")
    store.close()
    left = b"".join(p.read_bytes() for p in file.parent.iterdir())
    assert b"A very secret sentence." not in left


def test_only_the_owner_may_read_the_file(store: ApprovedStore, file: Path) -> None:
    assert file.stat().st_mode & 0o077 == 0


def test_meanings_follow_what_another_process_changes(store: ApprovedStore, file: Path) -> None:
    other = ApprovedStore(file)
    store.add([an_answer("a")])
    assert [a.id for a in store.without_vector("model")] == ["a"]
    vectors = np.array([[0.6, 0.8]], dtype=np.float32)
    store.keep_vectors("model", [an_answer("a")], vectors)
    assert store.without_vector("model") == []
    assert store.without_vector("another") == [an_answer("a")]
    np.testing.assert_array_equal(other.meanings("model").vectors, vectors)
    assert other.meanings("another").answers == ()
    other.delete("a")
    assert store.meanings("model").answers == ()
    other.close()


def test_threads_write_at_the_same_time(store: ApprovedStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.add([an_answer(f"t{n}")]), range(40)))
    assert len(store.all()) == 40


def test_processes_that_begin_a_file_at_once_all_open_it(tmp_path: Path) -> None:
    openers = [_run(OPENER, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(4)]
    try:
        for begun in range(20):  # without a lock, one in three of these files was refused
            for opener in openers:
                _stream(opener.stdin).write(b"%s\n" % bytes(tmp_path / f"{begun}" / "a.sqlite3"))
                _stream(opener.stdin).flush()
            assert [_stream(opener.stdout).readline() for opener in openers] == [b"0 kept\n"] * 4
    finally:
        for opener in openers:
            opener.communicate()


def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def test_a_file_that_another_process_goes_on_opening_is_not_waited_for_for_ever(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.stores.database.BUSY_S", 0.05)
    file.parent.mkdir()
    with (
        FileLock(f"{file}.lock"),
        pytest.raises(ApprovedError, match="another program is opening it"),
    ):
        ApprovedStore(file)


def test_two_writers_and_kill_9_lose_nothing_that_was_acknowledged(
    file: Path, tmp_path: Path
) -> None:
    for moment in range(3):
        said = [tmp_path / f"said-{moment}-{n}" for n in range(2)]
        writers = [_writer(file, path) for path in said]
        try:
            while any(len(_acknowledged(path)) < 6 for path in said):
                assert all(writer.poll() is None for writer in writers), "a writer ended by itself"
                time.sleep(0.01)
            time.sleep(0.05 * moment)  # seconds; so that the kill hits another moment each time
        finally:
            for writer in writers:
                writer.kill()  # kill -9
                writer.wait()
    acknowledged = {name for path in tmp_path.glob("said-*") for name in _acknowledged(path)}
    store = ApprovedStore(file)
    assert len(acknowledged) >= 36
    assert acknowledged <= {answer.id for answer in store.all()}
    store.close()


def _writer(file: Path, said: Path) -> subprocess.Popen[bytes]:
    with said.open("wb") as output:
        return _run(WRITER, str(file), said.name, stdout=output)


def _run(script: str, *arguments: str, **streams: int | IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-c", script, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        **streams,
    )


def _acknowledged(said: Path) -> list[str]:
    """The whole lines that a writer said; what a kill cut off was not said."""
    return said.read_text().split("\n")[:-1]


# --- damaged and foreign files -------------------------------------------------------------------


def _with_rows(file: Path) -> None:
    store = ApprovedStore(file)
    store.add([an_answer(f"a{n}", answer="x" * 3000) for n in range(50)])
    store.close()


def _no_database(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"This is no database. " * 100)


def _cut_off(file: Path) -> None:
    _with_rows(file)
    file.write_bytes(file.read_bytes()[:-20_000])


def _scribbled_over(file: Path) -> None:
    _with_rows(file)
    data = bytearray(file.read_bytes())
    data[8192:40960] = b"\xa5" * (40960 - 8192)
    file.write_bytes(bytes(data))


@pytest.mark.parametrize("damage", [_no_database, _cut_off, _scribbled_over])
def test_a_damaged_file_is_refused_and_kept_aside(file: Path, damage: object) -> None:
    damage(file)  # type: ignore[operator]
    before = file.read_bytes()
    with pytest.raises(ApprovedError, match="damaged") as refused:
        ApprovedStore(file)
    (aside,) = (p for p in file.parent.iterdir() if ".damaged-" in p.name and p.suffix != "-shm")
    assert str(aside) in str(refused.value)
    assert "approved import" in str(refused.value)
    assert aside.read_bytes() == before
    assert not file.exists()
    fresh = ApprovedStore(file)
    assert fresh.all() == []
    fresh.close()


def test_a_file_that_is_damaged_while_it_is_used_is_kept_aside_and_not_begun_anew(
    file: Path,
) -> None:
    _with_rows(file)
    store = ApprovedStore(file)
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    file.write_bytes(bytes(data))
    # Each thread has a connection of its own; that of this one has the pages in memory.
    with ThreadPoolExecutor(1) as another_thread:
        for _ in range(2):
            with pytest.raises(ApprovedError, match="is damaged, and is kept aside"):
                another_thread.submit(store.all).result()
    with pytest.raises(ApprovedError, match="is damaged, and is kept aside"):
        store.add([an_answer("b")])
    assert not file.exists()
    store.close()


def test_a_database_of_another_program_stays_where_it_is(file: Path) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE theirs (a)")
    other.close()
    with pytest.raises(ApprovedError, match="another program"):
        ApprovedStore(file)
    assert file.exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ApprovedError, match="cannot be kept in"):
        ApprovedStore(tmp_path / "file" / "approved.sqlite3")


# --- export and import ---------------------------------------------------------------------------

ODD = "=1+2\n@x, \"y\" <b>; 'z'  é 😀"


@pytest.mark.parametrize("form", list(ApprovedFormat))
def test_an_export_brings_back_what_was_kept(form: ApprovedFormat) -> None:
    answers = (an_answer("a", question=ODD, answer=f"'{ODD}"), an_answer("b", approved_by="-x"))
    read = read_answers(write_answers(answers, form).encode("utf-8"), "export")
    assert read.answers == answers
    assert read.problems == ()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\xff\xfe", "is not UTF-8", id="encoding"),
        pytest.param(b"a,b\n1,2\n", "lacks the columns id, question", id="another-table"),
    ],
)
def test_a_file_that_is_no_export_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ApprovedError, match=words):
        read_answers(data, "file.csv")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param('"id":"a"', '"id":"../a"', id="id"),
        pytest.param("2026-01-02T03:04:05.678+00:00", "yesterday", id="moment"),
        pytest.param("0" * 64, "0" * 63, id="hash"),
        pytest.param('"question":"Do you sell my data?"', '"question":" "', id="blank-question"),
    ],
)
def test_a_line_that_is_wrong_is_named_and_the_others_are_read(changed: str, words: str) -> None:
    good = write_answers([an_answer("a")], ApprovedFormat.JSONL)
    read = read_answers((good.replace(changed, words) + good).encode(), "f.jsonl")
    assert read.answers == (an_answer("a"),)
    assert len(read.problems) == 1
    assert read.problems[0].startswith("f.jsonl line 1: ")


def test_no_cell_of_an_export_is_a_formula() -> None:
    text = write_answers([an_answer("a", question="=cmd|' /C calc'!A0")], ApprovedFormat.CSV)
    assert "'=cmd" in text
    assert ",=cmd" not in text


@pytest.mark.parametrize(
    ("words", "cell"),
    [
        pytest.param("=1+1", "'=1+1", id="formula"),
        pytest.param("  @x", "'  @x", id="spaces-before"),
        pytest.param("'=1", "''=1", id="apostrophe-before"),
        pytest.param("-5", "'-5", id="minus"),
        pytest.param("We = you", "We = you", id="no-formula"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_cells_are_written_so_that_they_can_be_read_back(words: str, cell: str) -> None:
    assert safe_cell(words) == cell
    assert plain_cell(cell) == words


def test_a_workbook_cell_has_only_what_xlsx_can_hold() -> None:
    assert workbook_cell("a\x00b\x0bc") == "a\ufffdb\ufffdc"
    assert len(workbook_cell("x" * 40_000)) == 32_767
