"""The wall before the tabs for staff: over every address below their paths, Gradio's too."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.page.access.access import Access, Login
from assistant.page.access.login_page import refusal_html
from assistant.page.access.visitor import CAN_LOG_OUT, NAME
from assistant.page.tabs import LOGIN, STAFF_TABS, Tab, tab_of
from assistant.stores.audit import AuditError


class Wall:
    """Lets nobody to a tab for staff who has not logged in, whatever the address and method.

    The path that it judges by is the one that the routes are found by, so that no spelling of an
    address leads around it.
    """

    def __init__(self, app: ASGIApp, access: Access, title: str) -> None:
        self._app = app
        self._access = access
        self._title = title

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or tab_of(scope["path"]) not in STAFF_TABS:
            await self._app(scope, receive, send)
            return
        if not self._access.is_walled:
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})  # nothing here uses any
            return
        try:
            login = self._access.login_of(scope)
        except AuditError as problem:
            await _problem(503, str(problem))(scope, receive, send)
            return
        tab = tab_of(scope["path"])
        if login is None:
            await _ask(scope)(scope, receive, send)
        elif tab.path.strip("/") not in login.tabs:
            await self._not_for(login, tab, scope)(scope, receive, send)
        else:
            known = {NAME: login.name, CAN_LOG_OUT: login.can_log_out}
            await self._app({**scope, **known}, receive, send)

    def _not_for(self, login: Login, tab: Tab, scope: Scope) -> Response:
        words = f"{login.name} may not use {tab.label}. Ask who runs this page."
        if not _wants_page(scope):
            return _problem(403, words)
        html = refusal_html(self._title, words, login.name, can_log_out=login.can_log_out)
        return HTMLResponse(html, 403)


def _wants_page(scope: Scope) -> bool:
    """Whether a browser is to show the answer to a person."""
    accepted = Headers(scope=scope).get("accept", "")
    return scope["method"] in ("GET", "HEAD") and "text/html" in accepted


def _ask(scope: Scope) -> Response:
    """To the login, for a browser that shows a page; a message for everything else."""
    if not _wants_page(scope):
        return _problem(401, f"Log in first, at {LOGIN.home}.")
    query = scope["query_string"].decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    return RedirectResponse(f"{LOGIN.home}?next={quote(wanted, safe='')}", 303)


def _problem(status: int, words: str) -> Response:
    return JSONResponse({"detail": words}, status)
