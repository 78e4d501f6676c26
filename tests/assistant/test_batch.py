"""A file of questions to a file of answers: order, what is refused, what is used again."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant import Assistant
from assistant.batch import BatchOptions, BatchReport, answer_file, answer_stream
from assistant.question_lines import BatchError, count_lines, read_questions
from index.store import IndexFolderError, Store
from policy_text.library import SHIPPED, Library

# The model is exported before the first command: what that says is no part of these tests.
pytestmark = pytest.mark.usefixtures("assistant")

REPOSITORY = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "assistant.cli"]
TEXT = """# Acme privacy policy

## Selling

We never sell your personal information to anyone.

## Cookies

We use cookies to remember that you are signed in.
"""


@pytest.fixture
def acme(tmp_path: Path, assistant: Assistant) -> Path:
    """A folder of one policy, with an index beside it."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "acme__2024-01-01.md").write_text(TEXT, encoding="utf-8")
    return folder


def own(folder: Path, assistant: Assistant) -> Assistant:
    """An assistant on a folder as it is now, with the model that is loaded already."""
    return Assistant(Library(folder), Store(folder.parent / "index"), assistant.encoder)


def lines(*questions: dict[str, Any] | str) -> str:
    written = [q if isinstance(q, str) else json.dumps(q) for q in questions]
    return "".join(line + "\n" for line in written)


def asked(id: str, question: str = "Do you use cookies?", **more: Any) -> dict[str, Any]:
    return {"id": id, "question": question, **more}


def answers(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]


def ids(output: Path) -> list[str]:
    return [answer["id"] for answer in answers(output)]


def run(
    assistant: Assistant, text: str, output: Path, options: BatchOptions | None = None
) -> BatchReport:
    return answer_file(assistant, text, "q.jsonl", output, options or BatchOptions())


RESUME = BatchOptions(resume=True)

# --- a line a question ---------------------------------------------------------------------------


def test_every_question_gets_a_line_in_order(assistant: Assistant, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out.jsonl"
    text = lines(asked("b"), "", asked("a", "What is the capital of France?", kind="x"), asked("c"))
    report = run(assistant, text, out)

    assert (report.answered, report.reused, report.problems) == (3, 0, [])
    assert ids(out) == ["b", "a", "c"]
    assert [answer["status"] for answer in answers(out)][1] == "out_of_scope"
    assert not (out.parent / "out.jsonl.partial").exists()
    assert count_lines(text) == 3


def test_a_line_says_its_policy_version_and_history(
    acme: Path, assistant: Assistant, tmp_path: Path
) -> None:
    for name in ("acme__2025-01-01", "beta__2024", "sony-mobile__2020"):
        (acme / f"{name}.md").write_text(TEXT, encoding="utf-8")
    out = tmp_path / "out.jsonl"
    text = lines(
        asked("own", policy="acme", version="2024-01-01"),
        asked("batch's"),
        asked("7", "How long?", history=["Which cookies do you use?"]),
    )
    run(own(acme, assistant), text, out, BatchOptions(policy="beta"))

    chosen = [(answer["policy"], answer["version"]) for answer in answers(out)]
    assert chosen == [("acme", "2024-01-01"), ("beta", "2024"), ("beta", "2024")]
    assert answers(out)[2]["question"] == "How long?"


def test_a_number_may_be_an_id(assistant: Assistant, tmp_path: Path) -> None:
    run(assistant, lines({"id": 7, "question": "Do you use cookies?"}), tmp_path / "out")

    assert ids(tmp_path / "out") == [7]  # as it came


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        pytest.param('{"id": "x", "question": ', "not valid JSON", id="torn"),
        pytest.param("[1, 2]", "a line is", id="a-list"),
        pytest.param('{"id": "x"}', "question: ", id="no-question"),
        pytest.param('{"question": "x"}', "id: ", id="no-id"),
        pytest.param('{"id": "", "question": "x"}', "line 2: id", id="empty-id"),
        pytest.param('{"id": "x", "question": null}', "question: ", id="null"),
        pytest.param('{"id": "x", "question": "x", "history": "x"}', "history: ", id="history"),
        pytest.param("[" * 100_000, "nested", id="deeply-nested"),
        pytest.param(asked("x", " \t"), "blank", id="blank-question"),
        pytest.param(asked("x", "a\u0000b"), "U+0000", id="control-character"),
        pytest.param(asked("x", "a\ud800b"), "U+D800", id="half-a-character"),
        pytest.param(asked("x", "a" * 10_000), "10000", id="too-long"),
        pytest.param(asked("x", policy="sony-moble"), "sony-mobile?", id="unknown-policy"),
        pytest.param(asked("x", version="1999"), "1999", id="unknown-version"),
        pytest.param(asked("first"), "line 1", id="duplicate-id"),
    ],
)
def test_a_line_that_cannot_be_answered_is_named_and_the_others_are_answered(
    assistant: Assistant, tmp_path: Path, bad: dict[str, Any] | str, said: str
) -> None:
    out = tmp_path / "out.jsonl"
    report = run(assistant, lines(asked("first"), bad, asked("last")), out)

    assert ids(out) == ["first", "last"]
    [problem] = report.problems
    assert problem.startswith("q.jsonl line 2: ")
    assert said.casefold() in problem.casefold()
    assert not (tmp_path / "out.jsonl.partial").exists()


