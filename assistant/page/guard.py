"""What comes in and goes out: hosts, sizes, endpoints that are used, security headers."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.page.headers import with_headers
from assistant.page.own import MAX_BYTES
from assistant.page.tabs import LOGIN, MAX_FILE, OWN_PATH, Tab, tab_of
from assistant.settings import Settings

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]/@\s]+)(?::\d+)?")
_STREAM = "/gradio_api/queue/data"


class Refused(Exception):
    """A request that is not let through; the guard, before all, tells the browser."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Guard:
    """Stands before the whole app: hosts, origins and headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._hosts = frozenset(host.lower() for host in settings.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})  # none is used
            return
        guarded = with_headers(send, self._settings, tab_of(scope["path"]))
        try:
            self._check(scope)
            await self._app(scope, receive, guarded)
        except Refused as refused:
            await _refuse(guarded, refused)

    def _check(self, scope: Scope) -> None:
        """Whether the request may go on.

        Raises:
            Refused: it may not.
        """
        headers = Headers(scope=scope)
        self._check_host(headers.get("host", ""))
        origin = headers.get("origin", f"//{headers['host']}")
        is_reading = scope["method"] in ("GET", "HEAD")
        if not is_reading and urlsplit(origin).netloc.lower() != headers["host"].lower():
            raise Refused(403, "Another site may not send this.")

    def _check_host(self, host: str) -> None:
        match = _HOST.fullmatch(host)
        if match is None or match[1].lower() not in self._hosts:
            raise Refused(
                400,
                "This page does not answer to that host name. If it should, add the name to the "
                "setting allowed_hosts.",
            )


class Doors:
    """Stands behind the wall: only what something uses is there, and bodies have their limits."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._has_login = settings.asks_login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        tab = tab_of(scope["path"])
        self._check(scope, tab)
        body = receive if scope["method"] != "POST" else await _read(receive, scope["path"])
        if scope["path"] == tab.path:
            await RedirectResponse(_home(scope, tab), 307)(scope, body, send)
        elif tab.below(scope["path"]) == _STREAM:
            await self._stream(scope, body, send)
        else:
            await self._app(scope, body, send)

    def _check(self, scope: Scope, tab: Tab) -> None:
        """Whether there is anything at that address.

        Raises:
            Refused: there is not, or it takes less than is sent.
        """
        is_there = scope["path"] == tab.path or tab.allows(scope["method"], scope["path"])
        if not is_there or (tab is LOGIN and not self._has_login):
            raise Refused(404, "There is nothing here. The page is at /.")
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > _body_limit(scope["path"]):
            raise _too_large(scope["path"])

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Gradio's stream of answers; of a session that it does not know it says so, and raises."""
        try:
            await self._app(scope, receive, send)
        except RuntimeError as error:
            if not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body", "body": b""})


def _home(scope: Scope, tab: Tab) -> str:
    """A tab's address with the slash that Gradio wants, and with what was asked for."""
    query = scope["query_string"].decode("latin-1")
    return f"{tab.home}?{query}" if query else tab.home


def _body_limit(path: str) -> int:
    return tab_of(path).body_limit(path)


def _too_large(path: str) -> Refused:
    limit = _body_limit(path)
    if path == OWN_PATH:
        return Refused(413, f"The file is too large: up to {MAX_BYTES // 1024} kB are read.")
    if limit == MAX_FILE:
        return Refused(413, f"The file is too large: up to {limit // 1024**2} MB are read.")
    return Refused(413, "That is too long. A question may have 4,000 characters. Shorten it.")


async def _read(receive: Receive, path: str) -> Receive:
    """The whole body, to be received again; what has no length is measured here.

    Raises:
        Refused: it is longer than it may be.
    """
    chunks: list[bytes] = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
        if sum(map(len, chunks)) > _body_limit(path):
            raise _too_large(path)
    whole: list[Message] = [{"type": "http.request", "body": b"".join(chunks)}]

    async def again() -> Message:
        return whole.pop() if whole else await receive()

    return again


async def _refuse(send: Send, refused: Refused) -> None:
    body = json.dumps({"detail": str(refused)}).encode("utf-8")
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode("ascii")),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
