"""Without a login nothing of Look up and Evaluate is reachable, whatever the address says."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from assistant import Settings
from assistant.page.access.access import Access
from assistant.page.access.wall import Wall
from assistant.page.app import build_app
from assistant.page.tabs import STAFF_TABS
from assistant.stores.audit import AuditLog
from tests.conftest import CACHE
from tests.page.access.conftest import ALICE, BOB, HTML, Walled, log_in
from tests.page.conftest import ask_over_http

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def built(settings: Settings) -> FastAPI:
    """The app, made in an event loop: without one Gradio makes some, and leaves them open."""

    async def making() -> FastAPI:
        return build_app(settings)

    with ThreadPoolExecutor(1) as elsewhere:  # the browser of other tests has a loop in this one
        return elsewhere.submit(asyncio.run, making()).result()


@pytest.fixture(scope="module")
def app(users_file: Path, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    audit = tmp_path_factory.mktemp("kept") / "audit.jsonl"
    return built(Settings(cache=CACHE, users=users_file, audit=audit, session_secret="x" * 32))


def addresses(app: FastAPI) -> Iterator[str]:
    """Every address that a route of the two tabs has, ours and Gradio's, with something in it."""
    for route in walked(app.routes):
        if route.startswith(tuple(tab.home for tab in STAFF_TABS)):
            yield re.sub(r"\{\w+(:path)?\}", "1", route)


def walked(routes, before: str = "") -> Iterator[str]:  # type: ignore[no-untyped-def]
    for route in routes:
        if isinstance(route, Mount):
            yield from walked(route.routes, before + route.path)
        elif isinstance(route, Route):
            yield before + route.path
        elif hasattr(route, "original_router"):  # FastAPI's included routers
            prefix = route.include_context.prefix
            yield from walked(route.original_router.routes, before + prefix)


def described(app: FastAPI) -> Iterator[str]:
    """The calls that Gradio's own description of its API lists, those marked private too."""
    for tab, mount in zip(
        STAFF_TABS, [r for r in app.routes if isinstance(r, Mount) and r.path], strict=True
    ):
        blocks = mount.app.get_blocks()  # type: ignore[attr-defined]
        events = [function.api_name for function in blocks.fns.values()]
        named = blocks.get_api_info(all_endpoints=True)
        events += [name.strip("/") for name in named["named_endpoints"]]
        for event in events:
            for call in ("run", "api", "call", "call/v2"):
                yield f"{tab.path}/gradio_api/{call}/{event}"


