"""Kills, full disks, damaged and foreign folders: finished work stays, and the mend is named."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant import Assistant
from assistant.batch import BatchOptions, answer_file
from assistant.cli import main
from index.build import build_index, content_key, ensure_version, entry_name
from index.retriever import PassageIndex
from index.store import Store
from policy_text.library import Library

# The model is exported before the first command: what that says is no part of these tests.
pytestmark = pytest.mark.usefixtures("assistant")

REPOSITORY = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "assistant.cli"]
QUESTION = "Do you use cookies?"
TEXT = """# Acme privacy policy

## Selling

We never sell your personal information to anyone.

## Cookies

We use cookies to remember that you are signed in.
"""
WITHOUT_COOKIES = TEXT.replace("remember that you are signed in", "count helicopters")

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command in this process: exit code, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["policy-assistant", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def where(tmp_path: Path) -> list[str]:
    """Options for a folder of two policies, and an index that is not built yet."""
    folder = tmp_path / "policies"
    folder.mkdir()
    for name in ("acme", "beta"):
        write(folder, name, TEXT)
    return ["--policies", str(folder), "--index", str(tmp_path / "index")]


def write(folder: Path, name: str, text: str) -> None:
    beside = folder / f".{name}.new"
    beside.write_text(text, encoding="utf-8")
    beside.replace(folder / f"{name}__2024-01-01.md")


def start(*arguments: object, **more: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        **more,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=300)
    assert "Traceback" not in err
    return process.returncode, out, err


def files_of(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def whole_lines(file: Path) -> list[Any]:
    """What stands in a file of JSON lines, without a last line that a kill tore."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_bytes().split(b"\n")[:-1] if line]


def line_count(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


def without_latency(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**answer, "latency_ms": 0} for answer in answers]


