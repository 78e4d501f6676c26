"""Who did what and when: one JSON object a line, appended, on disk before it counts (I/O)."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from policy_text import UserError

_MODE = 0o600  # names and addresses are nobody else's business
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


class AuditError(UserError):
    """An audit file that cannot be written; what should stand in it has not happened."""


class Event(Enum):
    """What is written down."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    APPROVAL = "approval"
    DELETION = "deletion"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for something, and from where.

    Attributes:
        name: None for somebody who has not logged in, or where no login is asked for.
        address: of the browser; of a proxy only if that is not trusted to name the browser's.
    """

    name: str | None
    address: str


def _now() -> datetime:
    return datetime.now(UTC)


class AuditLog:
    """A file of lines, safe to write from several threads and processes."""

    def __init__(self, file: Path, *, clock: Callable[[], datetime] = _now) -> None:
        self._file = file
        self._clock = clock

    def add(self, event: Event, visitor: Visitor, **what: str | int) -> None:
        """Appends one line; it is on disk when this returns.

        `what` says which thing: ids, hashes, counts, and never the text of a question.

        Raises:
            AuditError: it cannot be written. Then do not do what it is about.
        """
        line = {
            "time": self._clock().isoformat(timespec="milliseconds"),
            "event": event.value,
            "who": visitor.name,
            "address": visitor.address,
            **what,
        }
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _append(self._file, json.dumps(line, ensure_ascii=False).encode("utf-8") + b"\n")
        except OSError as error:
            raise AuditError(
                f"The audit file {self._file} cannot be written: {error.strerror}. Free some "
                "space, or set audit to another file."
            ) from error


def _append(file: Path, line: bytes) -> None:
    """Writes a line of its own, even after one that a crash has cut off."""
    descriptor = os.open(file, _FLAGS, _MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
