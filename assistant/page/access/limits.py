"""How often an address may do something: the public's questions, and failed logins."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Set
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.page.access.visitor import visitor_in
from assistant.page.tabs import ASK, OWN_PATH, tab_of

_NETWORK = 64  # bits of an IPv6 address; one connection has all addresses that share them
_ONE_SHOT = "/gradio_api/run/predict"
_ANSWERING = frozenset(("/gradio_api/queue/join", _ONE_SHOT, OWN_PATH, "/feedback"))


class Limit:
    """A number of times in a span of time that begins with the first; counted in memory."""

    def __init__(self, rate: str) -> None:
        self._rate: RateLimitItem = parse(rate)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def take(self, key: str) -> int:
        """Counts one more; 0, or the seconds to wait if it is one too many."""
        return 0 if self._limiter.hit(self._rate, key) else self._wait(key)

    def left_to_wait(self, key: str) -> int:
        """The seconds to wait before the next one, which is not counted; 0 if it may come now."""
        return 0 if self._limiter.test(self._rate, key) else self._wait(key)

    def _wait(self, key: str) -> int:
        ends = self._limiter.get_window_stats(self._rate, key).reset_time
        return max(1, math.ceil(ends - time.time()))


class RateLimit:
    """Stands before Ask: all that makes the model work counts."""

    def __init__(self, app: ASGIApp, limit: Limit, free_events: Set[int]) -> None:
        self._app = app
        self._limit = limit
        self._free_events = free_events  # Gradio's ids of events that ask nothing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_answering(scope):
            await self._app(scope, receive, send)
            return
        if scope["path"] == _ONE_SHOT:
            message = await receive()  # the whole body: the guard has read it
            receive = _again(message, receive)
            if _event_of(message) in self._free_events:
                await self._app(scope, receive, send)
                return
        seconds = self._limit.take(network_of(visitor_in(scope).address))
        if not seconds:
            await self._app(scope, receive, send)
            return
        words = f"Too many questions from your address. Ask again in {span_in_words(seconds)}."
        refused = JSONResponse({"detail": words}, 429, headers={"Retry-After": str(seconds)})
        await refused(scope, receive, send)


def network_of(address: str) -> str:
    """What counts as one address: of IPv6, the network that a connection has for itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> (128 - _NETWORK) << (128 - _NETWORK)))


def span_in_words(seconds: int) -> str:
    """A span of time as a person waits it."""
    for name, length in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{math.ceil(seconds / length)} {name}"
    return "1 second" if seconds == 1 else f"{seconds} seconds"


def _is_answering(scope: Scope) -> bool:
    return (
        scope["method"] == "POST" and scope["path"] in _ANSWERING and tab_of(scope["path"]) is ASK
    )


def _event_of(message: Message) -> int | None:
    """Which of Gradio's events a one-shot call names; None if that is not plain to see."""
    try:
        body = json.loads(message.get("body", b""))
    except ValueError:
        return None
    event = body.get("fn_index") if isinstance(body, dict) else None
    return event if type(event) is int else None


def _again(message: Message, receive: Receive) -> Receive:
    waiting = [message]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