def sixty_questions(file: Path) -> str:
    topics = "cookies location email children deletion advertising".split()
    asks = "Do you use {}?|Who gets my {}?|How long is {} kept?|Can I refuse {}?|Is {} sold?".split(
        "|"
    )
    rows = [
        {"id": f"{topic}-{n}-{again}", "question": question.format(topic)}
        for again in range(2)
        for n, question in enumerate(asks)
        for topic in topics
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    file.write_text(text, encoding="utf-8")
    return text


# --- killed --------------------------------------------------------------------------------------

KILLS_OF_ANSWER = 10
KILLS_OF_INDEX = 40


def test_ten_kills_of_a_batch_lose_no_finished_answer(tmp_path: Path, assistant: Assistant) -> None:
    questions, out = tmp_path / "questions.jsonl", tmp_path / "out.jsonl"
    partial, state = tmp_path / "out.jsonl.partial", tmp_path / "out.jsonl.state"
    text = sixty_questions(questions)
    arguments = ("answer", "--questions", questions, "--output", out, "--resume")
    finished: dict[str, Any] = {}
    delays = random.Random(1)
    for kill in range(1, KILLS_OF_ANSWER + 1):
        process = start(*arguments)
        while line_count(partial) < 4 * kill and process.poll() is None:
            time.sleep(delays.uniform(0.003, 0.015))
        process.kill()
        process.communicate()
        assert not out.exists(), "the run ended before it was killed"
        lines = {answer["id"]: answer for answer in whole_lines(partial)}
        assert finished.items() <= lines.items()  # latency_ms too: none was asked again
        known = {id for id, _ in whole_lines(state)}
        finished = {id: answer for id, answer in lines.items() if id in known}
        assert len(finished) >= 4 * kill - 1
    code, _, err = ended(start(*arguments))
    undisturbed = tmp_path / "undisturbed.jsonl"
    answer_file(assistant, text, "q", undisturbed, BatchOptions())

    assert code == 0, err
    assert f"answered: 60, kept from the earlier run: {len(finished)}." in err
    assert not partial.exists()
    assert without_latency(whole_lines(out)) == without_latency(whole_lines(undisturbed))


def build_until_killed(policies: str, index: str) -> None:
    """Forks a builder for every line that is read: a start would cost a second each."""
    import faiss  # noqa: F401 (once, and not in every fork)
    from conftest import FakeEncoder

    while sys.stdin.readline():
        builder = os.fork()
        if builder == 0:
            for number in range(100_000):
                write(Path(policies), "beta", (TEXT, WITHOUT_COOKIES)[number % 2])
                store = Store(Path(index))
                library = Library(Path(policies))
                build_index(library, FakeEncoder(), store, rebuild=number % 3 == 0)
        print(builder, flush=True)
        os.waitpid(builder, 0)
        print("gone", flush=True)


def test_forty_kills_of_a_build_leave_an_index_that_matches_its_policies(
    tmp_path: Path, where: list[str], fake_encoder: Any
) -> None:
    policies, folder = Path(where[1]), Path(where[3])
    here = os.pathsep.join(
        map(str, [REPOSITORY, REPOSITORY / "tests", REPOSITORY / "tests" / "assistant"])
    )
    call = "import sys, test_robustness; test_robustness.build_until_killed(*sys.argv[1:])"
    delays = random.Random(1)
    matching = 0
    with subprocess.Popen(
        [sys.executable, "-c", call, str(policies), str(folder)],
        env={**os.environ, "PYTHONPATH": here, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        for kill in range(KILLS_OF_INDEX):
            if kill % 10 == 0:
                shutil.rmtree(folder, ignore_errors=True)
            server.stdin.write("build\n")
            server.stdin.flush()
            builder = int(server.stdout.readline())
            time.sleep(delays.uniform(0.002, 0.15))
            os.kill(builder, 9)
            assert server.stdout.readline() == "gone\n"
            matching += opens_or_is_rebuilt(policies, Store(folder), fake_encoder)
        server.stdin.close()
    assert matching > 0, "no build came to its end before it was killed"


def opens_or_is_rebuilt(policies: Path, store: Store, encoder: Any) -> int:
    """How many entries matched their policies at once; the others are built here."""
    library = Library(policies)
    matching = 0
    for info in library.all_versions():
        version = library.version(info)
        if store.keys().get(entry_name(info)) == content_key(version, encoder.id):
            matching += 1
        else:
            ensure_version(version, encoder, store)
        index = PassageIndex.open(version, store, encoder)
        best = index.retrieve("cookies").ranking[0].passage
        assert version.quote(best.span) in version.text
        assert len(index.retrieve("sell").ranking) == len(version.passages)
    return matching


def test_two_builds_at_once_both_succeed(where: list[str], cli: Cli) -> None:
    both = [start("index", *where), start("index", *where)]
    outcomes = [ended(process) for process in both]

    assert [code for code, _, _ in outcomes] == [0, 0]
    assert sorted(out.partition(": ")[2] for _, out, _ in outcomes) == [
        "0 versions encoded, 2 unchanged.\n",
        "2 versions encoded, 0 unchanged.\n",
    ]
    code, out, _ = cli("ask", QUESTION, "--policy", "beta", *where)
    assert code == 0
    assert "remember that you are signed in" in out


# --- a full disk ---------------------------------------------------------------------------------


def files_up_to(size: int) -> Callable[[], None]:
    """Makes a write beyond `size` bytes fail, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_full_disk_ends_a_batch_and_keeps_its_answers(
    tmp_path: Path, assistant: Assistant
) -> None:
    assistant.ask(QUESTION)  # so that the index is there, and only answers are written
    questions, out = tmp_path / "questions.jsonl", tmp_path / "out.jsonl"
    sixty_questions(questions)
    arguments = ("answer", "--questions", questions, "--output", out, "--limit", 20)
    code, _, err = ended(start(*arguments, preexec_fn=files_up_to(60_000)))
    kept = whole_lines(tmp_path / "out.jsonl.partial")

    assert code == 1
    assert f"Cannot write {out}" in err
    assert "--resume" in err
    assert not out.exists()
    assert len(kept) > 2

    code, _, err = ended(start(*arguments, "--resume"))
    assert code == 0, err
    assert whole_lines(out)[: len(kept)] == kept
    assert len(whole_lines(out)) == 20


def test_a_full_disk_ends_a_build_and_the_next_one_goes_on(where: list[str], cli: Cli) -> None:
    code, _, err = ended(start("index", *where, preexec_fn=files_up_to(8_000)))

    assert code == 1
    assert where[3] in err.splitlines()[-1]
    assert not list(Path(where[3]).glob(".new-*"))
    assert cli("index", *where)[0] == 0


# --- a folder that is not as we left it ----------------------------------------------------------


def flip_a_byte_of_vectors(folder: Path) -> None:
    file = min(folder.glob("beta*/*.faiss"))
    payload = bytearray(file.read_bytes())
    payload[-1] ^= 1
    file.write_bytes(payload)


def cut_the_manifest(folder: Path) -> None:
    file = folder / "manifest.json"
    file.write_bytes(file.read_bytes()[:-20])


def remove_an_entry(folder: Path) -> None:
    shutil.rmtree(next(folder.glob("beta*")))


@pytest.mark.parametrize("damage", [flip_a_byte_of_vectors, cut_the_manifest, remove_an_entry])
def test_a_damaged_index_is_refused_and_rebuild_mends_it(
    where: list[str], cli: Cli, damage: Callable[[Path], None]
) -> None:
    cli("index", *where)
    damage(Path(where[3]))
    code, out, err = cli("ask", QUESTION, "--policy", "beta", *where)

    assert (code, out) == (1, "")
    assert "policy-assistant index --rebuild" in err
    assert cli("index", "--rebuild", *where)[0] == 0
    assert cli("ask", QUESTION, "--policy", "beta", *where)[0] == 0


@pytest.mark.parametrize("command", ["ask", "index", "rebuild"])
def test_a_foreign_folder_is_refused_and_untouched(
    tmp_path: Path, where: list[str], cli: Cli, command: str
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "cat.jpg").write_bytes(b"cat")
    (photos / "manifest.json").write_text('{"name": "photos"}', encoding="utf-8")
    before = files_of(photos)
    options = ["--policies", where[1], "--index", photos]
    arguments = {
        "ask": ["ask", QUESTION, "--policy", "acme"],
        "index": ["index"],
        "rebuild": ["index", "--rebuild"],
    }
    code, out, err = cli(*arguments[command], *options)

    assert (code, out) == (1, "")
    assert str(photos) in err
    assert files_of(photos) == before


def test_an_outdated_index_is_built_before_the_answer(where: list[str], cli: Cli) -> None:
    cli("index", *where)
    write(Path(where[1]), "beta", WITHOUT_COOKIES)
    code, out, err = cli("ask", QUESTION, "--policy", "beta", *where)

    assert code == 0
    assert "count helicopters" in out
    assert "Building the index" in err
    again = cli("ask", QUESTION, "--policy", "beta", *where)
    assert again == (0, out, "")


def test_one_bad_policy_is_named_and_the_others_are_built(where: list[str], cli: Cli) -> None:
    (Path(where[1]) / "bad__2024.txt").write_bytes(b"Datenschutz f\xfcr alle")
    code, out, err = cli("index", *where)

    assert code == 1
    assert "2 versions encoded" in out
    assert "bad__2024.txt is not UTF-8 (byte 13)" in err
