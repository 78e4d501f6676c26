"""A file of users to who may log in with which password, and to which tabs (I/O)."""

from __future__ import annotations

import hashlib
import json
import secrets
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from assistant.page.tabs import STAFF_TABS
from policy_text import UserError

MIN_LENGTH = 12  # characters of a password; NIST SP 800-63B asks for 8 with a second factor, or 15
MAX_LENGTH = 1024  # characters; a longer one costs time to hash and protects nothing
ALL_TABS = frozenset(tab.path.strip("/") for tab in STAFF_TABS)

_HASHER = PasswordHasher()  # Argon2id with 64 MiB; RFC 9106, the second recommended choice


class UsersError(UserError):
    """A file of users that cannot be used, or a user that cannot be made."""


class _UserLine(BaseModel):
    model_config = ConfigDict(extra="forbid")

    password: str
    tabs: Annotated[tuple[Literal["lookup", "evaluate"], ...], Field(min_length=1)] | None = None


_FILE = TypeAdapter(dict[str, _UserLine])


@dataclass(frozen=True, slots=True)
class User:
    """One who may log in.

    Attributes:
        stamp: changes with the password, so that a login does not outlive it.
        tabs: which tabs this user may see, by the names of their paths.
    """

    name: str
    stamp: str
    tabs: frozenset[str]


class Users:
    """Those who may log in with a password."""

    def __init__(self, hashes: dict[str, str], tabs: dict[str, frozenset[str]]) -> None:
        self._hashes = hashes
        self._users = {name: User(name, _stamp(hashes[name]), tabs[name]) for name in hashes}
        # What a name that nobody has is checked against, so that it takes as long.
        self._nobodys = _HASHER.hash(secrets.token_urlsafe())

    def get(self, name: str) -> User | None:
        """The user of that name, without asking for a password."""
        return self._users.get(name)

    def checked(self, name: str, password: str) -> User | None:
        """The user, if the password is right; takes as long for a name that nobody has."""
        known = self._hashes.get(name, self._nobodys)
        try:
            _HASHER.verify(known, password[:MAX_LENGTH])
        except VerificationError:
            return None
        return self._users.get(name)


def read_users(file: Path) -> Users:
    """The users of a file.

    Raises:
        UsersError: it cannot be read, or has no user, or a password that is not hashed.
    """
    try:
        lines = _FILE.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsersError(
            f"The file of users {file} cannot be read: {error.strerror}. Check the setting users."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsersError(f"{file} is not valid TOML: {error}.") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise UsersError(f"{file}: {where}: {problem['msg']}. Change it.") from error
    if not lines:
        raise UsersError(f"{file} names no user. Add one: policy-assistant users hash NAME")
    for name, line in lines.items():
        _check_hash(file, name, line.password)
    return Users(
        {name: line.password for name, line in lines.items()},
        {name: ALL_TABS if line.tabs is None else frozenset(line.tabs)
         for name, line in lines.items()},
    )  # fmt: skip


def user_lines(name: str, password: str, tabs: Sequence[str] | None = None) -> str:
    """The lines of the file of users for one user, with the password hashed.

    Raises:
        UsersError: the name or the password is too short, or there is no such tab.
    """
    if not name.strip() or not name.isprintable():
        raise UsersError("The name is blank or cannot be printed. Give another one.")
    if len(password) < MIN_LENGTH:
        raise UsersError(f"The password has fewer than {MIN_LENGTH} characters. Take a longer one.")
    if len(password) > MAX_LENGTH:
        raise UsersError(f"The password has more than {MAX_LENGTH} characters. Take a shorter one.")
    if unknown := sorted(set(tabs or ()) - ALL_TABS):
        raise UsersError(f"There is no tab {unknown[0]}. Tabs: {', '.join(sorted(ALL_TABS))}.")
    lines = [f"[{_quoted(name)}]", f"password = {_quoted(_HASHER.hash(password))}"]
    if tabs:
        lines.append(f"tabs = [{', '.join(map(_quoted, sorted(set(tabs))))}]")
    return "\n".join(lines)


def _quoted(words: str) -> str:
    """A TOML string; printable text needs the same escapes there as in JSON."""
    return json.dumps(words, ensure_ascii=False)


def _check_hash(file: Path, name: str, hashed: str) -> None:
    try:
        extract_parameters(hashed)
    except InvalidHashError as error:
        raise UsersError(
            f"{file}: the password of {name} is not hashed. Make its line with: "
            f"policy-assistant users hash {name}"
        ) from error


def _stamp(hashed: str) -> str:
    return hashlib.sha256(hashed.encode("utf-8")).hexdigest()[:16]
