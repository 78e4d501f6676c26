"""A real server and a real headless Chromium; without Chromium these tests fail, never skip."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from assistant.settings import PREFIX

REPOSITORY = Path(__file__).parent.parent.parent
START_WITHIN_S = 240.0  # seconds; a first run builds the index of everything that ships
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-pings",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
    "--disable-sync", "--disable-domain-reliability",
]  # fmt: skip


class PageServer:
    """`policy-assistant serve` in a process of its own."""

    def __init__(
        self,
        *flags: str,
        command: tuple[str, ...] = ("-m", "assistant.cli", "serve"),
        **settings: str,
    ) -> None:
        self.data = TemporaryDirectory()  # where it keeps what no setting puts elsewhere
        environment = {
            **os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1",
            "XDG_DATA_HOME": self.data.name,
            **{PREFIX + name.upper(): value for name, value in settings.items()},
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, *command, "--port", "0", *flags],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []
        self.url = self._wait_until_ready()

    def _wait_until_ready(self) -> str:
        assert self.process.stderr is not None
        deadline = time.monotonic() + START_WITHIN_S
        for line in self.process.stderr:
            self.said.append(line)
            ready = re.search(r"Ready: (\S+)", line)
            if ready:
                return ready[1]
            assert time.monotonic() < deadline, self.said
        raise AssertionError(f"the server ended: {self.said}")

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=20)
        self.said.append(errors)
        self.data.cleanup()
        return self.process.returncode

    def ask(self, *data: object) -> dict[str, object]:
        """One event over the queue's HTTP, as Gradio's own client does it; its final message."""
        return ask_over_http(self.url, list(data))


def gradio_config(url: str) -> dict[str, object]:
    html = httpx.get(f"{url}/").text
    return json.JSONDecoder().raw_decode(html.split("window.gradio_config = ", 1)[1])[0]


def ask_over_http(url: str, data: list[object], session: str = "test") -> dict[str, object]:
    (asking,) = [d for d in gradio_config(url)["dependencies"] if len(d["inputs"]) == len(data)]  # type: ignore[attr-defined,index]
    event = {"data": data, "fn_index": asking["id"], "session_hash": session, "trigger_id": None}
    joined = httpx.post(f"{url}/gradio_api/queue/join", json=event, timeout=30)
    if joined.status_code != 200:
        return {"status": joined.status_code, **joined.json()}
    address = f"{url}/gradio_api/queue/data?session_hash={session}"
    with httpx.stream("GET", address, timeout=30) as messages:
        for line in messages.iter_lines():
            message = json.loads(line.removeprefix("data: ")) if line else {}
            if message.get("msg") == "process_completed":
                return message
    raise AssertionError("the stream ended without an answer")


@dataclass
class Visit:
    """A browser's page, with everything that it requested and complained about."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: object) -> None:
        if message.type in ("error", "warning"):  # type: ignore[attr-defined]
            self.complaints.append(message.text)  # type: ignore[attr-defined]

    def open(self, query: str = "") -> Visit:
        self.page.goto(f"{self.url}/{query}")
        self.page.wait_for_selector("body.pa-ready")
        return self

    def type(self, question: str) -> None:
        """Asks without waiting for the answer."""
        self.page.fill("#pa-question textarea", question)
        self.page.press("#pa-question textarea", "Enter")

    def ask(self, question: str) -> object:
        """The turn that answers a question."""
        before = self.turns.count()
        self.type(question)
        return self.turn(before)

    @property
    def turns(self):  # type: ignore[no-untyped-def]
        return self.page.locator("#pa-log .pa-turn:not(.pa-waiting)")

    def turn(self, number: int):  # type: ignore[no-untyped-def]
        turn = self.turns.nth(number)
        turn.wait_for()
        return turn

    def marked(self) -> str:
        """The highlighted words of the panel, white space evened out."""
        self.page.wait_for_selector("#pa-panel mark")
        return words_of("".join(self.page.locator("#pa-panel mark").all_text_contents()))

    def strangers(self) -> list[str]:
        """Requests to any other host."""
        ours = urlsplit(self.url).netloc
        return [u for u in self.requests if urlsplit(u).netloc not in (ours, "")]


def words_of(text: str) -> str:
    """Letters and digits only: white space and signs of markup may differ."""
    return "".join(c for c in text if c.isalnum())


@pytest.fixture(scope="session")
def server() -> Iterator[PageServer]:
    """The page as it is installed: nothing is kept."""
    started = PageServer()
    yield started
    started.stop()


@dataclass(frozen=True)
class Site:
    """A server with policies of its own, where feedback is kept and other sites may frame it."""

    server: PageServer
    feedback: Path
    folder: Path


HOSTILE = """# <script>document.title = "taken"</script> Hostile *Policy*

Welcome <img src="https://tracker.example/a.png" onerror="document.title='taken'"> to us.

## Sharing ![pixel](https://tracker.example/b.png)

We share your personal data with advertising partners <script>document.title = "taken"</script>
and with [our friends](javascript:document.title='taken') &lt;b&gt;.

- We sell your e-mail address to data brokers 😀 with an emoji before *this* word.
- You can delete your data by writing to <privacy@hostile.example>.

| Kind of data | How long we keep it |
|---|---|
| Location <iframe src="https://tracker.example/c"></iframe> | We keep location data for 90 days. |
| E-mail | We keep your e-mail address for two years. |
"""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "policies").mkdir()
    (folder / "policies" / "hostile__2024-05-01.md").write_text(HOSTILE, encoding="utf-8")
    feedback = folder / "kept" / "feedback.sqlite3"
    started = PageServer(
        "--policies", str(folder / "policies"), "--index", str(folder / "index"),
        "--keep-feedback-days", "30", "--feedback", str(feedback),
        "--frame-origins", "http://127.0.0.1:*,https://shop.example",
    )  # fmt: skip
    yield Site(started, feedback, folder)
    started.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium, "Chromium is missing. Install it: apt-get install chromium"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


NewVisit = Callable[..., Visit]


@pytest.fixture
def new_visit(browser: Browser) -> Iterator[NewVisit]:
    """Makes visits; afterwards none of them has left the host or complained."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def make(url: str, *, width: int = 1280, height: int = 900, scheme: str = "light") -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.set_default_timeout(15000)
        contexts.append(context)
        visits.append(Visit(context.new_page(), url))
        return visits[-1]

    yield make
    for context in contexts:
        context.close()
    for visit in visits:
        assert visit.strangers() == []
        assert visit.complaints == []


@pytest.fixture
def visit(new_visit: NewVisit, server: PageServer) -> Visit:
    """A visit of the page as it is installed, opened."""
    return new_visit(server.url).open()
