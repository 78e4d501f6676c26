"""The README says what is so: its commands run, its figures and example are measured ones."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.render import Format, render_answer
from assistant.settings import NAMES, PREFIX
from benchmarks.figures import EXAMPLE, generated

REPOSITORY = Path(__file__).parent.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    [line for line in block.splitlines() if line.startswith("policy-assistant ")]
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
]


def run(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_are_commands_to_run() -> None:
    assert sum(map(len, BLOCKS)) >= 7


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block[0].split()[1])
def test_commands_of_the_readme_run_in_their_order(block: list[str]) -> None:
    for command in block:
        done = run(["-m", "assistant.cli", *shlex.split(command)[1:]])
        assert done.returncode == 0, (command, done.stderr)
        assert "Traceback" not in done.stderr


def test_python_example_of_the_readme_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    cache = os.environ[f"{PREFIX}CACHE"]
    done = run(["-c", example], XDG_CACHE_HOME=cache)
    assert done.returncode == 0, done.stderr
    assert "sell" in done.stdout


def test_figures_and_example_are_those_of_the_committed_results() -> None:
    assert generated(README) == README


def test_the_example_is_what_the_command_prints_today(assistant: Assistant) -> None:
    command, _, printed = EXAMPLE.read_text(encoding="utf-8").partition("\n")
    question = shlex.split(command)[-1]
    assert render_answer(assistant.ask(question), Format.TEXT).strip() == printed.strip()


def test_every_setting_of_the_environment_is_in_the_readme() -> None:
    assert "port" in NAMES
    for name in (*NAMES, "config"):
        assert f"| `{PREFIX}{name.upper()}` |" in README


def test_every_flag_of_serve_is_in_the_readme() -> None:
    shown = run(["-m", "assistant.cli", "serve", "--help"], COLUMNS="200").stdout
    flags = set(re.findall(r"--[a-z][a-z-]+", shown)) - {"--help", "--no-own-policies"}
    assert {"--port", "--frame-origins"} <= flags
    for flag in flags:
        assert f"| `{flag}` |" in README


def test_every_make_target_that_the_readme_names_exists() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z]+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
