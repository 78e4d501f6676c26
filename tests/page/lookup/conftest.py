"""A server whose approved answers and audit lines are the tests' own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.page.conftest import NewVisit, PageServer, Visit

WITHIN_MS = 90_000

POLICY = """# Acme <b>Privacy</b> Policy

## 1. Sharing <img src=x onerror="document.title='taken'">

We never sell your personal data to anybody <script>document.title = "taken"</script>. We share it
with our hosting provider.

## 2. Keeping

We keep your data for one year after you close your account.
"""


@dataclass
class Desk:
    """A folder with a policy, and the server over it."""

    folder: Path
    server: PageServer

    @classmethod
    def opened(cls, folder: Path, *flags: str, **versions: str) -> Desk:
        policies = folder / "policies"
        policies.mkdir(parents=True, exist_ok=True)
        for date, text in versions.items():
            name = date.removeprefix("v").replace("_", "-")
            (policies / f"acme__{name}.md").write_text(text, encoding="utf-8")
        server = PageServer(
            "--policies", str(policies), "--index", str(folder / "index"),
            "--approved", str(folder / "approved.sqlite3"), "--audit", str(folder / "audit.jsonl"),
            *flags,
        )  # fmt: skip
        return cls(folder, server)

    @property
    def url(self) -> str:
        return self.server.url

    def events(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.folder / "audit.jsonl").read_text().splitlines()]


@pytest.fixture
def new_visit(new_visit: NewVisit) -> NewVisit:
    """Visits that wait longer: lists of hundreds of questions keep a small machine busy."""

    def make(*arguments: Any, **options: Any) -> Visit:
        visit = new_visit(*arguments, **options)
        visit.page.set_default_timeout(WITHIN_MS)
        return visit

    return make


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk.opened(tmp_path, v2024_05_01=POLICY)
    yield opened
    opened.server.stop()
