"""Starts the page on a port, says when it is ready, and stops cleanly."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from assistant.settings import Settings
from index.build import Progress
from policy_text import UserError

BACKLOG = 128  # connections that wait to be taken
STOP_WITHIN_S = 3  # seconds that open answers get; a browser's open stream would wait for ever


class ServeError(UserError):
    """An address that cannot be listened on."""


def serve(
    settings: Settings,
    *,
    report: Callable[[str], None],
    progress: Progress | None = None,
) -> None:
    """Serves the page until SIGTERM or Ctrl-C.

    Raises:
        UserError: the address is taken, or the assistant cannot be opened.
    """
    listening = _bound(settings)  # first: a taken port is told at once, not after loading
    try:
        from assistant.page.access.access import warnings
        from assistant.page.app import build_app

        for warning in warnings(settings):
            report(warning)
        report("Loading the model and the policies …")
        app = build_app(settings, progress=progress)
        url = f"http://{_shown_host(settings.host)}:{listening.getsockname()[1]}"
        server = _Server(_config(app), lambda: report(f"Ready: {url}"))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop_quietly)  # what uvicorn calls when it has stopped
        server.run(sockets=[listening])
    finally:
        listening.close()
    report("Stopped.")


class _Server(uvicorn.Server):
    """Says when it can be asked."""

    def __init__(self, config: uvicorn.Config, is_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._is_ready = is_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._is_ready()


def _config(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # any ASGI app
        log_level="warning",
        access_log=False,  # links carry questions, and nothing of questions is written down
        server_header=False,
        proxy_headers=False,  # the page itself knows which proxies to believe
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Only where the protocol is named does asyncio switch Nagle's delay of 40 ms off.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(BACKLOG)  # whoever comes while the model loads waits for the page
    except OSError as error:
        listening.close()
        raise ServeError(
            f"Cannot listen on {settings.host}, port {settings.port}: {error.strerror}. Choose "
            "another with --port or --host, or stop the program that uses it."
        ) from error
    return listening


def _shown_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _stop_quietly(number: int, frame: FrameType | None) -> None:
    """The server has stopped by itself; the signal needs no further end."""
