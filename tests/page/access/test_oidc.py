"""Logging in at an OpenID Connect provider: there and back, and everything that is forged."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from tests.page.access.conftest import Provider, Walled
from tests.page.conftest import PageServer

ADDRESSES = count(1)


@pytest.fixture
def client(by_provider: Walled) -> Iterator[httpx.Client]:
    """A browser from an address of its own: failures of others do not count for it."""
    headers = {"X-Forwarded-For": f"198.51.100.{next(ADDRESSES)}"}
    with httpx.Client(base_url=by_provider.url, timeout=60, headers=headers) as made:
        yield made


def come_back(client: httpx.Client, next_page: str = "/evaluate/?set=x") -> httpx.Response:
    """To the provider and back, as a browser goes."""
    there = client.get("/login/oidc", params={"next": next_page})
    assert there.status_code == 302, there.text
    back = httpx.get(there.headers["location"])
    return client.get(back.headers["location"])


def test_there_and_back_is_a_login(
    by_provider: Walled, provider: Provider, client: httpx.Client
) -> None:
    response = come_back(client)
    assert response.status_code == 303
    assert response.headers["location"] == "/evaluate/?set=x"
    assert "carol@acme.example" in client.get("/evaluate/").text
    line = by_provider.audited()[-1]
    assert (line["event"], line["who"], line["way"]) == ("login", "carol@acme.example", "oidc")
    client.post("/login/out")
    assert client.get("/evaluate/").status_code == 401


def test_the_provider_hears_what_it_needs_and_no_more(
    provider: Provider, client: httpx.Client, by_provider: Walled
) -> None:
    there = urlsplit(client.get("/login/oidc").headers["location"])
    asked = {name: values[0] for name, values in parse_qs(there.query).items()}
    assert f"{there.scheme}://{there.netloc}" == provider.url
    assert asked["redirect_uri"] == f"{by_provider.url}/login/oidc/callback"
    assert asked["response_type"] == "code"
    assert asked.keys() == {
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("claims", "without", "message"),
    [
        pytest.param({"email": "eve@evil.example"}, (), "may not use", id="another-domain"),
        pytest.param({"email_verified": False}, (), "may not use", id="not-verified"),
        pytest.param({}, ("email_verified",), "may not use", id="not-said-to-be-verified"),
        pytest.param({"email": "x@notacme.example"}, (), "may not use", id="domain-that-ends-so"),
        pytest.param({"email": "acme.example"}, (), "may not use", id="only-the-domain"),
        pytest.param({"nonce": "another"}, (), "cannot be used", id="nonce"),
        pytest.param({}, ("nonce",), "cannot be used", id="no-nonce"),
        pytest.param({"aud": "another-page"}, (), "cannot be used", id="audience"),
        pytest.param({"iss": "https://evil.example"}, (), "cannot be used", id="issuer"),
        pytest.param({"exp": 1000000000}, (), "cannot be used", id="expired"),
    ],
)
def test_a_word_for_somebody_else_is_no_login(
    by_provider: Walled,
    provider: Provider,
    client: httpx.Client,
    claims: dict[str, Any],
    without: tuple[str, ...],
    message: str,
) -> None:
    provider.claims, provider.without = claims, without
    response = come_back(client)
    assert response.status_code == 403
    assert message in response.text
    assert client.get("/lookup/").status_code == 401
    assert by_provider.audited()[-1]["event"] == "login_failed"


def test_somebody_named_alone_is_let_in(provider: Provider, client: httpx.Client) -> None:
    provider.claims = {"email": "Dave@Other.example"}
    assert come_back(client).status_code == 303


def test_a_word_that_another_key_signed_is_no_login(
    provider: Provider, client: httpx.Client
) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    assert come_back(client).status_code == 403
    assert client.get("/lookup/").status_code == 401


def test_a_code_that_this_browser_did_not_ask_for_is_no_login(
    provider: Provider, client: httpx.Client, by_provider: Walled
) -> None:
    there = client.get("/login/oidc")
    back = httpx.get(there.headers["location"]).headers["location"]
    with httpx.Client(base_url=by_provider.url, timeout=60) as victim:
        assert victim.get(back).status_code == 403
        assert victim.get("/lookup/").status_code == 401
    forged = client.get("/login/oidc/callback", params={"code": "code0", "state": "guess"})
    assert forged.status_code == 403


def test_what_the_provider_refuses_is_told(client: httpx.Client) -> None:
    client.get("/login/oidc")
    refused = client.get("/login/oidc/callback", params={"error": "access_denied"})
    assert refused.status_code == 403
    assert "did not come about (access_denied)" in refused.text


def test_a_provider_that_is_away_is_told_and_ask_goes_on() -> None:
    server = PageServer(
        "--oidc-issuer", "http://127.0.0.1:9", "--oidc-client-id", "x", oidc_client_secret="y"
    )
    response = httpx.get(f"{server.url}/login/oidc", timeout=60)
    assert response.status_code == 502
    assert "127.0.0.1:9 cannot be used to log in" in response.text
    assert httpx.get(f"{server.url}/").status_code == 200
    server.stop()
    assert "Traceback" not in "".join(server.said)


def test_the_next_page_of_a_link_is_never_another_site(
    provider: Provider, client: httpx.Client
) -> None:
    assert come_back(client, "https://evil.example/").headers["location"] == "/lookup/"


def test_whoever_fails_too_often_there_waits_and_fills_no_file(
    by_provider: Walled, client: httpx.Client
) -> None:
    before = len(by_provider.audited())
    statuses = [
        client.get("/login/oidc/callback", params={"code": "x", "state": "guess"}).status_code
        for _ in range(12)
    ]
    assert statuses == [403] * 10 + [429] * 2
    assert len(by_provider.audited()) == before + 10
