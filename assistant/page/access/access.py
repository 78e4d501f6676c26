"""Settings to who may see what: the ways to log in, and who a request is from."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from assistant.page.access.oidc import Oidc
from assistant.page.access.peers import FROM_PROXY
from assistant.page.access.sessions import HOUR_S, LoggedIn, Logins, Session
from assistant.page.access.users import ALL_TABS, Users, read_users
from assistant.settings import Settings, SettingsError
from assistant.stores.audit import AuditLog, Event, Visitor

PASSWORD, OIDC, PROXY = "password", "oidc", "proxy"  # the ways to log in


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who has logged in.

    Attributes:
        tabs: what this person may see, by the names of the tabs' paths.
        can_log_out: whether the login is ours to end; a proxy's is not.
    """

    name: str
    tabs: frozenset[str]
    can_log_out: bool


class Access:
    """Who may see the tabs for staff."""

    def __init__(self, settings: Settings, audit: AuditLog) -> None:
        _check(settings)
        self.is_walled = settings.asks_login
        self.users: Users | None = read_users(settings.users) if settings.users else None
        self.oidc: Oidc | None = Oidc(settings) if settings.oidc_issuer else None
        self.logins = Logins(settings.session_hours)
        self.audit = audit
        self._header = settings.user_header
        self._by_proxy = _SeenLogins(settings.session_hours * HOUR_S)

    def login_of(self, scope: Scope) -> Login | None:
        """Who a request is from, if that person has logged in in one of the ways that are set.

        Raises:
            AuditError: it is the first request of a login at the proxy, and cannot be written down.
        """
        named = self._named_by_proxy(scope)
        if named is not None:
            if self._by_proxy.is_new(named):
                self.audit.add(Event.LOGIN, named, way=PROXY)
                self._by_proxy.add(named)
            return Login(str(named.name), ALL_TABS, can_log_out=False)
        session: Session = scope.get("session", {})
        login = self.logins.of(session)
        return self._still_good(login) if login is not None else None

    def _still_good(self, login: LoggedIn) -> Login | None:
        """The login, unless its user is gone, has a new password, or may no longer come."""
        if login.way == PASSWORD and self.users is not None:
            user = self.users.get(login.name)
            if user is not None and user.stamp == login.stamp:
                return Login(user.name, user.tabs, can_log_out=True)
        if login.way == OIDC and self.oidc is not None and self.oidc.lets_in(login.name):
            return Login(login.name, ALL_TABS, can_log_out=True)
        return None

    def _named_by_proxy(self, scope: Scope) -> Visitor | None:
        """Whom a trusted proxy names; two names are none."""
        if self._header is None or not scope.get(FROM_PROXY):
            return None
        names = Headers(scope=scope).getlist(self._header)
        name = names[0].strip() if len(names) == 1 else ""
        client = scope.get("client") or ("unknown", 0)
        return Visitor(name, client[0]) if name else None


def warnings(settings: Settings) -> list[str]:
    """What whoever starts the page should know of who can reach it."""
    if settings.is_local:
        return []
    found = []
    if not settings.asks_login:
        found.append(
            f"No login is set up: whoever can reach {settings.host} can use Look up and Evaluate. "
            "Set users, user_header or oidc_issuer."
        )
    if not settings.rate_limit:
        found.append("Nothing limits how often one address asks. Set rate_limit, as 30/minute.")
    return found


class _SeenLogins:
    """Logins at the proxy, which tells us of each request but not when the login was."""

    def __init__(self, lasts_s: float) -> None:
        self._lasts_s = lasts_s
        self._until: dict[Visitor, float] = {}
        self._writing = threading.Lock()

    def is_new(self, visitor: Visitor) -> bool:
        return self._until.get(visitor, 0.0) <= time.time()

    def add(self, visitor: Visitor) -> None:
        now = time.time()
        with self._writing:
            self._until = {seen: until for seen, until in self._until.items() if until > now}
            self._until[visitor] = now + self._lasts_s


def _check(settings: Settings) -> None:
    if settings.user_header and not settings.trusted_proxies:
        raise SettingsError(
            "user_header needs trusted_proxies: without it anybody could send that header. Set "
            "the proxy's address, as 127.0.0.1."
        )
    if settings.oidc_issuer and not (settings.oidc_client_id and settings.oidc_client_secret):
        raise SettingsError(
            "oidc_issuer needs oidc_client_id and oidc_client_secret. Set them to what the "
            "provider gave the page."
        )
