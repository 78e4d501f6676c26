"""The addresses of logging in and out: a password here, or a provider's word."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from assistant.page.access.access import OIDC, PASSWORD, Access
from assistant.page.access.login_page import LoginForm, login_html
from assistant.page.access.oidc import OidcError
from assistant.page.access.sessions import form_token, is_form_token
from assistant.page.access.throttle import Throttle, TooManyFailuresError
from assistant.page.access.users import User
from assistant.page.access.visitor import visitor_of
from assistant.page.tabs import LOGIN, LOOKUP, STAFF_TABS, tab_of
from assistant.settings import Settings
from assistant.stores.audit import AuditError, Event, Visitor

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


class _Refused(Exception):
    """A login that does not come about, as the page says it.

    Attributes:
        wait: seconds until it may be tried again; 0 where that does not depend on time.
    """

    def __init__(self, words: str, status: int, wait: int = 0) -> None:
        super().__init__(words)
        self.status = status
        self.wait = wait


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
        try:
            if not is_form_token(request.session, token):
                raise _Refused(_STALE, 403)
            user = await self._user(visitor_of(request).address, name, password)
        except _Refused as refused:
            return self._form(request, next, refused)
        self._access.logins.begin(request.session, user.name, way=PASSWORD, stamp=user.stamp)
        return RedirectResponse(safe_next(next, user.tabs), 303)

    async def log_out(self, request: Request) -> Response:
        login = self._access.logins.end(request.session)
        try:
            if login is not None:
                address = visitor_of(request).address
                self._note(Event.LOGOUT, Visitor(login.name, address), login.way)
        except _Refused as refused:
            return self._form(request, "", refused)
        return RedirectResponse(LOGIN.home, 303)

    async def to_provider(self, request: Request) -> Response:
        assert self._access.oidc is not None
        next_page = request.query_params.get("next", "")
        try:
            return await self._access.oidc.redirect(request, next_page)
        except OidcError as problem:
            return self._form(request, next_page, _Refused(str(problem), 502))

    async def from_provider(self, request: Request) -> Response:
        try:
            name, next_page = await self._returned(request)
        except _Refused as refused:
            return self._form(request, "", refused)
        self._access.logins.begin(request.session, name, way=OIDC)
        return RedirectResponse(safe_next(next_page), 303)

    async def _user(self, address: str, name: str, password: str) -> User:
        """Who logs in with a password; what is wrong, or right, is written down first.

        Raises:
            _Refused: name or password are wrong, too many were before, or it cannot be written.
        """
        users = self._access.users
        assert users is not None
        try:
            user = await self._throttle.user(users, address, name, password)
        except TooManyFailuresError as problem:  # written down as often as it was looked at
            raise _Refused(str(problem), 429, problem.seconds) from problem
        if user is None:
            # A name that nobody has may be a password in the wrong box: it is not written down.
            known = name if users.get(name) is not None else None
            self._note(Event.LOGIN_FAILED, Visitor(known, address), PASSWORD)
            raise _Refused(_WRONG, 401)
        self._note(Event.LOGIN, Visitor(user.name, address), PASSWORD)
        return user

    async def _returned(self, request: Request) -> tuple[str, str]:
        """Who has come back from the provider, and where to go; written down first.

        Raises:
            _Refused: it is no login, too many were before, or it cannot be written down.
        """
        assert self._access.oidc is not None
        address = visitor_of(request).address
        try:
            self._throttle.check(address)
            name, next_page = await self._access.oidc.returned(request)
        except TooManyFailuresError as problem:
            raise _Refused(str(problem), 429, problem.seconds) from problem
        except OidcError as problem:
            self._throttle.failed(address)
            self._note(Event.LOGIN_FAILED, Visitor(None, address), OIDC)
            raise _Refused(str(problem), 403) from problem
        self._note(Event.LOGIN, Visitor(name, address), OIDC)
        return name, next_page

    def _note(self, event: Event, visitor: Visitor, way: str) -> None:
        try:
            self._access.audit.add(event, visitor, way=way)
        except AuditError as problem:
            raise _Refused(str(problem), 503) from problem

    def _form(self, request: Request, next_page: str, refused: _Refused | None = None) -> Response:
        next_page = safe_next(next_page)
        oidc = self._access.oidc
        form = LoginForm(
            token=form_token(request.session),
            next_page=next_page,
            has_password=self._access.users is not None,
            oidc_host=oidc.host if oidc else None,
            oidc_url=f"{LOGIN.path}/oidc?{urlencode({'next': next_page})}",
            problem=str(refused) if refused else None,
        )
        response = HTMLResponse(login_html(self._title, form), refused.status if refused else 200)
        if refused is not None and refused.wait:
            response.headers["Retry-After"] = str(refused.wait)
        return response


def safe_next(wanted: str, tabs: frozenset[str] | None = None) -> str:
    """Where to go after the login: an address of a tab for staff, and never another site."""
    path = wanted.partition("?")[0]
    is_ours = tab_of(path) in STAFF_TABS and "\\" not in wanted and wanted.isprintable()
    if is_ours and (tabs is None or tab_of(path).path.strip("/") in tabs):
        return wanted
    allowed = [tab for tab in STAFF_TABS if tabs is None or tab.path.strip("/") in tabs]
    return (allowed or [LOOKUP])[0].home
