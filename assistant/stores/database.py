"""A SQLite file that loses nothing acknowledged, and is kept aside where it is damaged (I/O)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from policy_text import UserError

BUSY_S = 10.0  # seconds that one writer waits for another
_BESIDE = ("", "-wal", "-shm")  # SQLite's own files; the last changes stand in the second
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

Problem = Callable[[str], UserError]


class Database:
    """A file with a connection for each thread that uses it.

    What a write returns from is on disk, also when power fails: the log is written ahead, and
    synchronised at each commit (3 ms).
    """

    def __init__(self, file: Path, schema: str, application_id: int, problem: Problem) -> None:
        self.file = file
        self._application_id = application_id
        self._problem = problem
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._opening = threading.Lock()
        self._aside: str | None = None  # where the file went, once it was found damaged
        with self._alone(), self._told():
            self._check()
            self._connection.executescript(schema)
            self._connection.execute(f"PRAGMA application_id = {application_id}")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection; the errors of SQLite become ours.

        Raises:
            UserError: the file cannot be read.
        """
        with self._told():
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is on disk at the end, or has not happened where it raises.

        Raises:
            UserError: the file cannot be written.
        """
        with self._told():
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        """Closes the connections of all threads; nobody may be using them."""
        with self._opening:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
            self._local = threading.local()

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._aside is not None:
            raise self._damaged()  # not to go on with an empty file as if nothing had happened
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(
                self.file, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
            with self._opening:
                self._opened.append(found)
            found.execute("PRAGMA journal_mode = WAL")
            found.execute("PRAGMA synchronous = FULL")
            found.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
            self._local.connection = found
        return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While one process opens the file, others that open it wait.

        Two that begin a file at once would each see what the other has half done; and SQLite,
        whose writers wait for each other, does not wait to switch to a log ahead.
        """
        lock = FileLock(f"{self.file}.lock", timeout=BUSY_S)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock.acquire()
        except Timeout as error:
            raise self._problem("another program is opening it. Try again") from error
        except OSError as error:
            raise self._problem(f"{error.strerror}. Choose another file") from error
        try:
            yield
        finally:
            lock.release()

    def _check(self) -> None:
        """Whether the file is whole, and one of ours."""
        connection = self._connection
        with suppress(OSError):
            self.file.chmod(0o600)  # what agents write is nobody else's business
        (found,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if found != self._application_id and tables:
            raise self._problem("it is a database of another program. Choose another file")
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise self._kept_aside(str(verdict))

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
                raise self._kept_aside(str(error)) from error
            raise self._problem(f"{error}. Free some space, or choose another file") from error

    def _kept_aside(self, cause: str) -> UserError:
        """Renames the damaged file with all that belongs to it, for somebody to rescue."""
        self.close()
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        aside = f"{self.file}.damaged-{stamp}"
        for ending in _BESIDE:
            with suppress(FileNotFoundError):
                Path(f"{self.file}{ending}").rename(f"{aside}{ending}")
        self._aside = f"{aside} ({cause.splitlines()[0]})"
        return self._damaged()

    def _damaged(self) -> UserError:
        return self._problem(
            f"it is damaged, and is kept aside as {self._aside}. Start again, which begins an "
            "empty file, and put back an export"
        )
