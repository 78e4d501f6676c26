"""What comes in and goes out: hosts, sizes, endpoints that are used, security headers."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.page.own import MAX_BYTES
from assistant.page.shell import shell
from assistant.settings import Settings

MAX_BODY = 256 * 1024  # bytes; a question has 4,000 characters, five earlier ones come along
OWN_PATH = "/own"
STREAM_PATH = "/gradio_api/queue/data"

# All that the browser uses; Gradio's other endpoints (uploads, files, monitoring, its own API
# pages, one-shot calls) answer as if they were not there.
_GET = re.compile(
    r"/|/theme\.css|/robots\.txt|/favicon\.ico|/static/.+|/assets/.+|/page/[\w.-]+"
    r"|/policy/[^/]+/[^/]+|/gradio_api/queue/data"
)
_POST = re.compile(r"/own|/own/close|/feedback|/gradio_api/(?:queue/join|run/predict)")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]/@\s]+)(?::\d+)?")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class Refused(Exception):
    """A request that is not let through."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Guard:
    """Stands before the whole app."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._hosts = frozenset(host.lower() for host in settings.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no websocket is used
        guarded = _with_headers(send, self._settings)
        try:
            self._check(scope)
            body = receive if scope["method"] != "POST" else await _read(receive, scope["path"])
            if scope["path"] == "/":
                await self._page(scope, body, send)
            elif scope["path"] == STREAM_PATH:
                await self._stream(scope, body, guarded)
            else:
                await self._app(scope, body, guarded)
        except Refused as refused:
            await _refuse(guarded, refused)

    def _check(self, scope: Scope) -> None:
        """Whether the request may go on.

        Raises:
            Refused: it may not.
        """
        headers = Headers(scope=scope)
        self._check_host(headers.get("host", ""))
        allowed = _GET if scope["method"] in ("GET", "HEAD") else _POST
        if scope["method"] not in ("GET", "HEAD", "POST") or not allowed.fullmatch(scope["path"]):
            raise Refused(404, "There is nothing here. The page is at /.")
        origin = headers.get("origin", f"//{headers['host']}")
        if scope["method"] == "POST" and urlsplit(origin).netloc.lower() != headers["host"].lower():
            raise Refused(403, "Another site may not send this.")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > _body_limit(scope["path"]):
            raise _too_large(scope["path"])

    def _check_host(self, host: str) -> None:
        match = _HOST.fullmatch(host)
        if match is None or match[1].lower() not in self._hosts:
            raise Refused(
                400,
                "This page does not answer to that host name. If it should, add the name to the "
                "setting allowed_hosts.",
            )

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Gradio's stream of answers; of a session that it does not know it says so, and raises."""
        try:
            await self._app(scope, receive, send)
        except RuntimeError as error:
            if not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body", "body": b""})

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Gradio's page, made ours, with the hashes of its scripts in the policy."""
        plain = [(k, v) for k, v in scope["headers"] if k != b"accept-encoding"]
        collected = _Collected()
        await self._app({**scope, "headers": plain}, receive, collected)
        page = shell(collected.body.decode("utf-8"), self._settings.title)
        body = page.html.encode("utf-8")
        headers = MutableHeaders(raw=[])
        headers["Content-Type"] = "text/html; charset=utf-8"
        headers["Content-Length"] = str(len(body))
        headers["Cache-Control"] = "no-store"
        start = {"type": "http.response.start", "status": collected.status, "headers": headers.raw}
        guarded = _with_headers(send, self._settings, page.script_hashes)
        await guarded(start)
        await guarded(
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


def content_security_policy(settings: Settings, script_hashes: Sequence[str] = ()) -> str:
    """What a page of ours may load and who may frame it.

    Styles may stand inline because Gradio sets them; scripts only those whose hash is known.
    """
    scripts = " ".join(("'self'", *script_hashes))
    ancestors = " ".join(("'self'", *settings.frame_origins))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "base-uri 'self'",
            "form-action 'none'",
            f"frame-ancestors {ancestors}",
        )
    )


def _with_headers(send: Send, settings: Settings, script_hashes: Sequence[str] = ()) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            for name, value in _HEADERS.items():
                headers[name] = value
            headers["Content-Security-Policy"] = content_security_policy(settings, script_hashes)
            if not settings.frame_origins:
                headers["X-Frame-Options"] = "SAMEORIGIN"
            message = {**message, "headers": headers.raw}
        await send(message)

    return guarded


def _body_limit(path: str) -> int:
    return MAX_BYTES + 1024 if path == OWN_PATH else MAX_BODY


def _too_large(path: str) -> Refused:
    if path == OWN_PATH:
        return Refused(413, f"The file is too large: up to {MAX_BYTES // 1024} kB are read.")
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
