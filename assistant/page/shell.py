"""Gradio's HTML page to ours: its boilerplate out, our bar and files in, scripts by hash."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.page.access.visitor import CAN_LOG_OUT, visitor_in
from assistant.page.headers import content_security_policy
from assistant.page.markup import Markup, element
from assistant.page.navigation import navigation_html
from assistant.page.tabs import ASK, STAFF_TABS, TABS, Tab, tab_of
from assistant.settings import Settings

_SOCIAL = re.compile(r"[ \t]*<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*>\s*", re.DOTALL)
_FRAME_SCRIPT = re.compile(
    r"<script>\s*\(\(\) => \{(?:(?!</script>).)*iframeResizer(?:(?!</script>).)*</script>",
    re.DOTALL,
)
_MANIFEST = re.compile(r"<link rel=\"manifest\"[^>]*>")
_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
_BODY = re.compile(r"<body[^>]*>")


@dataclass(frozen=True, slots=True)
class Shell:
    """The page as it is sent, and the hashes of the scripts that stand in it."""

    html: str
    script_hashes: tuple[str, ...]


class PageShell:
    """Makes the page of each tab ours; everything else passes as it is."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        tab = tab_of(path)
        if tab not in TABS or path != tab.home:
            await self._app(scope, receive, send)
            return
        plain = [(k, v) for k, v in scope["headers"] if k != b"accept-encoding"]
        collected = _Collected()
        await self._app({**scope, "headers": plain}, receive, collected)
        bar = None if _is_embedded(scope) else _bar(scope, tab)
        page = shell(collected.body.decode("utf-8"), self._settings.title, tab, bar)
        body = page.html.encode("utf-8")
        headers = MutableHeaders(raw=[])
        headers["Content-Type"] = "text/html; charset=utf-8"
        headers["Content-Length"] = str(len(body))
        headers["Cache-Control"] = "no-store"
        headers["Content-Security-Policy"] = content_security_policy(
            self._settings, tab, page.script_hashes
        )
        start = {"type": "http.response.start", "status": collected.status, "headers": headers.raw}
        await send(start)
        await send(
            {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body}
        )


class _Collected:
    """Takes a response instead of sending it."""

    def __init__(self) -> None:
        self.status = 500
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.body += message.get("body", b"")


def shell(html: str, title: str, tab: Tab, bar: Markup | None) -> Shell:
    """Gradio's page with a title, our bar, styles and scripts, and nothing that calls elsewhere."""
    for boilerplate in (_SOCIAL, _FRAME_SCRIPT, _MANIFEST):
        html = boilerplate.sub("", html)
    head = element("title", title_of(tab, title)) + head_html(tab)
    html = html.replace("</head>", head + "</head>", 1)
    # Gradio's own files are the same in every tab: one address, so that browsers keep them once.
    html = html.replace('="./assets/', '="/assets/')
    if bar is not None:
        html = _BODY.sub(lambda body: body[0] + bar, html, count=1)
    return Shell(html, tuple(_hash(script[1]) for script in _SCRIPT.finditer(html)))


def title_of(tab: Tab, title: str) -> str:
    """What the browser calls a tab's page."""
    return title if tab is ASK else f"{tab.label} · {title}"


def head_html(tab: Tab | None) -> Markup:
    """Icon, styles and scripts: those of every page, and the tab's own."""
    files = [(ASK, "icon.svg"), (ASK, "page.css")]
    files += [(ASK, "talking.js")] if tab in STAFF_TABS else []
    files += [(tab, name) for name in tab.files] if tab is not None else []
    return Markup("".join(_loaded(static_url(*file)) for file in dict.fromkeys(files)))


def _loaded(address: str) -> Markup:
    if ".js?" in address:
        return element("script", src=address, defer=True)
    if ".svg?" in address:
        return Markup(f'<link rel="icon" href="{address}" type="image/svg+xml">')
    return Markup(f'<link rel="stylesheet" href="{address}">')


@cache
def static_url(tab: Tab, name: str) -> str:
    """Where a file of a tab is; it changes with the file, so that browsers may keep it."""
    digest = hashlib.sha256((tab.static / name).read_bytes()).hexdigest()[:12]
    return f"{tab.path}/page/{name}?v={digest}"


def _bar(scope: Scope, tab: Tab) -> Markup:
    is_ours = bool(scope.get(CAN_LOG_OUT))
    return navigation_html(tab, visitor_in(scope).name, can_log_out=is_ours)


def _is_embedded(scope: Scope) -> bool:
    """Whether another site shows the page in a frame, which has a navigation of its own."""
    return bool(parse_qs(scope["query_string"].decode("latin-1")).get("embed"))


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
