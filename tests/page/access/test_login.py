"""Logging in and out with a password: what is taken, refused, slowed down and written down."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.page.access.login import safe_next
from assistant.page.access.throttle import FAILED_BY_ADDRESS
from tests.page.access.conftest import ALICE, BOB, HTML, Walled, form_token, log_in
from tests.page.conftest import REPOSITORY, PageServer


def test_a_login_is_written_down_with_who_and_from_where(
    walled: Walled, client: httpx.Client
) -> None:
    log_in(client, "alice", ALICE)
    line = walled.audited()[-1]
    assert {line["event"], line["who"], line["address"]} == {"login", "alice", "127.0.0.1"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", line["time"])
    assert walled.audit.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "password", "who"),
    [
        pytest.param("alice", BOB, "alice", id="anothers-password"),
        pytest.param("alice", ALICE + "x", "alice", id="longer"),
        pytest.param("Alice", ALICE, None, id="anothers-name"),
        pytest.param(ALICE, "alice", None, id="in-the-wrong-boxes"),
    ],
)
def test_what_is_wrong_is_refused_and_written_down(
    users_file: Path, tmp_path: Path, name: str, password: str, who: str | None
) -> None:
    audit = tmp_path / "audit.jsonl"
    server = PageServer("--users", str(users_file), "--audit", str(audit))
    with httpx.Client(base_url=server.url, timeout=60) as client:
        response = log_in(client, name, password)
        assert response.status_code == 401
        assert "The name or the password is wrong." in response.text
        assert client.get("/lookup/").status_code == 401
    server.stop()
    (line,) = Walled(server, audit).audited()
    assert (line["event"], line["who"]) == ("login_failed", who)
    assert ALICE not in audit.read_text("utf-8")


def test_a_session_cookie_is_no_scripts_business(client: httpx.Client) -> None:
    cookie = log_in(client, "alice", ALICE).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age=43200" in cookie  # 12 hours
    assert "secure" not in cookie  # the test's page has no HTTPS


def test_a_changed_cookie_is_no_login(client: httpx.Client) -> None:
    log_in(client, "alice", ALICE)
    name, value = next(iter(client.cookies.items()))
    said, _, signature = value.rpartition(".")
    # Not its last character: that one has bits to spare, two of which decode to the same bytes.
    forgeries = (
        f"{said}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
        f"x{value}",
        value.upper(),
    )
    for forged in forgeries:
        with httpx.Client(base_url=client.base_url, cookies={name: forged}) as forger:
            assert forger.get("/lookup/").status_code == 401


def test_after_the_logout_even_the_old_cookie_is_no_login(
    walled: Walled, client: httpx.Client
) -> None:
    log_in(client, "alice", ALICE)
    kept = dict(client.cookies.items())
    assert client.get("/lookup/").status_code == 200
    assert client.post("/login/out").headers["location"] == "/login/"
    assert walled.audited()[-1]["event"] == "logout"
    assert client.get("/lookup/").status_code == 401
    with httpx.Client(base_url=walled.url, cookies=kept) as thief:
        assert thief.get("/lookup/").status_code == 401


def test_a_form_of_no_session_or_anothers_is_refused(walled: Walled, client: httpx.Client) -> None:
    form = {"name": "alice", "password": ALICE, "next": "/lookup/"}
    assert client.post("/login/", data=form).status_code == 403
    with httpx.Client(base_url=walled.url) as another:
        foreign = form_token(another)
    form_token(client)
    for token in (foreign, "", "é"):
        response = client.post("/login/", data={**form, "token": token})
        assert response.status_code == 403
        assert "The form was too old." in response.text
    assert client.get("/lookup/").status_code == 401


def test_another_site_may_not_send_the_form(client: httpx.Client) -> None:
    form = {"name": "alice", "password": ALICE, "token": form_token(client)}
    for origin in ("https://evil.example", "null"):
        headers = {"Origin": origin}
        assert client.post("/login/", data=form, headers=headers).status_code == 403
        assert client.post("/login/out", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("/lookup/?q=a b&x=1", "/lookup/?q=a b&x=1"),
        ("/evaluate/", "/evaluate/"),
        ("", "/lookup/"),
        ("/", "/lookup/"),
        ("//evil.example/lookup/", "/lookup/"),
        ("https://evil.example/lookup/", "/lookup/"),
        ("/\\evil.example/lookup/", "/lookup/"),
        ("/lookup/\\..\\..\\", "/lookup/"),
        ("/lookup/\r\nSet-Cookie: a=b", "/lookup/"),
        ("/lookupx.evil.example/", "/lookup/"),
        ("javascript:alert(1)", "/lookup/"),
        ("\t//evil.example", "/lookup/"),
        ("/login/out", "/lookup/"),
    ],
)
def test_after_the_login_it_goes_nowhere_else(wanted: str, found: str) -> None:
    assert safe_next(wanted) == found


def test_no_markup_of_a_link_gets_into_the_page(client: httpx.Client) -> None:
    page = client.get("/login/", params={"next": '/lookup/?"><script>alert(1)</script>'})
    assert "<script>alert" not in page.text


# --- too many failures ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def proxied(users_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walled]:
    """A server behind a proxy on this machine, so that a test can come from many addresses."""
    audit = tmp_path_factory.mktemp("audit") / "audit.jsonl"
    started = PageServer(
        "--users", str(users_file), "--audit", str(audit), "--user-header", "X-Remote-User",
        "--trusted-proxies", "127.0.0.1,10.0.0.0/8",
    )  # fmt: skip
    yield Walled(started, audit)
    started.stop()


def from_address(walled: Walled, address: str) -> httpx.Client:
    headers = {"X-Forwarded-For": address}
    return httpx.Client(base_url=walled.url, timeout=60, headers=headers)


def test_failed_logins_of_an_address_are_slowed_down_and_others_are_not(proxied: Walled) -> None:
    tries = int(FAILED_BY_ADDRESS.split()[0])
    with from_address(proxied, "198.51.100.1") as guesser:
        for _ in range(tries):
            assert log_in(guesser, "alice", "a wrong password").status_code == 401
        response = log_in(guesser, "alice", ALICE)  # the right one does not count any more
        assert response.status_code == 429
        assert 0 < int(response.headers["retry-after"]) <= 600
        assert re.search(r"Try again in \d+ (minutes|seconds)\.", response.text)
        assert guesser.get("/lookup/").status_code == 401
    with from_address(proxied, "198.51.100.2") as another:
        assert log_in(another, "alice", ALICE).status_code == 303
    failed = [line for line in proxied.audited() if line["event"] == "login_failed"]
    assert {line["address"] for line in failed} == {"198.51.100.1"}
    assert len(failed) == tries  # what is not looked at fills no file


# --- a proxy that has asked already --------------------------------------------------------------


def test_whom_a_trusted_proxy_names_is_let_in_and_written_down_once(proxied: Walled) -> None:
    with from_address(proxied, "198.51.100.9") as client:
        named = {"X-Remote-User": "erin@acme.example"}
        for _ in range(3):
            assert client.get("/lookup/", headers=named).status_code == 200
        page = client.get("/lookup/", headers=named).text
        assert client.get("/lookup/").status_code == 401
    assert "erin@acme.example" in page
    assert "Log out" not in page
    lines = [line for line in proxied.audited() if line["who"] == "erin@acme.example"]
    assert [(line["event"], line["way"]) for line in lines] == [("login", "proxy")]
    assert lines[0]["address"] == "198.51.100.9"


def test_two_names_and_a_blank_one_are_none(proxied: Walled) -> None:
    for names in (["alice", "bob"], ["alice", "alice"], [""]):
        headers = [("X-Remote-User", name) for name in names]
        assert httpx.get(f"{proxied.url}/lookup/", headers=headers).status_code == 401


def test_the_address_that_counts_is_the_last_that_is_no_proxys(proxied: Walled) -> None:
    headers = {
        "X-Remote-User": "frank",
        "X-Forwarded-For": "203.0.113.66, 198.51.100.7, 10.1.2.3",  # the first is the visitor's lie
    }
    assert httpx.get(f"{proxied.url}/lookup/", headers=headers).status_code == 200
    (line,) = [line for line in proxied.audited() if line["who"] == "frank"]
    assert line["address"] == "198.51.100.7"


def test_where_the_browser_has_https_the_cookie_is_for_https_only(proxied: Walled) -> None:
    page = httpx.get(f"{proxied.url}/login/", headers={"X-Forwarded-Proto": "https"})
    assert "; secure" in page.headers["set-cookie"]


# --- what stands behind a login ------------------------------------------------------------------


def test_nobody_logs_in_where_it_cannot_be_written_down(users_file: Path, tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()  # no file can be there
    server = PageServer("--users", str(users_file), "--audit", str(tmp_path / "audit.jsonl"))
    with httpx.Client(base_url=server.url, timeout=60) as client:
        response = log_in(client, "alice", ALICE)
        assert response.status_code == 503
        assert "cannot be written" in response.text
        assert client.get("/lookup/").status_code == 401
    server.stop()


def test_a_new_password_or_a_lost_tab_ends_old_logins(tmp_path: Path, users_file: Path) -> None:
    users = tmp_path / "users.toml"
    users.write_text(users_file.read_text("utf-8"), encoding="utf-8")
    secret = "the secret of two servers, one after the other"
    flags = ("--users", str(users), "--audit", str(tmp_path / "audit.jsonl"))
    server = PageServer(*flags, session_secret=secret)
    with httpx.Client(base_url=server.url, timeout=60) as client:
        log_in(client, "alice", ALICE)
        kept = dict(client.cookies.items())
    server.stop()
    server = PageServer(*flags, session_secret=secret)
    with httpx.Client(base_url=server.url, cookies=kept) as client:
        assert client.get("/lookup/").status_code == 200
    server.stop()
    new = make_line("alice", "another long password")
    users.write_text(new, encoding="utf-8")
    server = PageServer(*flags, session_secret=secret)
    with httpx.Client(base_url=server.url, cookies=kept) as client:
        assert client.get("/lookup/").status_code == 401
    server.stop()


def make_line(name: str, password: str, *flags: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "assistant.cli", "users", "hash", name, *flags],
        cwd=REPOSITORY, input=f"{password}\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert password not in done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("flags", "settings", "message"),
    [
        pytest.param(["--users", "/nowhere.toml"], {}, "cannot be read", id="no-file"),
        pytest.param(["--user-header", "X-User"], {}, "needs trusted_proxies", id="header"),
        pytest.param(["--user-header", "X: User"], {}, "user_header", id="no-header"),
        pytest.param(["--oidc-issuer", "https://a.example"], {}, "oidc_client_id", id="oidc"),
        pytest.param(["--trusted-proxies", "proxy"], {}, "neither an address", id="proxy"),
        pytest.param(["--rate-limit", "often"], {}, "30/minute", id="rate"),
        pytest.param([], {"SESSION_SECRET": "short"}, "32 characters", id="secret"),
    ],
)
def test_settings_that_cannot_be_are_named_at_the_start(
    flags: list[str], settings: dict[str, str], message: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "app.py", "--port", "0", *flags],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path),
             **{f"POLICY_ASSISTANT_{name}": value for name, value in settings.items()}},
    )  # fmt: skip
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_whoever_opens_the_tabs_to_others_is_told() -> None:
    server = PageServer("--host", "0.0.0.0")
    said = "".join(server.said)
    server.stop()
    assert "No login is set up" in said
    assert "rate_limit" in said


def test_on_this_machine_alone_nothing_is_said(walled: Walled) -> None:
    assert "login" not in "".join(walled.server.said)


def test_the_login_page_asks_no_other_host(client: httpx.Client) -> None:
    page = client.get("/login/", headers=HTML).text
    assert re.findall(r"https?://", page) == []
