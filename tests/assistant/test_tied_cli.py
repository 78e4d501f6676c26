"""A command line that ends with the process that started it, and all its own processes too."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent


def commands_on(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode("utf-8", "replace")
            parent = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
            above = (Path("/proc") / parent / "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue  # it has just ended
        if str(folder) in words or str(folder) in above:
            found.append(words)
    return found


def started(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "assistant.tied_cli", *arguments],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def test_it_is_the_command_line() -> None:
    with started("evaluate", "nobody") as process:
        assert process.stdin is not None
        assert process.wait(60) == 1
        assert process.stderr is not None
        assert b"There is no question set nobody" in process.stderr.read()


def test_when_its_input_is_closed_all_its_processes_end(tmp_path: Path) -> None:
    questions = tmp_path / "long.jsonl"
    lines = ({"id": n, "question": f"Bake {n} cakes", "answerable": False} for n in range(9000))
    questions.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    output = tmp_path / "run"
    with started("evaluate", str(questions), "--output", str(output), "--workers", "2") as process:
        deadline = time.monotonic() + 120
        while not list(output.glob("*.partial")) or len(commands_on(tmp_path)) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) != 0
    deadline = time.monotonic() + 30
    while commands_on(tmp_path):
        assert time.monotonic() < deadline, commands_on(tmp_path)
        time.sleep(0.2)
