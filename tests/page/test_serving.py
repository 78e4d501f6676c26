"""The server by plain HTTP: what it refuses, what it says, how it starts and stops."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.page.conftest import PageServer, Site, ask_over_http, gradio_config

REPOSITORY = Path(__file__).parent.parent.parent


def raw(url: str, request: bytes) -> bytes:
    """The first bytes that come back for bytes sent as they are."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(request)
        return connection.recv(4096)


def html_of(message: dict[str, object]) -> str:
    assert message["success"], message
    return message["output"]["data"][0]  # type: ignore[index]


def test_a_question_over_http_is_answered(server: PageServer) -> None:
    html = html_of(server.ask("Do you sell my data?", "sony-mobile", "2020-01", "{}"))
    assert "pa-answered" in html


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(["", "sony-mobile", "2020-01", "{}"], "question is blank", id="empty"),
        pytest.param(["  \n", "sony-mobile", "2020-01", "{}"], "question is blank", id="blank"),
        pytest.param(["x" * 100_000, "sony-mobile", "2020-01", "{}"], "at most 4000", id="100kB"),
        pytest.param(["a\0b", "sony-mobile", "2020-01", "{}"], "control character", id="control"),
        pytest.param(["Cookies?", "nobody", None, "{}"], "no policy nobody", id="policy"),
        pytest.param(["Cookies?", "github", "1999", "{}"], "no version 1999", id="version"),
        pytest.param(["Cookies?", "own-guess", "1", "{}"], "no longer held", id="own"),
        pytest.param([{"a": 1}, "github", None, "{}"], "must be text", id="no-text"),
        pytest.param([None, None, None, None], "question is blank", id="nothing"),
        pytest.param(["Cookies?", [], 7, "{}"], "must be text", id="kinds"),
        pytest.param(["Cookies?", "github", None, "{]"], "cannot be read", id="context"),
        pytest.param(
            ["Cookies?", "github", None, '{"history": ["1","2","3","4","5","6"]}'],
            "cannot be read",
            id="long-history",
        ),
    ],
)
def test_bad_input_gets_a_clear_message(
    server: PageServer, data: list[object], message: str
) -> None:
    html = html_of(server.ask(*data))
    assert message in html
    assert "pa-problem" in html
    assert "\n" not in html


def test_one_bad_question_does_not_spoil_those_it_came_with(server: PageServer) -> None:
    questions = ["Do you sell my data?", "", "Do you use cookies?", "x" * 9000]
    found: dict[int, str] = {}

    def ask(number: int) -> None:
        data: list[object] = [questions[number], "sony-mobile", "2020-01", "{}"]
        found[number] = html_of(ask_over_http(server.url, data, session=f"batch{number}"))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(questions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [("pa-answered" in found[n]) for n in range(4)] == [True, False, True, False]


def test_markup_in_a_question_comes_back_as_text(server: PageServer) -> None:
    question = "<img src=x onerror=alert(1)> ![a](http://t.example/a.png)\n\n<script>x</script>?"
    html = html_of(server.ask(question, "sony-mobile", "2020-01", "{}"))
    assert "<img" not in html
    assert "<script" not in html


def test_a_body_of_20_mb_is_refused_at_once_and_blocks_nobody(server: PageServer) -> None:
    started = time.monotonic()
    response = httpx.post(
        f"{server.url}/gradio_api/queue/join", content=b'{"data": ["' + b"x" * 20_000_000 + b'"]}'
    )
    assert response.status_code == 413
    assert "4,000 characters" in response.json()["detail"]
    assert "pa-answered" in html_of(
        server.ask("Do you sell my data?", "sony-mobile", "2020-01", "{}")
    )
    assert time.monotonic() - started < 3


def test_a_body_without_a_length_is_cut_off_too(server: PageServer) -> None:
    def endless():  # type: ignore[no-untyped-def]
        for _ in range(400):
            yield b"x" * 10_000

    response = httpx.post(f"{server.url}/gradio_api/queue/join", content=endless())
    assert response.status_code == 413


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "a@127.0.0.1"])
def test_a_foreign_host_is_refused(server: PageServer, host: str) -> None:
    answer = raw(server.url, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"gradio_config" not in answer


def test_another_site_may_not_post(server: PageServer) -> None:
    response = httpx.post(
        f"{server.url}/gradio_api/queue/join", json={}, headers={"Origin": "https://evil.example"}
    )
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "openapi.json", "docs", "redoc", "config", "info", "gradio_api/info", "monitoring",
        "monitoring/summary", "gradio_api/openapi.json", "gradio_api/upload",
        "gradio_api/file=/etc/passwd",
        "gradio_api/runs", "gradio_api/app_id", "gradio_api/call/turns", "gradio_api/run/turns",
        "gradio_api/deep_link", "gradio_api/vibe-code", "login", "token",
        "manifest.json", "pwa_icon", "gradio_api/heartbeat/x", "gradio_api/startup-events",
        "proxy=https://a.example", "svelte/x.js", "own", "feedback", "gradio_api/queue/join",
    ],
)  # fmt: skip
def test_what_nothing_uses_is_not_there(server: PageServer, path: str) -> None:
    assert httpx.get(f"{server.url}/{path}").status_code == 404


