"""Thumbs on answers: kept in SQLite for some days, exported as a question set (I/O)."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from assistant.model import Answer, Status
from policy_text import UserError

DAY_S = 86400.0  # seconds
_BUSY_S = 5.0  # seconds that one process waits for another that writes
_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    id INTEGER PRIMARY KEY,
    given_at REAL NOT NULL,
    is_helpful INTEGER NOT NULL,
    reason TEXT NOT NULL,
    history TEXT NOT NULL,
    answer TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS feedback_given_at ON feedback (given_at);
"""


class FeedbackError(UserError):
    """A file of feedback that cannot be used."""


class FeedbackStore:
    """A SQLite file; what is older than the days it may be kept is deleted for good."""

    def __init__(
        self, file: Path, *, keep_days: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._file = file
        self._keep_s = keep_days * DAY_S
        self._clock = clock
        self._writing = threading.Lock()
        self._prepare()

    def add(
        self, answer: Answer, history: Sequence[str], *, is_helpful: bool, reason: str = ""
    ) -> None:
        """Keeps one rating; it is on disk when this returns.

        Raises:
            FeedbackError: the file cannot be written.
        """
        row = (
            self._clock(),
            is_helpful,
            reason,
            json.dumps(list(history), ensure_ascii=False),
            json.dumps(_kept_of(answer), ensure_ascii=False),
        )
        with self._writing, self._opened() as connection:
            self._expire(connection)
            connection.execute(
                "INSERT INTO feedback (given_at, is_helpful, reason, history, answer) "
                "VALUES (?, ?, ?, ?, ?)",
                row,
            )
            connection.commit()

    def question_set(self, *, with_unhelpful: bool = False) -> Iterator[dict[str, Any]]:
        """What was rated as questions with what is known of their answers, oldest first.

        An answer rated unhelpful says nothing on what would be right: its line has no evidence,
        and `answerable` is null.

        Raises:
            FeedbackError: the file cannot be read.
        """
        with self._writing, self._opened() as connection:
            self._expire(connection)
            connection.commit()
            rows = connection.execute(
                "SELECT id, is_helpful, reason, history, answer FROM feedback ORDER BY id"
            ).fetchall()
        for number, is_helpful, reason, history, answer in rows:
            if is_helpful or with_unhelpful:
                yield _question_line(number, bool(is_helpful), reason, history, answer)

    def _prepare(self) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._problem(str(error.strerror)) from error
        with self._opened() as connection:
            connection.executescript(_SCHEMA)
            self._expire(connection)
            connection.commit()

    def _expire(self, connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM feedback WHERE given_at < ?", (self._oldest,))

    @property
    def _oldest(self) -> float:
        return self._clock() - self._keep_s

    def _opened(self) -> closing[sqlite3.Connection]:
        return _Opened(self._connect(), self._problem)

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(self._file, timeout=_BUSY_S)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # what was thanked for is on disk
            connection.execute("PRAGMA secure_delete = ON")  # what expires is overwritten
        except sqlite3.Error as error:
            raise self._problem(str(error)) from error
        return connection

    def _problem(self, cause: str) -> FeedbackError:
        return FeedbackError(
            f"Feedback cannot be kept in {self._file}: {cause}. Free some space, or set feedback "
            "to another file."
        )


def export(file: Path, keep_days: int, with_unhelpful: bool) -> list[str]:
    """The question set of a file, one JSON object a line.

    Raises:
        FeedbackError: nothing may be kept, there is no file, or it cannot be read.
    """
    if not keep_days:
        raise FeedbackError(
            "Nothing is kept: keep_feedback_days is 0. Set it as the page that collects has it."
        )
    if not file.exists():
        raise FeedbackError(f"There is no feedback in {file}. Check the setting feedback.")
    store = FeedbackStore(file, keep_days=keep_days)
    rated = store.question_set(with_unhelpful=with_unhelpful)
    return [json.dumps(line, ensure_ascii=False) for line in rated]


class _Opened(closing[sqlite3.Connection]):
    """A connection that is closed at the end; its errors become ours."""

    def __init__(
        self, connection: sqlite3.Connection, problem: Callable[[str], FeedbackError]
    ) -> None:
        super().__init__(connection)
        self._problem = problem

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        if isinstance(raised[1], sqlite3.Error):
            raise self._problem(str(raised[1])) from raised[1]


def _kept_of(answer: Answer) -> dict[str, Any]:
    return {
        "question": answer.question.strip(),
        "policy": answer.policy,
        "version": answer.version,
        "status": answer.status.value,
        "content_hash": answer.content_hash,
        "quotes": [citation.quote for citation in answer.citations],
    }


def _question_line(
    number: int, is_helpful: bool, reason: str, history: str, answer: str
) -> dict[str, Any]:
    kept = json.loads(answer)
    is_answered = kept["status"] == Status.ANSWERED.value
    return {
        "id": f"feedback-{number}",
        "question": kept["question"],
        "policy": kept["policy"],
        "version": kept["version"],
        "history": json.loads(history),
        "answerable": is_answered if is_helpful else None,
        "kind": "feedback",
        "verdict": None,
        "evidence": kept["quotes"] if is_helpful else [],
        "note": reason,
    }
