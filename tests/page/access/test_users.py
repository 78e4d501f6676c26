"""The file of users, the headers of proxies and the secret of sessions, without a server."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assistant.page.access.sessions import Logins, form_token, is_form_token, session_secret
from assistant.page.access.users import UsersError, read_users, user_lines
from assistant.settings import Settings
from tests.page.access.conftest import ALICE, BOB
from tests.page.conftest import REPOSITORY


def test_the_line_that_is_printed_lets_in_with_the_password_and_no_other(users_file: Path) -> None:
    users = read_users(users_file)
    alice = users.checked("alice", ALICE)
    assert alice is not None
    assert (alice.name, alice.tabs) == ("alice", {"lookup", "evaluate"})
    assert users.checked("alice", BOB) is None
    assert users.checked("nobody", ALICE) is None


def test_a_user_may_be_for_one_tab_only(users_file: Path) -> None:
    bob = read_users(users_file).checked("bob", BOB)
    assert bob is not None
    assert bob.tabs == {"lookup"}


def test_two_hashes_of_a_password_differ() -> None:
    assert user_lines("alice", ALICE) != user_lines("alice", ALICE)


@pytest.mark.parametrize(
    "name", ["a.b", 'q"uote', "back\\slash", "Zoë Ångström", "a]b = 1 #", "名"]
)
def test_any_name_can_stand_in_the_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / "users.toml"
    file.write_text(user_lines(name, ALICE), encoding="utf-8")
    user = read_users(file).get(name)
    assert user is not None
    assert user.name == name


@pytest.mark.parametrize(
    ("name", "password", "tabs", "message"),
    [
        ("alice", "short", None, "fewer than 12"),
        ("alice", "x" * 2000, None, "more than 1024"),
        (" ", ALICE, None, "blank"),
        ("a\nb", ALICE, None, "cannot be printed"),
        ("alice", ALICE, ["ask"], "no tab ask"),
    ],
)
def test_a_user_that_cannot_be_made_is_refused(
    name: str, password: str, tabs: list[str] | None, message: str
) -> None:
    with pytest.raises(UsersError, match=message):
        user_lines(name, password, tabs)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "names no user", id="empty"),
        pytest.param("[alice", "not valid TOML", id="broken"),
        pytest.param("[alice]\npassword = 'secret'", "alice is not hashed", id="plain"),
        pytest.param("[alice]\ntabs = ['lookup']", "alice.password", id="none"),
        pytest.param("[alice]\npassword = 'x'\ntabs = ['ask']", "alice.tabs", id="tab"),
        pytest.param("[alice]\npassword = 'x'\ntabs = []", "alice.tabs", id="no-tab"),
        pytest.param("[alice]\npasswort = 'x'", "alice", id="misspelt"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "users.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsersError, match=message):
        read_users(file)


def test_a_password_is_asked_twice_and_not_shown(tmp_path: Path) -> None:
    """In a terminal; `script` gives it one."""
    command = f"{sys.executable} -m assistant.cli users hash alice --tab lookup"
    asking = subprocess.Popen(
        ["script", "-qec", command, "/dev/null"],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
    )  # fmt: skip
    assert asking.stdin is not None
    assert asking.stdout is not None
    shown = ""
    for prompt in ("Password: ", "confirmation: "):
        while not shown.endswith(prompt):  # what is typed before it asks is thrown away
            shown += asking.stdout.read(1).decode()
        asking.stdin.write(f"{ALICE}\n".encode())
    shown += asking.stdout.read().decode()
    asking.stdin.close()
    asking.stdout.close()
    assert asking.wait() == 0, shown
    assert ALICE not in shown
    lines = shown[shown.index("[") :].replace("\r", "")
    file = tmp_path / "users.toml"
    file.write_text(lines, encoding="utf-8")
    user = read_users(file).checked("alice", ALICE)
    assert user is not None
    assert user.tabs == {"lookup"}


# --- sessions ------------------------------------------------------------------------------------


def test_a_login_ends_with_its_hours() -> None:
    session: dict[str, object] = {}
    logins = Logins(hours=1)
    logins.begin(session, "alice", way="password")
    assert logins.of(session) is not None
    session["login"] = {**session["login"], "since": 0.0}  # type: ignore[dict-item]
    assert logins.of(session) is None


def test_a_login_takes_nothing_over_from_before() -> None:
    session: dict[str, object] = {"token": "planted", "x": 1}
    Logins(hours=1).begin(session, "alice", way="password")
    assert session.keys() == {"login"}


@pytest.mark.parametrize("login", [None, "alice", {}, {"name": "alice"}, [1]])
def test_a_session_that_says_something_else_is_no_login(login: object) -> None:
    assert Logins(hours=1).of({"login": login}) is None


def test_a_blank_token_is_no_token() -> None:
    assert not is_form_token({}, "")
    assert not is_form_token({"token": ""}, "")
    session: dict[str, object] = {}
    assert is_form_token(session, form_token(session))


def test_the_secret_is_made_once_by_however_many_and_is_nobody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(session_secret(Settings()))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert len(found[0]) == 64
    (file,) = (tmp_path / "policy-assistant").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert session_secret(Settings(session_secret="y" * 40)) == "y" * 40
