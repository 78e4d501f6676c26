"""The command line as a person meets it: what it prints, how it exits, what it never does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.cli import main

# The model is exported before the first command: what that says is no part of these tests.
pytestmark = pytest.mark.usefixtures("assistant")

REPOSITORY = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "assistant.cli"]
SONY = REPOSITORY / "policy_text" / "policies" / "sony-mobile" / "2020-01.txt"
QUESTION = "Do you sell my personal data?"
OFF_TOPIC = "What is the capital of France?"

ANSWER_KEYS = ["id", "question", "policy", "version", "status", "reason", "answer", "verdict",
               "citations", "passages", "confidence", "latency_ms"]  # fmt: skip
CITATION_KEYS = ["policy", "version", "section", "section_id", "start", "end", "quote",
                 "applies_to", "context"]  # fmt: skip
PASSAGE_KEYS = ["policy", "version", "section", "start", "end", "score"]
CONTEXT_KEYS = ["role", "section", "start", "end", "quote"]


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command in this process: a start costs a second, and most claims need none."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["policy-assistant", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


def real(*arguments: object, stdin: str = "", env: dict[str, str] | None = None) -> Outcome:
    """The command in a process of its own."""
    ended = subprocess.run(
        [*COMMAND, *(a if isinstance(a, bytes) else str(a) for a in arguments)],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        cwd=REPOSITORY,
        env={**os.environ, **(env or {})},
        timeout=300,
    )
    assert "Traceback" not in ended.stderr
    return Outcome(ended.returncode, ended.stdout, ended.stderr)


# --- asking --------------------------------------------------------------------------------------


def test_json_has_the_keys_of_the_contract_and_quotes_are_slices() -> None:
    answered = real("ask", QUESTION, "--format", "json")
    raw = subprocess.run(
        [*COMMAND, "show", "sony-mobile", "--raw"], capture_output=True, cwd=REPOSITORY, timeout=60
    ).stdout
    answer, text = json.loads(answered.out), raw.decode("utf-8")

    assert answered.code == 0
    assert raw == SONY.read_bytes()
    assert list(answer) == ANSWER_KEYS
    assert answer["status"] == "answered"
    assert answer["citations"]
    for citation in answer["citations"]:
        assert list(citation) == CITATION_KEYS
        assert citation["quote"] == text[citation["start"] : citation["end"]]
        for context in citation["context"]:
            assert list(context) == CONTEXT_KEYS
            assert context["quote"] == text[context["start"] : context["end"]]
    assert len(answer["passages"]) == 64
    for passage in answer["passages"]:
        assert list(passage) == PASSAGE_KEYS
    scores = [passage["score"] for passage in answer["passages"]]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= answer["confidence"] <= 1
    first, best = answer["citations"][0], answer["passages"][0]
    assert first["start"] <= best["start"] < best["end"] <= first["end"]


@pytest.mark.parametrize("style", ["text", "markdown"])
def test_an_answer_shows_quotes_numbers_and_sections(cli: Cli, style: str) -> None:
    asked = cli("ask", QUESTION, "--format", style)
    answer = json.loads(cli("ask", QUESTION, "--format", "json").out)

    assert asked.code == 0
    assert "Sony Mobile Privacy Policy" in asked.out
    assert "[1]" in asked.out
    assert answer["citations"][0]["section"] in asked.out
    assert style == "text" or "> " in asked.out


def test_a_declined_question_is_an_answer(cli: Cli) -> None:
    declined = cli("ask", OFF_TOPIC, "--format", "json")
    answer = json.loads(declined.out)

    assert declined.code == 0
    assert (answer["status"], answer["citations"]) == ("out_of_scope", [])
    assert len(answer["passages"]) == 64


def test_search_lists_passages_best_first(cli: Cli) -> None:
    found = json.loads(cli("search", "cookies", "--limit", "3", "--format", "json").out)

    assert len(found) == 3
    assert all(f["quote"] == SONY.read_bytes().decode()[f["start"] : f["end"]] for f in found)
    assert cli("search", "cookies", "--limit", "2").out.startswith("1. ")


def test_a_version_and_a_day_choose_the_text(cli: Cli, tmp_path: Path) -> None:
    for version in ("2020-12-09", "2021-06"):
        file = tmp_path / f"acme__{version}.txt"
        file.write_text("We sell your personal data.", encoding="utf-8")
    where = ("--policies", tmp_path, "--index", tmp_path / "index", "--format", "json")
    old = json.loads(cli("ask", QUESTION, *where, "--version", "2020-12-09").out)
    then = json.loads(cli("ask", QUESTION, *where, "--as-of", "2021-05-31").out)
    new = json.loads(cli("ask", QUESTION, *where).out)

    assert [a["version"] for a in (old, then, new)] == ["2020-12-09", "2020-12-09", "2021-06"]


# --- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["ask", QUESTION, "--policy", "sony-moble"], "Did you mean sony-mobile?",
                     id="unknown-policy"),
        pytest.param(["ask", QUESTION, "--policy", "zzz"], "sony-mobile", id="policy-like-none"),
        pytest.param(["ask", QUESTION, "--version", "1999"], "Versions: 2020-01", id="version"),
        pytest.param(["ask", QUESTION, "--as-of", "2001-01-01"], "--version 2020-01",
                     id="before-the-oldest"),
        pytest.param(["ask", QUESTION, "--as-of", "yesterday"], "not a date", id="no-date"),
        pytest.param(["ask", "  \n"], "blank", id="blank"),
        pytest.param(["ask", "Do you\asell?"], "U+0007", id="control-character"),
        pytest.param(["ask", "x" * 10_000], "10000 characters", id="too-long"),
        pytest.param(["ask", QUESTION, "--policies", "/gone"], "/gone", id="no-folder"),
        pytest.param(["policies", "--policies", "/gone"], "/gone", id="no-folder-to-list"),
        pytest.param(["show", "sony-mobile", "no-such-section"], "no-such-section", id="section"),
        pytest.param(["show", "zzz"], "zzz", id="show-unknown-policy"),
        pytest.param(["search", ""], "blank", id="search-for-nothing"),
        pytest.param(["answer", "--questions", "/gone.jsonl", "--output", "-"], "/gone.jsonl",
                     id="no-questions"),
    ],
)  # fmt: skip
def test_a_users_error_is_one_message_and_exit_code_1(
    cli: Cli, arguments: list[str], said: str
) -> None:
    refused = cli(*arguments)

    assert (refused.code, refused.out) == (1, "")
    assert said in refused.err
    assert "Traceback" not in refused.err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["ask", QUESTION, "--format", "xml"], id="format"),
        pytest.param(["ask"], id="no-question"),
        pytest.param(["ask", QUESTION, "--colour"], id="unknown-option"),
        pytest.param(["search", "x", "--limit", "0"], id="limit"),
        pytest.param(["fly"], id="unknown-command"),
    ],
)
def test_wrong_usage_is_exit_code_2(cli: Cli, arguments: list[str]) -> None:
    refused = cli(*arguments)

    assert (refused.code, refused.out) == (2, "")
    assert "Traceback" not in refused.err


def test_the_real_command_exits_1_and_2() -> None:
    unknown = real("ask", QUESTION, "--policy", "sony-moble")
    usage = real("ask", QUESTION, "--format", "xml")

    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.count("\n") == 1
    assert (usage.code, usage.out) == (2, "")


def test_an_argument_that_is_not_utf_8_is_refused() -> None:
    refused = real("ask", b"Do you sell \xff?")

    assert (refused.code, refused.out) == (1, "")
    assert "U+DCFF" in refused.err


def test_a_reader_that_has_seen_enough_gets_no_traceback() -> None:
    with subprocess.Popen(
        [*COMMAND, "show", "sony-mobile"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=REPOSITORY,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read().decode()

    assert errors == ""


# --- what is there -------------------------------------------------------------------------------


def test_policies_lists_ids_versions_and_licences(cli: Cli) -> None:
    listed = cli("policies")

    assert listed.code == 0
    assert "sony-mobile  Sony Mobile Privacy Policy" in listed.out
    assert "2022-09-01" in listed.out


def test_show_prints_a_tree_and_one_section_of_it(cli: Cli) -> None:
    tree = cli("show", "sony-mobile").out
    section = cli("show", "sony-mobile", "1-personal-data-that-we-collect")
    raw = cli("show", "sony-mobile", "1-personal-data-that-we-collect", "--raw").out

    assert "[1-personal-data-that-we-collect]" in tree
    assert section.code == 0
    assert raw in SONY.read_bytes().decode()
    assert section.out.rstrip("\n") == raw


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"Acme\r\n\r\n1. Data\r\n\r\nWe keep your data.\r\n", id="crlf"),
        pytest.param(b"\xef\xbb\xbf# Acme\n\nWe keep your data.\n", id="bom"),
        pytest.param("We keep your data 🙂\u2028and\u00a0yours.".encode(), id="separators"),
    ],
)
def test_raw_is_the_file_byte_for_byte(
    tmp_path: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
    payload: bytes,
) -> None:
    (tmp_path / "acme__2024.txt").write_bytes(payload)
    arguments = ["show", "acme", "--raw", "--policies", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["policy-assistant", *arguments])
    with pytest.raises(SystemExit) as end:
        main()

    assert not end.value.code
    assert capsysbinary.readouterr().out == payload


def test_help_policies_and_show_load_nothing_heavy() -> None:
    code = (
        "import sys\nfrom assistant.cli import app\n"
        "for line in (['--help'], ['ask', '--help'], ['policies'], ['show', 'sony-mobile']):\n"
        "    try:\n        app(line)\n"
        "    except SystemExit as end:\n        assert not end.code\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY
    ).stderr.split()

    assert "assistant.cli" in loaded
    heavy = {"torch", "transformers", "faiss", "gradio", "sentence_transformers", "onnxruntime"}
    assert not heavy & set(loaded)


# --- a user's own folder -------------------------------------------------------------------------


def test_a_folder_of_ones_own_end_to_end(cli: Cli, tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    policies.mkdir()
    where = ("--policies", policies, "--index", tmp_path / "index", "--format", "json")
    text = "We sell your email address to advertisers 🙂 مرحبا."
    (policies / "acme.txt").write_text(text, encoding="utf-8")

    answer = json.loads(cli("ask", "Do you sell my email address?", *where).out)
    assert (answer["policy"], answer["status"]) == ("acme", "answered")
    assert [c["quote"] for c in answer["citations"]] == [text]
    [passage] = answer["passages"]
    assert text[passage["start"] : passage["end"]] == text

    for question in (
        "Do you sell my email? " * 90,  # 2,000 characters
        "🙂🙂🙂",
        "هل تبيعون بياناتي الشخصية؟",
        "Do you sell \u202emy email\u202c?",
        "?",
        "a",
    ):
        asked = cli("ask", question, *where)
        assert asked.code == 0, asked.err
        assert json.loads(asked.out)["question"] == question


def test_of_several_policies_one_must_be_said(cli: Cli, tmp_path: Path) -> None:
    for name in ("alpha", "omega"):
        (tmp_path / f"{name}.txt").write_text("We sell your email address.", encoding="utf-8")
    where = ("--policies", tmp_path, "--index", tmp_path / "index", "--format", "json")

    assert "--policy: alpha, omega" in cli("ask", "Is my email sold?", *where).err
    named = cli("ask", "Does Omega sell my email address?", *where)
    said = cli("ask", "Does Omega sell my email address?", *where, "--policy", "alpha")
    assert [json.loads(a.out)["policy"] for a in (named, said)] == ["omega", "alpha"]


# --- chat ----------------------------------------------------------------------------------------


def test_a_chat_understands_a_follow_up_and_ends_with_quit() -> None:
    lines = "Do you use cookies?\nCan I turn them off?\n\a\nquit\nDo you sell my data?\n"
    chat = real("chat", stdin=lines)

    assert chat.code == 0
    assert chat.out.startswith("Ask what the Sony Mobile Privacy Policy")
    assert chat.out.count("[1] ") >= 2
    assert "control character" in chat.out
    assert "sell" not in chat.out.partition("control character")[2]


def test_app_py_takes_the_flags_of_serve() -> None:
    done = subprocess.run(
        [sys.executable, "app.py", "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "Open the page for browsers" in done.stdout


# --- no connections ------------------------------------------------------------------------------

NO_SOCKETS = """
import socket
def refuse(*arguments):
    raise AssertionError("a connection was opened")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = refuse
"""


def test_asking_opens_no_connection(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_SOCKETS, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(REPOSITORY)])
    ended = subprocess.run(
        [*_own_network(), *COMMAND, "ask", QUESTION],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": path},
        timeout=300,
    )

    assert ended.returncode == 0, ended.stderr
    assert "[1]" in ended.stdout


def _own_network() -> list[str]:
    """A prefix that runs a command without any network, where that is permitted."""
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "-rn", "true"], capture_output=True).returncode:
        return []
    return [unshare, "-rn"]
