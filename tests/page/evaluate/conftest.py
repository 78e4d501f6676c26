"""A server whose runs and audit lines are the tests' own, and sets that are quickly asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.evaluation.questions import SETS
from tests.page.conftest import PageServer

WITHIN_S = 120.0  # seconds that a small run may take on a machine that is busy with other things


def small_set(count: int = 6) -> bytes:
    """The first questions of a set that ships, and one that no policy answers."""
    lines = (SETS / "login-gov.jsonl").read_text(encoding="utf-8").splitlines()[:count]
    poem = {"id": "poem", "question": "Write me a poem", "kind": "offtopic", "answerable": False}
    return "\n".join([*lines, json.dumps({**poem, "policy": "login-gov"})]).encode()


def long_set(count: int) -> bytes:
    questions = (
        {"id": n, "question": f"How do I bake {n} cakes?", "kind": "offtopic", "answerable": False}
        for n in range(count)
    )
    return "\n".join(json.dumps(question) for question in questions).encode()


def until(is_so: Callable[[], bool], *, within_s: float = WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.1)


def processes_on(folder: Path) -> list[str]:
    """The commands of running processes that name the folder, the server's own left out."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue  # it has just ended
        if str(folder) in " ".join(words) and "serve" not in words:
            found.append(" ".join(words))
    return found


@dataclass
class Evaluating:
    """A server, its folder of runs, and what a browser sends it."""

    server: PageServer
    runs: Path
    audit: Path

    @classmethod
    def opened(cls, folder: Path) -> Evaluating:
        runs, audit = folder / "runs", folder / "audit.jsonl"
        return cls(PageServer("--runs", str(runs), "--audit", str(audit)), runs, audit)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.server.url}/evaluate/api{path}", timeout=60)

    def post(self, path: str, data: bytes = b"", **fields: str) -> httpx.Response:
        address = f"{self.server.url}/evaluate/api{path}"
        return httpx.post(address, params=fields, content=data, timeout=60)

    def status(self) -> dict[str, Any]:
        return self.get("/status").json()

    def start(self, name: str, data: bytes) -> str:
        begun = self.post("/evaluate", data, name=name, is_file="true")
        assert begun.status_code == 200, begun.text
        return begun.json()["id"]

    def run(self, name: str, data: bytes) -> str:
        """The id of the run that a set becomes."""
        self.start(name, data)
        until(lambda: self.status()["state"] != "running")
        status = self.status()
        assert status["state"] == "finished", status
        return status["run"]

    def cancel(self) -> httpx.Response:
        return self.post(f"/cancel/{self.status()['id']}")

    def kept(self) -> list[str]:
        """Everything in the folder of runs, what is only being made too."""
        return sorted(path.name for path in self.runs.iterdir()) if self.runs.exists() else []

    def audited(self) -> list[dict[str, Any]]:
        if not self.audit.exists():
            return []
        return [json.loads(line) for line in self.audit.read_text("utf-8").splitlines()]


@pytest.fixture(scope="session")
def evaluating(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evaluating]:
    started = Evaluating.opened(tmp_path_factory.mktemp("evaluating"))
    yield started
    started.server.stop()