def test_limit_takes_the_first_lines_that_are_not_blank(
    assistant: Assistant, tmp_path: Path
) -> None:
    text = lines("", asked("a"), "", asked("b"), asked("c"))
    run(assistant, text, tmp_path / "out", BatchOptions(limit=2))

    assert ids(tmp_path / "out") == ["a", "b"]


def test_no_questions_give_an_empty_file(assistant: Assistant, tmp_path: Path) -> None:
    run(assistant, "", tmp_path / "out")

    assert (tmp_path / "out").read_bytes() == b""


def test_a_stream_gets_the_same_lines(assistant: Assistant, tmp_path: Path) -> None:
    text = lines(asked("a"), "{", asked("b"))
    stream = io.StringIO()
    report = answer_stream(assistant, text, "q", stream, BatchOptions())

    assert [json.loads(line)["id"] for line in stream.getvalue().splitlines()] == ["a", "b"]
    assert len(report.problems) == 1


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param(b"\xef\xbb\xbf{}\r\n", "{}\r\n", id="bom"),
        pytest.param("{“}".encode(), "{“}", id="utf-8"),
    ],
)
def test_questions_are_read_as_utf_8(tmp_path: Path, payload: bytes, expected: str) -> None:
    (tmp_path / "q").write_bytes(payload)

    assert read_questions(tmp_path / "q") == expected


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        pytest.param(b"\xff", r"not UTF-8 \(byte 0\)", id="not-utf-8"),
        pytest.param(None, "cannot be read", id="missing"),
    ],
)
def test_questions_that_cannot_be_read_are_named(
    tmp_path: Path, payload: bytes | None, said: str
) -> None:
    if payload is not None:
        (tmp_path / "q").write_bytes(payload)

    with pytest.raises(BatchError, match=said):
        read_questions(tmp_path / "q")


