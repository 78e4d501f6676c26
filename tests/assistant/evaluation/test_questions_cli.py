"""`questions check` and `questions export` as a person meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.evaluation.formats import read_question_set

REPOSITORY = Path(__file__).parents[3]
SELL = "We never sell your data."
TEXT = f"# Acme privacy policy\n\n## Selling\n\n{SELL}\n\n## Cookies\n\nWe use cookies.\n"


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """`policy-assistant questions …` in this process."""

    def run(*arguments: object) -> Outcome:
        code = 0
        try:
            main(["questions", *map(str, arguments)])
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "acme__2024-01-01.md").write_text(TEXT, encoding="utf-8")
    return folder


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    path = tmp_path / "faq.csv"
    path.write_text(
        "question,expected,section,kind\n"
        f"Do you sell it?,{SELL},,direct\n"
        "Which cookies?,,Cookies,direct\n"
        "Do you fly?,not in policy,,\n",
        encoding="utf-8",
    )
    return path


# --- check ---------------------------------------------------------------------------------------


def test_check_says_what_is_in_a_set(cli: Cli, faq: Path, policies: Path) -> None:
    outcome = cli("check", faq, "--policies", policies)
    assert outcome.code == 0
    assert outcome.out == (
        "faq: 3 questions; 2 answerable, 1 not; 2 spans of evidence\n"
        "  kinds: direct (2), unanswerable (1)\n"
        "  asked of: acme 2024-01-01 (3)\n"
        "  no problems\n"
    )


def test_check_names_every_problem_and_exits_1(cli: Cli, faq: Path, policies: Path) -> None:
    with faq.open("a", encoding="utf-8") as file:
        file.write("Do you rent it?,We never rent your data.,,\n,lost,,\n")
    outcome = cli("check", faq, "--policies", policies)
    assert outcome.code == 1
    assert outcome.out.splitlines()[3:] == [
        "  2 problems:",
        f"    {faq} row 6: question: it is blank. Write the question, or take the line out.",
        f"    {faq} row 5: evidence: “We never rent your data.” does not stand in the text of acme "
        f"2024-01-01. Copy it from there to the character; nearest is: “{SELL}”",
    ]


def test_check_goes_on_after_a_file_that_cannot_be_read(
    cli: Cli, faq: Path, policies: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"nonsense")
    outcome = cli("check", broken, faq, "--policies", policies)
    assert outcome.code == 1
    assert outcome.out.startswith(f"{broken}: cannot be used\n    {broken} is no XLSX file. Save")
    assert "\nfaq: 3 questions" in outcome.out


def test_notes_do_not_fail(cli: Cli, policies: Path, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    line = {"question": "Do you sell it?", "answerable": True, "evidence": [SELL], "knd": "lay"}
    lines = [json.dumps({"id": 1, **line}), json.dumps({"id": 2, **line})]
    path.write_text("\n".join(lines), encoding="utf-8")
    (policies / "beta.pdf").write_bytes(b"%PDF")
    outcome = cli("check", path, "--policies", policies)
    assert outcome.code == 0
    assert outcome.out.splitlines()[3:] == [
        "  no problems",
        "  3 notes:",
        f'    {path} line 1: the key "knd" is not read. Is it "kind"?',
        f"    {path} line 2: the same question stands already in {path} line 1.",
        f"    {policies}/beta.pdf is left out: .pdf is not read. Save it as .txt, .md or .html.",
    ]


def test_of_many_notes_the_first_are_shown(cli: Cli, policies: Path, tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text("question\n" + "Do you fly?\n" * 100, encoding="utf-8")
    shown = cli("check", path, "--policies", policies).out.splitlines()[3:]
    assert shown[:2] == ["  no problems", "  99 notes:"]
    assert len(shown) == 2 + 20 + 1
    assert shown[-1] == "    … and 79 more."


def test_check_asks_of_the_policy_that_is_said(cli: Cli, faq: Path, policies: Path) -> None:
    (policies / "beta__2024-01-01.md").write_text("# Beta\n\nWe sell it.\n", encoding="utf-8")
    (policies / "acme__2023-01-01.md").write_text(TEXT, encoding="utf-8")
    named = cli("check", faq, "--policies", policies, "--policy", "acme", "--version", "2023-01-01")
    assert "asked of: acme 2023-01-01 (3)" in named.out
    unnamed = cli("check", faq, "--policies", policies)
    assert (unnamed.code, unnamed.out.count("Which policy? Say one")) == (1, 3)


def test_a_folder_of_policies_that_is_missing_is_said_once(
    cli: Cli, faq: Path, tmp_path: Path
) -> None:
    outcome = cli("check", faq, "--policies", tmp_path / "none")
    assert outcome.code == 1
    assert outcome.out.count("There is no folder") == 1


def test_check_reads_the_texts_that_a_set_brings(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "Acme.txt").write_text(SELL, encoding="utf-8")
    test = {"query": "Do you sell it?", "snippets": [{"file_path": "Acme.txt", "span": [0, 24]}]}
    path = tmp_path / "bench.json"
    path.write_text(json.dumps({"tests": [test]}), encoding="utf-8")
    outcome = cli("check", path, "--texts", tmp_path / "texts")
    assert outcome.code == 0
    assert outcome.out.startswith("bench: 1 questions; 1 answerable, 0 not; 1 spans of evidence")
    assert "  asked of: acme 1970-01-01" in outcome.out


def test_what_is_no_character_can_be_printed(cli: Cli, policies: Path, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": 1, "question": "a?", "\\ud83d": 1, "evidence": ["\\ud83d"]}')
    assert cli("check", path, "--policies", policies).code == 1


def test_check_in_a_process_of_its_own_loads_no_model(faq: Path, policies: Path) -> None:
    code = (
        "import sys; from assistant.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(sorted({'torch', 'onnxruntime', 'faiss', 'openpyxl'} & {*sys.modules}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, "questions", "check", str(faq), "--policies", str(policies)],
        capture_output=True,
        encoding="utf-8",
        cwd=REPOSITORY,
        env=os.environ,
        timeout=300,
    )
    assert ended.stderr == ""
    assert ended.stdout.endswith("no problems\n[]\n")


# --- export --------------------------------------------------------------------------------------


def export(cli: Cli, file: Path, policies: Path, format: str, output: object) -> Outcome:
    return cli("export", file, "--policies", policies, "--format", format, "--output", output)


@pytest.mark.parametrize("format", ["ragas", "deepeval", "jsonl"])
def test_export_writes_a_file(
    format: str, cli: Cli, faq: Path, policies: Path, tmp_path: Path
) -> None:
    outcome = export(cli, faq, policies, format, tmp_path / "new" / "out")
    assert outcome == Outcome(0, "", "")
    text = (tmp_path / "new" / "out").read_text(encoding="utf-8")
    found = json.loads(text) if format == "deepeval" else text.splitlines()
    assert len(found) == 3


def test_export_to_standard_output(cli: Cli, faq: Path, policies: Path) -> None:
    outcome = export(cli, faq, policies, "jsonl", "-")
    assert (outcome.code, outcome.err) == (0, "")
    assert [json.loads(line)["id"] for line in outcome.out.splitlines()] == [
        "row-2",
        "row-3",
        "row-4",
    ]


def test_texts_that_json_lines_cannot_bring_are_told_of(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "Acme.txt").write_text(SELL, encoding="utf-8")
    test = {"query": "Do you sell it?", "snippets": [{"file_path": "Acme.txt", "span": [0, 24]}]}
    path = tmp_path / "bench.json"
    path.write_text(json.dumps({"tests": [test]}), encoding="utf-8")
    outcome = cli("export", path, "--format", "jsonl", "--output", tmp_path / "own.jsonl")
    assert outcome.code == 0
    assert outcome.err.startswith("bench brings its own texts, and JSON Lines cannot: ")


def test_a_spreadsheet_becomes_a_set_of_our_own(
    cli: Cli, faq: Path, policies: Path, tmp_path: Path
) -> None:
    export(cli, faq, policies, "jsonl", tmp_path / "own.jsonl")
    own = read_question_set(str(tmp_path / "own.jsonl")).checked()
    assert [question.id for question in own.questions] == ["row-2", "row-3", "row-4"]
    assert cli("check", tmp_path / "own.jsonl", "--policies", policies).code == 0


def test_a_set_with_problems_is_not_exported(
    cli: Cli, faq: Path, policies: Path, tmp_path: Path
) -> None:
    with faq.open("a", encoding="utf-8") as file:
        file.write(",lost,,\n")
    outcome = export(cli, faq, policies, "ragas", tmp_path / "out")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"{faq} row 5: question: it is blank.")
    assert not (tmp_path / "out").exists()


def test_a_set_is_not_overwritten_with_its_export(cli: Cli, faq: Path, policies: Path) -> None:
    before = faq.read_bytes()
    outcome = export(cli, faq, policies, "ragas", faq)
    assert (outcome.code, outcome.err) == (
        1,
        f"{faq} holds the questions. Give --output another file.\n",
    )
    assert faq.read_bytes() == before


def test_a_format_that_is_not_known_is_refused(cli: Cli, faq: Path, policies: Path) -> None:
    outcome = export(cli, faq, policies, "csv", "-")
    assert outcome.code == 2
    assert "'csv' is none of ragas, deepeval, jsonl" in " ".join(outcome.err.split())
