"""OpenID Connect: to the provider and back with a name, through Authlib (I/O)."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from assistant.settings import Settings
from policy_text import UserError

CALLBACK = "/login/oidc/callback"
TIMEOUT_S = 10.0  # seconds that the provider may take for each answer
_NEXT = "oidc_next"


class OidcError(UserError):
    """A login at the provider that did not come about."""


class Oidc:
    """Logging in at one provider: authorization code with PKCE, state and nonce."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = str(settings.oidc_issuer).rstrip("/")
        self._users = frozenset(user.casefold() for user in settings.oidc_users)
        oauth = OAuth()
        self._client: Any = oauth.register(
            "oidc",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "timeout": TIMEOUT_S,
            },
        )

    @property
    def host(self) -> str:
        """Where people log in."""
        return urlsplit(self._issuer).netloc

    def lets_in(self, name: str) -> bool:
        """Whether somebody whom the provider has let in may come here."""
        if not self._users:
            return True
        name = name.casefold()
        _, at, domain = name.rpartition("@")
        return name in self._users or bool(at and f"@{domain}" in self._users)

    async def redirect(self, request: Request, next_page: str) -> Response:
        """To the provider; the session keeps where to go afterwards.

        Raises:
            OidcError: the provider cannot be reached, or is another one than the setting names.
        """
        request.session[_NEXT] = next_page
        back = f"{request.url.scheme}://{request.headers['host']}{CALLBACK}"
        try:
            await self._check_issuer()
            return cast(Response, await self._client.authorize_redirect(request, back))
        except (OAuthError, httpx2.HTTPError, ValueError, RuntimeError) as error:
            raise self._unreachable(error) from error

    async def returned(self, request: Request) -> tuple[str, str]:
        """Who has come back from the provider, and where to go now.

        Raises:
            OidcError: the login failed there, was not begun here, or is somebody else's.
        """
        next_page = str(request.session.get(_NEXT, ""))
        try:
            await self._check_issuer()
            token = await self._client.authorize_access_token(request)
        except OAuthError as error:
            raise OidcError(
                f"The login at {self.host} did not come about ({error.error}). Log in again."
            ) from error
        except (JoseError, httpx2.HTTPError, ValueError, RuntimeError) as error:
            raise self._unreachable(error) from error
        return self._name(token.get("userinfo") or {}), next_page

    async def _check_issuer(self) -> None:
        metadata = await self._client.load_server_metadata()
        if str(metadata.get("issuer", "")).rstrip("/") != self._issuer:
            raise ValueError("it names another issuer")

    def _name(self, claims: dict[str, Any]) -> str:
        """The e-mail address that the provider has verified, or else its own id of the person."""
        name = str(claims.get("sub", ""))
        if claims.get("email") and claims.get("email_verified") is True:
            name = str(claims["email"])
        if not name:
            raise OidcError(f"{self.host} does not say who logged in. Ask who runs it.")
        if not self.lets_in(name):
            raise OidcError(f"{name} may not use this page. Ask who runs it.")
        return name

    def _unreachable(self, error: Exception) -> OidcError:
        return OidcError(
            f"{self.host} cannot be used to log in ({type(error).__name__}: {error}). Try again, "
            "or ask who runs this page."
        )
