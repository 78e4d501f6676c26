"""A run's files: written whole, read back the same, refused when damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.evaluation.run import (
    ANSWERS_FILE,
    HEADER_FILE,
    RunError,
    read_run,
    source_hash,
    write_run,
)
from tests.assistant.evaluation.builders import KEEP, SELL, answer, judged, question, run

RUN = run(
    judged(question(SELL), answer(SELL, ranked=[SELL])),
    judged(question(KEEP, kind="lay"), answer()),
    judged(question(kind="injection"), answer(status="out_of_scope")),
)


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_run(tmp_path / "run", RUN)
    assert read_run(tmp_path / "run") == RUN
    assert read_run(tmp_path / "run" / HEADER_FILE) == RUN


def test_nothing_but_its_files_is_left(tmp_path: Path) -> None:
    write_run(tmp_path, RUN)
    assert sorted(path.name for path in tmp_path.iterdir()) == [HEADER_FILE, ANSWERS_FILE]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param(HEADER_FILE, None, "holds no run", id="no-header"),
        pytest.param(ANSWERS_FILE, None, "holds no run", id="no-answers"),
        pytest.param(HEADER_FILE, b"{}", "run.json is damaged", id="empty-header"),
        pytest.param(HEADER_FILE, b"\xff\xfe", "run.json is damaged", id="not-utf-8"),
        pytest.param(ANSWERS_FILE, b'{"id": 1}\n', "run.jsonl line 1 is damaged", id="no-answer"),
        pytest.param(ANSWERS_FILE, b"\xff\n", "is damaged", id="answers-not-utf-8"),
    ],
)
def test_what_is_no_run_is_refused(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    write_run(tmp_path, RUN)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(RunError, match=message):
        read_run(tmp_path)


def test_a_torn_answer_is_named_by_its_line(tmp_path: Path) -> None:
    write_run(tmp_path, RUN)
    path = tmp_path / ANSWERS_FILE
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RunError, match="line 3 is damaged"):
        read_run(tmp_path)


def test_separators_that_python_takes_for_line_ends_do_not_tear_a_run(tmp_path: Path) -> None:
    odd = RUN.answers[0].model_copy(update={"question": "Do you\u2028sell\u2029my\x85data?"})
    write_run(tmp_path, run(odd))
    assert read_run(tmp_path).answers[0].question == odd.question


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="nowhere holds no run"):
        read_run(tmp_path / "nowhere")


def test_judging_and_pages_do_not_count_for_answers() -> None:
    assert source_hash(only_answering=True) != source_hash()


def test_a_run_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    write_run(tmp_path, RUN)
    path = tmp_path / HEADER_FILE
    path.write_text(path.read_text("utf-8").replace('"format": 1', '"format": 99'), "utf-8")
    with pytest.raises(RunError, match="newer program"):
        read_run(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    with pytest.raises(RunError, match="Cannot write"):
        write_run(blocked / "run", RUN)


def test_the_source_hash_is_of_these_files() -> None:
    assert source_hash() == source_hash()
    assert len(source_hash()) == 12
