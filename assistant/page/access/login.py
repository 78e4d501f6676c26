"""The addresses of logging in and out: a password here, or a provider's word."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from assistant.page.access.access import OIDC, PASSWORD, Access
from assistant.page.access.limits import Limit, network_of, span_in_words
from assistant.page.access.login_page import LoginForm, login_html
from assistant.page.access.oidc import OidcError
from assistant.page.access.sessions import form_token, is_form_token
from assistant.page.access.users import User
from assistant.page.access.visitor import visitor_of
from assistant.page.tabs import LOGIN, LOOKUP, STAFF_TABS, tab_of
from assistant.settings import Settings
from assistant.stores.audit import AuditError, Event, Visitor

FAILED_BY_ADDRESS = "10 per 10 minutes"
FAILED_BY_NAME = "50 per hour"  # from all addresses together

_WRONG = "The name or the password is wrong. Try again."
_STALE = "The form was too old. Try again."

Text = Annotated[str, Form(max_length=2000)]


def build_login_router(settings: Settings, access: Access) -> APIRouter:
    """The routes, where a login is set up."""
    router = APIRouter(prefix=LOGIN.path)
    pages = _Pages(settings, access)
    router.add_api_route("/", pages.form, methods=["GET"])
    router.add_api_route("/out", pages.log_out, methods=["POST"])
    if access.users is not None:
        router.add_api_route("/", pages.log_in, methods=["POST"])
    if access.oidc is not None:
        router.add_api_route("/oidc", pages.to_provider, methods=["GET"])
        router.add_api_route("/oidc/callback", pages.from_provider, methods=["GET"])
    return router


class Throttle:
    """Counts failed logins; one password is checked at a time, so that none slips past."""

    def __init__(self) -> None:
        self._by_address = Limit(FAILED_BY_ADDRESS)
        self._by_name = Limit(FAILED_BY_NAME)
        self._checking = asyncio.Lock()

    async def checked(
        self, access: Access, visitor: Visitor, name: str, password: str
    ) -> User | int | None:
        """The user; None if name or password are wrong; or how many seconds to wait first."""
        address = network_of(visitor.address)
        async with self._checking:
            wait = max(self._by_address.left_to_wait(address), self._by_name.left_to_wait(name))
            if wait or access.users is None:
                return wait
            user = await run_in_threadpool(access.users.checked, name, password)
            if user is None:
                self._by_address.take(address)
                self._by_name.take(name)
            return user


class _Pages:
    """What the addresses answer."""

    def __init__(self, settings: Settings, access: Access) -> None:
        self._title = settings.title
        self._access = access
        self._throttle = Throttle()

    async def form(self, request: Request) -> Response:
        return self._form(request, request.query_params.get("next", ""))

    async def log_in(
        self, request: Request, name: Text, password: Text, token: Text = "", next: Text = ""
    ) -> Response:
        if not is_form_token(request.session, token):
            return self._form(request, next, _STALE, 403)
        visitor = visitor_of(request)
        found = await self._throttle.checked(self._access, visitor, name, password)
        try:
            if isinstance(found, User):
                self._note(Event.LOGIN, Visitor(found.name, visitor.address), PASSWORD)
                self._access.logins.begin(
                    request.session, found.name, way=PASSWORD, stamp=found.stamp
                )
                return RedirectResponse(safe_next(next, found.tabs), 303)
            # A name that nobody has may be a password in the wrong box: it is not written down.
            is_known = self._access.users is not None and self._access.users.get(name) is not None
            self._note(
                Event.LOGIN_FAILED, Visitor(name if is_known else None, visitor.address), PASSWORD
            )
        except AuditError as problem:
            return self._form(request, next, str(problem), 503)
        if found is None:
            return self._form(request, next, _WRONG, 401)
        words = f"Too many logins have failed. Try again in {span_in_words(found)}."
        response = self._form(request, next, words, 429)
        response.headers["Retry-After"] = str(found)
        return response

    async def log_out(self, request: Request) -> Response:
        login = self._access.logins.end(request.session)
        if login is not None:
            try:
                address = visitor_of(request).address
                self._note(Event.LOGOUT, Visitor(login.name, address), login.way)
            except AuditError as problem:
                return self._form(request, "", str(problem), 503)
        return RedirectResponse(LOGIN.home, 303)

    async def to_provider(self, request: Request) -> Response:
        assert self._access.oidc is not None
        try:
            return await self._access.oidc.redirect(request, request.query_params.get("next", ""))
        except OidcError as problem:
            return self._form(request, "", str(problem), 502)

    async def from_provider(self, request: Request) -> Response:
        assert self._access.oidc is not None
        address = visitor_of(request).address
        try:
            try:
                name, next_page = await self._access.oidc.returned(request)
            except OidcError as problem:
                self._note(Event.LOGIN_FAILED, Visitor(None, address), OIDC)
                return self._form(request, "", str(problem), 403)
            self._note(Event.LOGIN, Visitor(name, address), OIDC)
        except AuditError as problem:
            return self._form(request, "", str(problem), 503)
        self._access.logins.begin(request.session, name, way=OIDC)
        return RedirectResponse(safe_next(next_page), 303)

    def _note(self, event: Event, visitor: Visitor, way: str) -> None:
        self._access.audit.add(event, visitor, way=way)

    def _form(
        self, request: Request, next_page: str, problem: str | None = None, status: int = 200
    ) -> Response:
        next_page = safe_next(next_page)
        oidc = self._access.oidc
        form = LoginForm(
            token=form_token(request.session),
            next_page=next_page,
            has_password=self._access.users is not None,
            oidc_host=oidc.host if oidc else None,
            oidc_url=f"{LOGIN.path}/oidc?{urlencode({'next': next_page})}",
            problem=problem,
        )
        return HTMLResponse(login_html(self._title, form), status)


def safe_next(wanted: str, tabs: frozenset[str] | None = None) -> str:
    """Where to go after the login: an address of a tab for staff, and never another site."""
    path = wanted.partition("?")[0]
    is_ours = tab_of(path) in STAFF_TABS and "\\" not in wanted and wanted.isprintable()
    if is_ours and (tabs is None or tab_of(path).path.strip("/") in tabs):
        return wanted
    allowed = [tab for tab in STAFF_TABS if tabs is None or tab.path.strip("/") in tabs]
    return (allowed or [LOOKUP])[0].home
