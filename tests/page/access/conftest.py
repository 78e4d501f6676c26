"""A server with a wall, whom it lets in, and an OpenID Connect provider on this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from assistant.page.access.users import user_lines
from tests.page.conftest import PageServer

ALICE = "correct horse battery staple"
BOB = "bob's long enough password"
HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="session")
def users_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("users") / "users.toml"
    lines = [user_lines("alice", ALICE), user_lines("bob", BOB, ["lookup"])]
    file.write_text("\n\n".join(lines), encoding="utf-8")
    return file


@dataclass(frozen=True)
class Walled:
    """A server with users, and its audit file."""

    server: PageServer
    audit: Path

    @property
    def url(self) -> str:
        return self.server.url

    def audited(self) -> list[dict[str, Any]]:
        if not self.audit.exists():
            return []
        return [json.loads(line) for line in self.audit.read_text("utf-8").splitlines()]


@pytest.fixture(scope="session")
def walled(users_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walled]:
    audit = tmp_path_factory.mktemp("audit") / "audit.jsonl"
    started = PageServer(
        "--users", str(users_file), "--audit", str(audit), "--user-header", "X-Remote-User",
        "--trusted-proxies", "192.0.2.7",
    )  # fmt: skip
    yield Walled(started, audit)
    started.stop()


def form_token(client: httpx.Client) -> str:
    page = client.get("/login/")
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def log_in(
    client: httpx.Client, name: str, password: str, next_page: str = "/lookup/"
) -> httpx.Response:
    form = {"token": form_token(client), "name": name, "password": password, "next": next_page}
    return client.post("/login/", data=form)


@pytest.fixture
def client(walled: Walled) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=walled.url, timeout=60) as made:
        yield made


# --- a provider ----------------------------------------------------------------------------------


@dataclass
class Provider:
    """An OpenID Connect provider; what it says of people can be bent."""

    url: str = ""
    client_id: str = "policy-page"
    secret: str = "the page's secret there"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signs_with: RSAKey | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    asked: dict[str, dict[str, str]] = field(default_factory=dict)  # code → what was asked for

    def begin(self, query: dict[str, str]) -> str:
        """Where the browser goes back to, with a code."""
        assert query["client_id"] == self.client_id
        assert query["code_challenge_method"] == "S256"
        code = f"code{len(self.asked)}"
        self.asked[code] = query
        back = {"code": code, "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """The answer to a code, for the client that has the secret and the verifier."""
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        assert given == f"{self.client_id}:{self.secret}"
        asked = self.asked.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        assert form["redirect_uri"] == asked["redirect_uri"]
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": self.client_id, "sub": "248289", "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], "email": "carol@acme.example", "email_verified": True,
            **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if name not in self.without}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signs_with or self.key)
        return {"access_token": "a", "token_type": "Bearer", "id_token": signed}


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            if address.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.begin(query))
                self.end_headers()
            elif address.path == "/keys":
                self._json({"keys": [provider.key.as_dict(private=False)]})
            else:
                self._json(
                    {
                        "issuer": provider.url,
                        "authorization_endpoint": f"{provider.url}/authorize",
                        "token_endpoint": f"{provider.url}/token",
                        "jwks_uri": f"{provider.url}/keys",
                        "id_token_signing_alg_values_supported": ["RS256"],
                    }
                )

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._json(provider.token(form, self.headers["Authorization"]))

        def _json(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing."""

    return Handler


@pytest.fixture(scope="session")
def running_provider() -> Iterator[Provider]:
    provider = Provider()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider)) as serving:
        provider.url = f"http://127.0.0.1:{serving.server_port}"
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield provider
        serving.shutdown()
        thread.join()


@pytest.fixture
def provider(running_provider: Provider) -> Iterator[Provider]:
    """The provider, straight again after each test."""
    yield running_provider
    running_provider.claims, running_provider.without = {}, ()
    running_provider.signs_with = None


@pytest.fixture(scope="session")
def by_provider(
    running_provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walled]:
    audit = tmp_path_factory.mktemp("audit") / "audit.jsonl"
    started = PageServer(
        "--oidc-issuer", running_provider.url, "--oidc-client-id", running_provider.client_id,
        "--oidc-users", "@acme.example,dave@other.example", "--audit", str(audit),
        "--trusted-proxies", "127.0.0.1",
        oidc_client_secret=running_provider.secret,
    )  # fmt: skip
    yield Walled(started, audit)
    started.stop()
