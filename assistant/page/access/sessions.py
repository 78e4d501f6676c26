"""Who has logged in, in a signed cookie; and the secret that it is signed with (I/O)."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.page.tabs import ASK, tab_of
from assistant.settings import Settings, kept_folder
from policy_text import UserError

COOKIE = "policy_assistant_session"
HOUR_S = 3600

_LOGIN = "login"
_TOKEN = "token"

Session = MutableMapping[str, Any]  # what a cookie says, as Starlette's sessions have it


class SecretError(UserError):
    """A secret of sessions that cannot be kept."""


class LoggedIn(BaseModel):
    """What a session knows of a login; it is signed, but anybody who has the cookie can read it.

    Attributes:
        way: "password" or "oidc".
        stamp: of the password that it was made with.
        since: seconds since 1970.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    way: str
    stamp: str
    since: float


class Sessions:
    """Gives each request to a tab for staff its session; Ask neither reads nor sets a cookie."""

    def __init__(self, app: ASGIApp, settings: Settings, secret: str) -> None:
        self._app = app
        max_age = settings.session_hours * HOUR_S
        self._plain, self._secure = (
            SessionMiddleware(app, secret, COOKIE, max_age=max_age, https_only=is_https)
            for is_https in (False, True)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or tab_of(scope["path"]) is ASK:
            await self._app(scope, receive, send)
            return
        kept = self._secure if scope["scheme"] == "https" else self._plain
        await kept(scope, receive, send)


class Logins:
    """Logins in sessions: begun, checked, and ended for good though their cookie lives on."""

    def __init__(self, hours: int) -> None:
        self._lasts_s = float(hours * HOUR_S)
        self._ended: dict[str, float] = {}  # id → when it would have ended by itself
        self._writing = threading.Lock()

    def begin(self, session: Session, name: str, *, way: str, stamp: str = "") -> None:
        """Makes the session one of somebody who has just logged in, and nothing else of it."""
        session.clear()
        login = LoggedIn(
            id=secrets.token_urlsafe(16), name=name, way=way, stamp=stamp, since=time.time()
        )
        session[_LOGIN] = login.model_dump()

    def of(self, session: Session) -> LoggedIn | None:
        """Who is logged in."""
        try:
            login = LoggedIn.model_validate(session.get(_LOGIN))
        except ValidationError:
            return None
        if login.id in self._ended or time.time() >= login.since + self._lasts_s:
            return None
        return login

    def end(self, session: Session) -> LoggedIn | None:
        """Logs out, and says who it was."""
        login = self.of(session)
        session.clear()
        if login is not None:
            now = time.time()
            with self._writing:
                self._ended = {i: until for i, until in self._ended.items() if until > now}
                self._ended[login.id] = login.since + self._lasts_s
        return login


def form_token(session: Session) -> str:
    """What a form of this session must bring along, so that no other site can send it."""
    if _TOKEN not in session:
        session[_TOKEN] = secrets.token_urlsafe(16)
    return str(session[_TOKEN])


def is_form_token(session: Session, token: str) -> bool:
    """Whether a form is one of this session's."""
    known = str(session.get(_TOKEN, ""))
    return bool(known) and secrets.compare_digest(known.encode(), token.encode())


def session_secret(settings: Settings) -> str:
    """The secret that is set, or one that is made once and kept.

    Raises:
        SecretError: it cannot be kept.
    """
    if settings.session_secret:
        return settings.session_secret
    file = kept_folder() / "session.key"
    try:
        return _kept_secret(file)
    except OSError as error:
        raise SecretError(
            f"The secret of sessions cannot be kept in {file}: {error.strerror}. Set "
            "session_secret instead."
        ) from error


def _kept_secret(file: Path) -> str:
    """What stands in the file; if there is none, one that appears whole, for this user only."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        made = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as writing:
            writing.write(secrets.token_urlsafe(48))
            writing.flush()
            os.fsync(descriptor)
        try:
            os.link(made, file)  # fails where another process was first: then its secret counts
        except FileExistsError:
            pass
        finally:
            made.unlink()
    secret = file.read_text(encoding="ascii").strip()
    if len(secret) < 32:
        raise SecretError(f"{file} holds no secret. Delete it; a new one is made.")
    return secret