@pytest.mark.parametrize(
    "path", ["gradio_api/upload", "gradio_api/run/turns", "gradio_api/call/turns", "feedback",
             "gradio_api/vibe-edit", "login", "gradio_api/cancel", "gradio_api/stream/x"]
)  # fmt: skip
def test_what_nothing_posts_to_is_not_there(server: PageServer, path: str) -> None:
    assert httpx.post(f"{server.url}/{path}", json={}).status_code == 404


@pytest.mark.parametrize("path", ["", "policy/github/2022-09-01", "assets/x", "nothing"])
def test_every_response_has_the_security_headers(server: PageServer, path: str) -> None:
    headers = httpx.get(f"{server.url}/{path}").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert scripts is not None
    assert "unsafe" not in scripts[1]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert "server" not in headers


def test_the_page_names_no_other_host(server: PageServer) -> None:
    html = httpx.get(f"{server.url}/").text
    named = set(re.findall(r"https?://([^/\"'\s<>]+)", html))
    assert named <= {urlsplit(server.url).netloc, "www.w3.org"}


def test_which_sites_may_frame_the_page_is_a_setting(site: Site) -> None:
    headers = httpx.get(f"{site.server.url}/").headers
    assert (
        "frame-ancestors 'self' http://127.0.0.1:* https://shop.example"
        in (headers["content-security-policy"])
    )
    assert "x-frame-options" not in headers


def test_telemetry_run_history_and_monitoring_are_off(server: PageServer) -> None:
    config = gradio_config(server.url)
    assert config["analytics_enabled"] is False
    assert config["run_history"] is False
    assert config["footer_links"] == []


def test_an_unchanged_policy_is_not_sent_twice(server: PageServer) -> None:
    address = f"{server.url}/policy/github/2022-09-01"
    tag = httpx.get(address).headers["etag"]
    assert httpx.get(address, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("path", ["nobody/2020", "github/1999", "own-x/1", "..%2f..%2fetc/passwd"])
def test_a_policy_that_is_not_there_is_a_clear_404(server: PageServer, path: str) -> None:
    response = httpx.get(f"{server.url}/policy/{path}")
    assert response.status_code == 404
    assert response.text


def test_a_taken_port_is_named(server: PageServer) -> None:
    port = str(urlsplit(server.url).port)
    done = subprocess.run(
        [sys.executable, "app.py", "--port", port],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_server_stops_cleanly_though_a_browser_still_listens() -> None:
    started = PageServer(command=("app.py",))
    with httpx.Client() as browser:
        assert browser.get(f"{started.url}/").status_code == 200  # and the connection stays open
        began = time.monotonic()
        assert started.stop() == 0
    assert time.monotonic() - began < 10
    assert "Stopped." in "".join(started.said)
    assert "Traceback" not in "".join(started.said)


def test_a_stream_of_an_unknown_session_ends_without_a_fuss() -> None:
    started = PageServer()
    answer = httpx.get(f"{started.url}/gradio_api/queue/data?session_hash=nobody")
    assert "session_not_found" in answer.text
    started.stop()
    assert "Traceback" not in "".join(started.said)
