"""`evaluate`, `compare` and `diff` as an evaluator meets them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.cli import main
from tests.conftest import REPOSITORY

# The model is exported before the first command: what that says is no part of these tests.
pytestmark = pytest.mark.usefixtures("assistant")

SELL = "We never sell your personal information to anyone."
COOKIES = "We use cookies to remember that you are signed in."
TEXT = f"# Acme privacy policy\n\n## Selling\n\n{SELL}\n\n## Cookies\n\n{COOKIES}\n"
NEWER = TEXT.replace("remember that you are signed in", "advertise what you may like")


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """A command in this process, on a folder of two versions of one small policy."""
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "acme__2023-01-01.md").write_text(TEXT, encoding="utf-8")
    (policies / "acme__2024-01-01.md").write_text(NEWER, encoding="utf-8")
    own = ["--policies", policies, "--index", tmp_path / "index"]

    def run(*arguments: object, is_own: bool = True) -> Outcome:
        code = 0
        try:
            main([*map(str, arguments), *(map(str, own) if is_own else [])])
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return written(
        tmp_path / "acme.jsonl",
        {"id": 1, "question": "Do you sell my data?", "answerable": True, "evidence": [SELL]},
        {"id": 2, "question": "Is the moon made of cheese?", "answerable": False,
         "kind": "offtopic"},
    )  # fmt: skip


def written(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    return path


def test_evaluate_prints_figures_and_writes_run_figures_and_report(
    cli: Cli, questions: Path, tmp_path: Path
) -> None:
    done = cli("evaluate", questions, "--output", tmp_path / "run")
    assert done.code == 0, done.err
    assert "right" in done.out
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"run.json", "run.jsonl", "metrics.json", "report.html", "answers.jsonl"} <= names
    assert f"Written to {tmp_path / 'run' / 'report.html'}." in done.err


def test_evaluate_without_output_leaves_nothing(
    cli: Cli, questions: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert cli("evaluate", questions).code == 0
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    ("bars", "code", "message"),
    [
        pytest.param(["--fail-under", "right=0.5"], 0, "", id="reached"),
        pytest.param(["--fail-under", "right=1.1"], 1, "right is 1.0000, below 1.1", id="below"),
        pytest.param(
            ["--fail-under", "right=0.5", "mrr=1.5"], 1, "mrr is 1.0000, below 1.5", id="second-bar"
        ),
        pytest.param(
            ["--fail-over", "false_refusals=-1"], 1, "false_refusals is 0.0000, above -1", id="over"
        ),
        pytest.param(["--fail-under", "rigth=1"], 1, "Did you mean right?", id="typing-error"),
        pytest.param(
            ["--fail-under", "auc_near_miss=1"],
            1,
            "auc_near_miss has no value",
            id="undefined",
        ),
    ],
)
def test_a_gate_for_ci(cli: Cli, questions: Path, bars: list[str], code: int, message: str) -> None:
    done = cli("evaluate", questions, *bars)
    assert done.code == code
    assert message in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "Which questions? Name a file, or a set that ships:", id="no-set"),
        pytest.param(["nowhere.jsonl"], "There is no question set nowhere.jsonl", id="no-file"),
        pytest.param(
            ["--versions", "2023-01-01", "2024-01-01"], "Say it with --policy", id="no-policy"
        ),
        pytest.param(
            ["--versions", "2023-01-01", "2025-01-01", "--policy", "acme", "QUESTIONS"],
            "has no version 2025-01-01. Versions: 2023-01-01, 2024-01-01.",
            id="no-version",
        ),
        pytest.param(["QUESTIONS", "--fail-on-change"], "needs --versions", id="nothing-to-change"),
        pytest.param(
            ["QUESTIONS", "--versions", "2023-01-01", "2024-01-01", "--policy", "acme",
             "--fail-under", "right=1"],
            "does not go with --versions",
            id="bars-of-no-run",
        ),
        pytest.param(
            ["sony-mobile", "--versions", "2023-01-01", "2024-01-01", "--policy", "acme"],
            "No question of sony-mobile is asked of the policy acme.",
            id="questions-on-another-policy",
        ),
        pytest.param(
            ["QUESTIONS", "--output", "README.md"], "README.md is a file", id="output-is-a-file"
        ),
        pytest.param(["QUESTIONS", "--policy", "acmee"], "Did you mean acme?", id="no-such-policy"),
        pytest.param(
            ["QUESTIONS", "--answers", "nowhere.jsonl"],
            "nowhere.jsonl cannot be read",
            id="answers",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_evaluated_is_said_with_the_mend(
    cli: Cli, questions: Path, arguments: list[str], message: str
) -> None:
    done = cli("evaluate", *(str(questions) if a == "QUESTIONS" else a for a in arguments))
    assert done.code == 1
    assert message in done.err
    assert "Traceback" not in done.err


def test_a_set_whose_evidence_is_not_in_the_text_is_refused_before_anything_is_asked(
    cli: Cli, tmp_path: Path
) -> None:
    path = written(
        tmp_path / "wrong.jsonl",
        {"id": 1, "question": "Do you sell?", "answerable": True,
         "evidence": ["We never sell your personal informations to anyone."]},
    )  # fmt: skip
    done = cli("evaluate", path, "--output", tmp_path / "run")
    assert done.code == 1
    assert f"{path} line 1: evidence:" in done.err
    assert f"nearest is: “{SELL}”" in done.err
    assert not (tmp_path / "run").exists()


def test_answers_of_another_system_are_judged(cli: Cli, questions: Path, tmp_path: Path) -> None:
    given = written(
        tmp_path / "given.jsonl",
        *({"id": n, "status": "silent", "answer": "", "citations": []} for n in (1, 2)),
    )
    done = cli("evaluate", questions, "--answers", given, "--output", tmp_path / "run")
    assert done.code == 0, done.err
    header = json.loads((tmp_path / "run" / "run.json").read_text("utf-8"))
    assert header["system"]["name"] == "given.jsonl"
    measures = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))["measures"]
    assert measures["right"]["value"] == 0.5


def test_compare_shows_what_flipped_and_gates(cli: Cli, questions: Path, tmp_path: Path) -> None:
    lines = [
        {"id": n, "question": f"Do you sell my data? ({n})", "answerable": True, "evidence": [SELL]}
        for n in range(12)
    ]
    many = written(tmp_path / "many.jsonl", *lines)
    silent = written(
        tmp_path / "silent.jsonl",
        *({"id": n, "status": "silent", "answer": "", "citations": []} for n in range(12)),
    )
    assert cli("evaluate", many, "--output", tmp_path / "a").code == 0
    assert cli("evaluate", many, "--answers", silent, "--output", tmp_path / "b").code == 0
    done = cli("compare", tmp_path / "a", tmp_path / "b", "--output", tmp_path / "c", is_own=False)
    assert done.code == 0, done.err
    assert "Worse in B: 12" in done.out
    assert {path.name for path in (tmp_path / "c").iterdir()} == {"compare.json", "compare.html"}
    gated = cli(
        "compare", tmp_path / "a", tmp_path / "b", "--fail-if-worse", "right,top1", is_own=False
    )
    assert gated.code == 1
    assert "Worse than chance explains: right, top1." in gated.err


def test_compare_refuses_other_questions(cli: Cli, questions: Path, tmp_path: Path) -> None:
    other = written(
        tmp_path / "other.jsonl",
        {"id": 1, "question": "Do you use cookies?", "answerable": True, "evidence": [SELL]},
    )
    assert cli("evaluate", questions, "--output", tmp_path / "a").code == 0
    assert cli("evaluate", other, "--output", tmp_path / "b").code == 0
    done = cli("compare", tmp_path / "a", tmp_path / "b", is_own=False)
    assert done.code == 1
    assert "1 only in the first: 2" in done.err
    assert "1 with another question or other judgements: 1" in done.err


def test_versions_lists_answers_that_changed(cli: Cli, tmp_path: Path) -> None:
    path = written(
        tmp_path / "acme.jsonl",
        {"id": "sell", "question": "Do you sell my data?", "answerable": True, "evidence": [SELL]},
        {"id": "cookies", "question": "What are cookies used for?", "answerable": True,
         "evidence": [COOKIES]},
    )  # fmt: skip
    both = ["--versions", "2023-01-01", "2024-01-01", "--policy", "acme"]
    done = cli("evaluate", path, *both, "--output", tmp_path / "changes")
    assert done.code == 0, done.err
    assert "1 of 2 answers changed." in done.out
    changes = json.loads((tmp_path / "changes" / "changes.json").read_text("utf-8"))
    assert [answer["id"] for answer in changes["answers"]] == ["cookies"]
    assert (tmp_path / "changes" / "report.html").exists()
    gated = cli("evaluate", path, *both, "--fail-on-change")
    assert gated.code == 1
    assert "1 of 2 answers changed." in gated.err


def test_the_same_version_twice_changes_nothing(cli: Cli, tmp_path: Path) -> None:
    path = written(
        tmp_path / "acme.jsonl",
        {"id": 1, "question": "Do you sell my data?", "answerable": True, "evidence": [SELL]},
    )
    both = ["--versions", "2024-01-01", "2024-01-01", "--policy", "acme"]
    done = cli("evaluate", path, *both, "--fail-on-change")
    assert done.code == 0, done.err
    assert "0 of 1 answers changed." in done.out


def test_diff_marks_words(cli: Cli, tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    versions = ["2023-01-01", "2024-01-01"]
    done = cli("diff", "acme", *versions, "--policies", policies, is_own=False)
    assert done.code == 0, done.err
    assert "We use cookies to [-remember" in done.out
    assert SELL not in done.out


def test_diff_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["diff", "37signals", "2020-12-09", "2021-06-14", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert [section["change"] for section in found["sections"]] == ["added"]
    assert {passage["change"] for passage in found["passages"]} == {"changed", "added"}


GITHUB_MARKETING = "Except for cookies used on our Enterprise Marketing Pages"


def test_diff_of_githubs_versions_sees_through_capitals(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["diff", "github", "2022-05-31", "2022-09-01"])
    found = capsys.readouterr().out
    assert f"{{+{GITHUB_MARKETING}" in found
    assert "[-Personal Data-]" not in found
    assert "{+personal data+}" not in found


def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    output = tmp_path / "run"
    command = [sys.executable, "-m", "assistant.cli", "evaluate", "sony-mobile"]
    command += ["--output", str(output), "--workers", "1"]
    with subprocess.Popen(command, cwd=REPOSITORY, env=os.environ, stderr=subprocess.PIPE) as begun:
        partial = output / "answers.jsonl.partial"
        deadline = time.monotonic() + 120
        while not (partial.exists() and partial.read_bytes().count(b"\n") >= 3):
            assert time.monotonic() < deadline
            assert begun.poll() is None, begun.stderr and begun.stderr.read()
            time.sleep(0.01)
        begun.send_signal(signal.SIGKILL)
    kept = partial.read_text("utf-8").split("\n")[:3]
    done = subprocess.run(
        [*command, "--resume"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (output / "answers.jsonl").read_text("utf-8").split("\n")[:3] == kept
    assert (output / "report.html").exists()
