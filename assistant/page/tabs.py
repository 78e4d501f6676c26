"""The tabs: where each is, what browsers may reach of it, and what its page loads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from assistant.page.own import MAX_BYTES

MAX_BODY = 256 * 1024  # bytes; a question has 4,000 characters, five earlier ones come along
MAX_FILE = 10 * 1024 * 1024  # bytes that the endpoints of a tab for staff take
OWN_PATH = "/own"

_PAGE = Path(__file__).parent
_GRADIO_GET = r"/|/theme\.css|/robots\.txt|/favicon\.ico|/static/.+|/assets/.+"
_GRADIO_POST = r"/gradio_api/(?:queue/join|run/predict)"
_OF_STAFF_GET = rf"{_GRADIO_GET}|/page/[\w.-]+|/gradio_api/(?:queue/data|heartbeat/\w+)|/api/.+"
_OF_STAFF_POST = rf"{_GRADIO_POST}|/gradio_api/cancel|/api/.+"


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of the navigation; all its addresses begin with its path.

    Attributes:
        path: where its Gradio app is mounted, without a slash at the end; "" for Ask.
        label: what the navigation calls it.
        reads: what may be fetched below its path; everything else is answered with 404.
        writes: what may be posted below its path.
        static: the folder of its own scripts and styles, served below its path as /page/NAME.
        files: those of them that its page loads.
    """

    path: str
    label: str
    reads: re.Pattern[str]
    writes: re.Pattern[str]
    static: Path
    files: tuple[str, ...]

    @property
    def home(self) -> str:
        """The address of its page."""
        return f"{self.path}/"

    def below(self, path: str) -> str:
        """An address of its own without the tab's path."""
        return path.removeprefix(self.path)

    def allows(self, method: str, path: str) -> bool:
        """Whether something uses that address; what nothing uses is not there."""
        allowed = {"GET": self.reads, "HEAD": self.reads, "POST": self.writes}.get(method)
        return allowed is not None and allowed.fullmatch(self.below(path)) is not None

    def body_limit(self, path: str) -> int:
        """Bytes that a request to an address may bring."""
        if path == OWN_PATH:
            return MAX_BYTES + 1024
        return MAX_FILE if self.path and self.below(path).startswith("/api/") else MAX_BODY


# All that the browser uses; Gradio's other endpoints (uploads, files, monitoring, its own API
# pages, one-shot calls) answer as if they were not there.
ASK = Tab(
    path="",
    label="Ask",
    reads=re.compile(
        rf"{_GRADIO_GET}|/page/[\w.-]+|/policy/[^/]+/[^/]+|/gradio_api/queue/data"
    ),
    writes=re.compile(rf"{_GRADIO_POST}|/own|/own/close|/feedback"),
    static=_PAGE / "static",
    files=("page.css", "page.js"),
)  # fmt: skip
LOOKUP = Tab(
    path="/lookup",
    label="Look up",
    reads=re.compile(_OF_STAFF_GET),
    writes=re.compile(_OF_STAFF_POST),
    static=_PAGE / "lookup" / "static",
    files=("lookup.css", "lookup.js", "search.js", "approved.js", "many.js", "versions.js"),
)
EVALUATE = Tab(
    path="/evaluate",
    label="Evaluate",
    reads=re.compile(_OF_STAFF_GET),
    writes=re.compile(_OF_STAFF_POST),
    static=_PAGE / "evaluate" / "static",
    files=("evaluate.css", "evaluate.js"),
)
LOGIN = Tab(  # no tab of the navigation
    path="/login",
    label="Log in",
    reads=re.compile(r"/|/oidc|/oidc/callback"),
    writes=re.compile(r"/|/out"),
    static=_PAGE / "static",
    files=(),
)
TABS = (ASK, LOOKUP, EVALUATE)
STAFF_TABS = (LOOKUP, EVALUATE)


def tab_of(path: str) -> Tab:
    """The tab that an address belongs to; Ask has everything that is no other's."""
    for tab in (*STAFF_TABS, LOGIN):
        if path == tab.path or path.startswith(tab.home):
            return tab
    return ASK