def test_the_real_command_names_lines_on_stderr_and_exits_1(tmp_path: Path) -> None:
    bad = asked("x", policy="zzz")
    text = lines(asked("a"), "{", asked("b", "  "), bad, asked("a"), asked("c"))
    (tmp_path / "q.jsonl").write_text(text, encoding="utf-8")
    arguments = ["answer", "--questions", "q.jsonl", "--output", "out.jsonl"]
    ended = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, cwd=tmp_path, timeout=300
    )

    assert ended.returncode == 1
    assert ids(tmp_path / "out.jsonl") == ["a", "c"]
    for number in (2, 3, 4, 5):
        assert f"q.jsonl line {number}: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_real_command_reads_stdin_and_writes_stdout(tmp_path: Path) -> None:
    ended = subprocess.run(
        [*COMMAND, "answer", "--questions", "-", "--output", "-", "--limit", "2"],
        input=lines(asked("a"), asked("b"), asked("c")),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=300,
    )

    assert ended.returncode == 0, ended.stderr
    assert [json.loads(line)["id"] for line in ended.stdout.splitlines()] == ["a", "b"]
    assert list(tmp_path.iterdir()) == []


# --- resuming ------------------------------------------------------------------------------------


def test_resume_answers_only_what_changed(acme: Path, assistant: Assistant, tmp_path: Path) -> None:
    out, acmes = tmp_path / "out", own(acme, assistant)
    run(acmes, lines(asked("a"), asked("b"), asked("c")), out)
    before = answers(out)

    again = run(acmes, lines(asked("a"), asked("b"), asked("c")), out, RESUME)
    assert (again.answered, again.reused) == (3, 3)
    assert answers(out) == before  # latency_ms too: nothing was asked

    changed = asked("b", "Do you sell my information?")
    report = run(acmes, lines(changed, asked("c"), asked("a"), asked("d")), out, RESUME)
    assert (report.answered, report.reused) == (4, 2)
    assert ids(out) == ["b", "c", "a", "d"]
    assert answers(out)[0]["question"] == changed["question"]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"history": ["Do you sell data?"]}, id="history"),
        pytest.param({"version": "2024-01-01"}, id="version"),
    ],
)
def test_another_history_or_version_asks_again(
    acme: Path, assistant: Assistant, tmp_path: Path, more: dict[str, Any]
) -> None:
    (acme / "acme__2025-01-01.md").write_text(TEXT, encoding="utf-8")
    out, acmes = tmp_path / "out", own(acme, assistant)
    run(acmes, lines(asked("a")), out)
    report = run(acmes, lines(asked("a", **more)), out, RESUME)

    assert (report.answered, report.reused) == (1, 0)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(BatchOptions(resume=True, region="California"), id="region"),
        pytest.param(BatchOptions(resume=True, settings_id="other model"), id="settings"),
    ],
)
def test_other_settings_ask_again(
    assistant: Assistant, tmp_path: Path, other: BatchOptions
) -> None:
    out = tmp_path / "out"
    run(assistant, lines(asked("a")), out)

    assert run(assistant, lines(asked("a")), out, other).reused == 0
    assert run(assistant, lines(asked("a")), out, other).reused == 1


