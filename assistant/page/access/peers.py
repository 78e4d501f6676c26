"""Who is at the other end: what proxies say of it counts only if they are trusted."""

from __future__ import annotations

from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from assistant.settings import Settings

FROM_PROXY = "pa_from_trusted_proxy"  # in a request's scope: whether the peer is a trusted proxy

_OF_PROXIES = (b"forwarded", b"x-real-ip")


class TrustedPeers:
    """Stands before all else; below it, headers that name a person or an address can be believed.

    A trusted proxy sets address and scheme of the request; from everybody else the headers that
    would are taken out.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._named = settings.user_header.lower().encode() if settings.user_header else None
        proxied = ProxyHeadersMiddleware(cast(Any, app), list(settings.trusted_proxies))
        self._proxied = cast(ASGIApp, proxied)
        self._trusted = proxied.trusted_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        if client and client[0] in self._trusted:
            await self._proxied({**scope, FROM_PROXY: True}, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if not self._is_claim(name)]
        await self._app({**scope, "headers": headers, FROM_PROXY: False}, receive, send)

    def _is_claim(self, name: bytes) -> bool:
        name = name.lower()
        return name.startswith(b"x-forwarded-") or name in _OF_PROXIES or name == self._named