def browser(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


def test_the_routes_are_found(app: FastAPI) -> None:
    found = set(addresses(app))
    for tab in STAFF_TABS:
        of_tab = {address.removeprefix(tab.path) for address in found if tab.path in address}
        assert {
            "/", "/config", "/assets/1", "/theme.css", "/gradio_api/queue/join",
            "/gradio_api/queue/data", "/gradio_api/upload", "/gradio_api/file=1",
            "/gradio_api/info",
            "/gradio_api/heartbeat/1", "/gradio_api/run/1", "/page/1", "/monitoring/summary",
        } <= of_tab  # fmt: skip
        assert any(address.startswith("/api/") for address in of_tab), of_tab


def test_no_route_and_no_call_answers_without_a_login(app: FastAPI) -> None:
    reached = []
    with browser(app) as client:
        for address in sorted({*addresses(app), *described(app)}):
            for method in METHODS:
                response = client.request(method, address, json={"data": []})
                message = b"" if method == "HEAD" else b'{"detail":"Log in first, at /login/."}'
                if (response.status_code, response.content) != (401, message):
                    reached.append((method, address, response.status_code))
    assert reached == []


def test_a_browser_is_sent_to_the_login_from_every_address(app: FastAPI) -> None:
    with browser(app) as client:
        for address in addresses(app):
            response = client.get(address, headers=HTML)
            assert response.status_code == 303, address
            assert response.headers["location"].startswith("/login/?next=%2F"), address


def test_no_websocket_is_opened(app: FastAPI) -> None:
    with browser(app) as client:
        for address in ("/lookup/", "/lookup/gradio_api/queue/join", "/"):
            with pytest.raises(WebSocketDisconnect), client.websocket_connect(address):
                raise AssertionError(f"{address} took a websocket")


def test_the_wall_stands_by_itself(users_file: Path, tmp_path: Path) -> None:
    """Whatever stands before or behind it; here nothing does."""
    access = Access(Settings(users=users_file), AuditLog(tmp_path / "audit.jsonl"))
    reached: list[str] = []

    async def everything(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        reached.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    client = TestClient(Wall(everything, access, "T"), follow_redirects=False)
    assert client.get("/lookup").status_code == 401
    assert client.delete("/evaluate/anything").status_code == 401
    assert client.get("/lookup/%2e%2e/").status_code == 401
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/lookup/x"):
        pass
    assert reached == []
    assert client.get("/").status_code == 200
    assert reached == ["/"]


# --- the same with a real server, and addresses that no client would send ------------------------


def raw_status(url: str, target: str, headers: str = "") -> tuple[int, str]:
    """The answer to a request line as it is."""
    address = urlsplit(url)
    request = (
        f"GET {target} HTTP/1.1\r\nHost: {address.netloc}\r\n{headers}Connection: close\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(request.encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode("latin-1")
    return int(answer.split(" ", 2)[1]), answer


@pytest.mark.parametrize(
    "target",
    [
        "/lookup", "/lookup/", "/lookup/config", "//lookup/config", "///lookup/config",
        "/./lookup/config", "/x/../lookup/config", "/lookup/../lookup/config",
        "/lookup/../evaluate/config", "/evaluate/..%2flookup/config", "/%6cookup/config",
        "/%6Cookup%2Fconfig", "/lookup%2fconfig", "/lookup%252fconfig", "/LOOKUP/config",
        "/Lookup/", "/lookup;a=b/config", "/lookup%00/config", "/lookup%20/config",
        "/lookup\\config", "/lookup//config", "/lookup/./config", "/lookup?x=/", "/lookup/?q=1#/",
        "http://127.0.0.1/lookup/config", "/theme.css/../lookup/config", "/page/..%2f..%2flookup/",
        "/policy/..%2flookup/config", "/lookup/gradio_api/file=/etc/passwd",
        "/gradio_api/file=../lookup", "/ℓookup/".encode().decode("latin-1"), "*",
    ],
)  # fmt: skip
def test_no_spelling_of_an_address_leads_around_the_wall(walled: Walled, target: str) -> None:
    status, answer = raw_status(walled.url, target)
    assert status in (400, 401, 404), answer
    assert "components" not in answer
    assert "gradio_config" not in answer


@pytest.mark.parametrize("root", ["/lookup", "/x", "/lookup/", "//"])
@pytest.mark.parametrize("path", ["/lookup/config", "/config", "/x/lookup/config", "/x/config"])
def test_a_root_path_leads_nowhere_either(app: FastAPI, root: str, path: str) -> None:
    client = TestClient(app, base_url="http://127.0.0.1", root_path=root, follow_redirects=False)
    response = client.get(path)
    assert response.status_code in (401, 404)
    assert "components" not in response.text


@pytest.mark.parametrize(
    "header",
    [
        "X-Remote-User: alice", "x-remote-user: alice", "X_Remote_User: alice",
        "X-Forwarded-For: 192.0.2.7\r\nX-Remote-User: alice",
        "X-Forwarded-User: alice", "Authorization: Basic YWxpY2U6YQ==",
        "X-Original-URL: /", "X-Rewrite-URL: /", "X-Forwarded-Prefix: /lookup",
        "X-HTTP-Method-Override: POST", "Cookie: policy_assistant_session=null",
        "Cookie: policy_assistant_session=eyJsb2dpbiI6IHt9fQ==.awVs4w.iHOT38GcOV3VlGgD0OLqJ8aOlD0",
        "Forwarded: for=192.0.2.7",
    ],
)  # fmt: skip
def test_no_header_from_an_untrusted_address_leads_around_the_wall(
    walled: Walled, header: str
) -> None:
    status, answer = raw_status(walled.url, "/lookup/config", f"{header}\r\n")
    assert status == 401, answer


def test_a_large_body_is_not_read_before_the_login(walled: Walled, client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield b"x" * 100_000

    # The server answers, and may close before 100 MB are sent.
    with contextlib.suppress(httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        assert client.post("/lookup/api/policies", content=endless()).status_code == 401
    assert client.get("/").status_code == 200


def test_after_the_login_all_that_the_page_uses_answers(client: httpx.Client) -> None:
    assert log_in(client, "alice", ALICE).headers["location"] == "/lookup/"
    for tab in STAFF_TABS:
        page = client.get(tab.home)
        assert page.status_code == 200
        assert "gradio_config" in page.text
        assert client.get(f"{tab.path}/theme.css").status_code == 200
        assert client.get(f"{tab.path}/page/{tab.files[0]}").status_code == 200


def test_after_the_login_too_what_nothing_uses_is_not_there(client: httpx.Client) -> None:
    log_in(client, "alice", ALICE)
    for address in ("config", "gradio_api/info", "gradio_api/upload", "gradio_api/file=/etc/passwd",
                    "monitoring/summary", "docs", "gradio_api/run/x", "login"):  # fmt: skip
        assert client.get(f"/lookup/{address}").status_code == 404
        assert client.post(f"/lookup/{address}", json={}).status_code == 404


def test_what_needs_a_login_is_kept_by_nobody_between(client: httpx.Client) -> None:
    log_in(client, "alice", ALICE)
    for address in ("/lookup/", "/lookup/theme.css", "/evaluate/", "/login/"):
        headers = client.get(address).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    style = client.get("/lookup/page/lookup.css").headers["cache-control"]
    assert style.startswith("private,")


def test_a_user_sees_only_the_tabs_of_his_own(client: httpx.Client) -> None:
    assert log_in(client, "bob", BOB, "/evaluate/").headers["location"] == "/lookup/"
    assert client.get("/lookup/").status_code == 200
    response = client.get("/evaluate/api/sets")
    assert response.status_code == 403
    assert response.json() == {"detail": "bob may not use Evaluate. Ask who runs this page."}
    page = client.get("/evaluate/", headers=HTML)
    assert page.status_code == 403
    assert "bob may not use Evaluate." in page.text


def test_ask_is_open_and_sets_no_cookie(walled: Walled, client: httpx.Client) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    answer = ask_over_http(walled.url, ["Do you sell my data?", "sony-mobile", "2020-01", "{}"])
    assert answer["success"], answer


def test_without_a_login_set_up_the_tabs_are_open_and_there_is_no_login(app: FastAPI) -> None:
    with browser(built(Settings(cache=CACHE))) as client:
        assert client.get("/lookup/").status_code == 200
        assert client.get("/lookup", headers=HTML).headers["location"] == "/lookup/"
        assert client.get("/login/").status_code == 404
        assert client.post("/login/out").status_code == 404