def test_another_text_of_the_policy_asks_again(
    acme: Path, assistant: Assistant, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(own(acme, assistant), lines(asked("a")), out)
    (acme / "acme__2024-01-01.md").write_text(TEXT.replace("signed in", "here"), encoding="utf-8")
    report = run(own(acme, assistant), lines(asked("a")), out, RESUME)

    assert report.reused == 0
    assert "here" in answers(out)[0]["citations"][0]["quote"]


def test_a_policy_that_is_described_otherwise_is_asked_again(
    assistant: Assistant, tmp_path: Path
) -> None:
    """The date's kind stands in every answer, though the text is the same."""
    folder = tmp_path / "policies"
    shutil.copytree(SHIPPED / "login-gov", folder / "login-gov")
    output = tmp_path / "out.jsonl"
    asked = lines({"id": 1, "question": "Do you sell my data?"})
    answer_file(own(folder, assistant), asked, "q", output, RESUME)
    about = folder / "login-gov" / "policy.toml"
    changed = re.sub(r'date_kind = "\w+"', 'date_kind = "effective"', about.read_text("utf-8"))
    about.write_text(changed, encoding="utf-8")
    report = answer_file(own(folder, assistant), asked, "q", output, RESUME)
    assert report.reused == 0


def test_answers_that_no_longer_hold_are_not_carried_over(
    acme: Path, assistant: Assistant, tmp_path: Path
) -> None:
    """Else a kill before a new fingerprint is written would leave the old one over a new answer."""
    output = tmp_path / "out.jsonl"
    asked = lines({"id": 1, "question": "Do you sell my data?"})
    answer_file(own(acme, assistant), asked, "q", output, RESUME)
    answer_file(
        own(acme, assistant), asked, "q", output, BatchOptions(resume=True, region="California")
    )
    state = output.with_name("out.jsonl.state").read_text("utf-8")
    assert state.count("\n") == 1


def test_without_resume_nothing_is_used_again(assistant: Assistant, tmp_path: Path) -> None:
    run(assistant, lines(asked("a")), tmp_path / "out")

    assert run(assistant, lines(asked("a")), tmp_path / "out").reused == 0


def test_the_same_text_of_another_policy_is_asked_again(
    acme: Path, assistant: Assistant, tmp_path: Path
) -> None:
    (acme / "beta__2024-01-01.md").write_text(TEXT, encoding="utf-8")
    out, both = tmp_path / "out", own(acme, assistant)
    run(both, lines(asked("a", policy="acme")), out)
    run(both, lines(asked("a", policy="beta")), out, RESUME)

    assert [answer["policy"] for answer in answers(out)] == ["beta"]


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(asked("\ud800"), id="half-a-character-in-the-id"),
        pytest.param(asked("x", history=["\ud800 sell", "\u0000"]), id="in-the-history"),
        pytest.param('{"id": ' + "1" * 5000 + ', "question": "x"}', id="a-very-long-number"),
    ],
)
def test_odd_json_does_not_end_the_batch(
    assistant: Assistant, tmp_path: Path, bad: dict[str, Any] | str
) -> None:
    out = tmp_path / "out.jsonl"
    run(assistant, lines(asked("first"), bad, asked("last")), out)

    assert [id for id in ids(out) if id in ("first", "last")] == ["first", "last"]


@pytest.mark.parametrize(
    "stdin",
    [
        pytest.param(b"\xff\n", id="not-utf-8"),
        pytest.param(b"\xef\xbb\xbf" + b'{"id": "a", "question": "Cookies?"}\r\n', id="bom"),
    ],
)
def test_odd_standard_input_gives_no_traceback(stdin: bytes, tmp_path: Path) -> None:
    ended = subprocess.run(
        [*COMMAND, "answer", "--questions", "-", "--output", "-"],
        input=stdin, capture_output=True, cwd=tmp_path, timeout=300,
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
    )  # fmt: skip

    assert b"Traceback" not in ended.stderr
    assert ended.returncode == (1 if b"\xff" in stdin else 0)


def test_answers_never_overwrite_their_questions_or_a_folder(tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text(lines(asked("a")), encoding="utf-8")
    for output, words in ((questions, b"holds the questions"), (tmp_path, b"is a folder")):
        ended = subprocess.run(
            [*COMMAND, "answer", "--questions", str(questions), "--output", str(output)],
            capture_output=True,
            cwd=tmp_path,
            timeout=300,
            check=False,
        )
        assert ended.returncode == 1
        assert words in ended.stderr
    assert questions.read_text(encoding="utf-8") == lines(asked("a"))


def test_a_damaged_index_ends_the_run_and_leaves_finished_answers(
    acme: Path, assistant: Assistant, tmp_path: Path
) -> None:
    out, index = tmp_path / "out", tmp_path / "index"
    (index).mkdir()
    (index / "somebody-elses.txt").write_text("x", encoding="utf-8")
    out.write_text("finished\n", encoding="utf-8")
    broken = Assistant(Library(acme), Store(index), assistant.encoder)
    with pytest.raises(IndexFolderError):
        run(broken, lines(asked("a")), out)
    assert out.read_text(encoding="utf-8") == "finished\n"
