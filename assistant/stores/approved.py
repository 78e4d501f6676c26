"""Answers that an agent approved, with what they rest on: kept in SQLite (I/O)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from assistant.stores.database import Database
from policy_text import UserError

FloatMatrix = NDArray[np.float32]  # (n, dim)

APPLICATION_ID = 0x50416170  # "PAap"; marks the file as one of ours
MAX_ANSWER_CHARACTERS = 20_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS approved (
    id TEXT PRIMARY KEY,
    approved_at TEXT NOT NULL,
    answer TEXT NOT NULL,
    encoder TEXT,
    vector BLOB
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS revision (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER);
INSERT OR IGNORE INTO revision VALUES (1, 0);
"""


class ApprovedError(UserError):
    """Approved answers that cannot be kept or read."""


class ApprovedCitation(BaseModel):
    """A quote that an approved answer rests on.

    Attributes:
        section: the path as a person cites it.
        section_hash: SHA-256 of the section's words, hexadecimal; see `assistant.approved`.
        start: of the quote in the version's text, in code points, as `end`.
        quote: the characters there.
        words: the quote as a person reads it, after its lead-in.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    section: str = Field(max_length=2000)
    section_id: str = Field(max_length=1000)
    section_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    start: int = Field(ge=0)
    end: int = Field(ge=1)
    quote: str = Field(min_length=1, max_length=20_000)
    words: str = Field(min_length=1, max_length=40_000)


class ApprovedAnswer(BaseModel):
    """An agent's own words on a question, and the citations that they rest on.

    Attributes:
        approved_by: who had logged in, or "local".
        approved_at: the moment, UTC, as ISO 8601 writes it.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    id: str = Field(pattern=r"^[0-9a-zA-Z_-]{1,64}$")
    question: str = Field(min_length=1, max_length=4000, pattern=r"\S")
    answer: str = Field(min_length=1, max_length=MAX_ANSWER_CHARACTERS, pattern=r"\S")
    policy: str = Field(min_length=1, max_length=200)
    version: str = Field(pattern=r"^\d{4}(-\d\d){0,2}$")
    approved_by: str = Field(min_length=1, max_length=320)
    approved_at: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$")
    citations: tuple[ApprovedCitation, ...] = Field(min_length=1, max_length=50, strict=False)


@dataclass(frozen=True, slots=True, eq=False)
class Meanings:
    """What all kept questions mean.

    Attributes:
        vectors: float32, shape (len(answers), dim), unit rows, in the order of the answers.
    """

    answers: tuple[ApprovedAnswer, ...]
    vectors: FloatMatrix


class ApprovedStore:
    """A SQLite file of approved answers, safe for several threads and processes."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._database = Database(file, _SCHEMA, APPLICATION_ID, self._problem)
        self._known: tuple[int, str, Meanings] | None = None

    def add(self, answers: Iterable[ApprovedAnswer]) -> int:
        """Keeps answers, and says how many; those whose id is there already stay as they were.

        All are on disk when this returns.

        Raises:
            ApprovedError: the file cannot be written.
        """
        rows = [(a.id, a.approved_at, a.model_dump_json()) for a in answers]
        with self._database.writing() as connection:
            before = connection.total_changes
            connection.executemany(
                "INSERT INTO approved (id, approved_at, answer) VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO NOTHING",
                rows,
            )
            added = connection.total_changes - before
            connection.execute("UPDATE revision SET number = number + 1")
        return added

    def delete(self, answer_id: str) -> bool:
        """Deletes one answer; False where there is none of that id.

        Raises:
            ApprovedError: the file cannot be written.
        """
        with self._database.writing() as connection:
            found = connection.execute("DELETE FROM approved WHERE id = ?", (answer_id,)).rowcount
            connection.execute("UPDATE revision SET number = number + 1")
        return bool(found)

    def get(self, answer_id: str) -> ApprovedAnswer:
        """One answer.

        Raises:
            ApprovedError: there is none of that id, or the file cannot be read.
        """
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT answer FROM approved WHERE id = ?", (answer_id,)
            ).fetchone()
        if row is None:
            raise ApprovedError("That approved answer has been deleted. Search again.")
        return _answer(row[0])

    def all(self) -> list[ApprovedAnswer]:
        """Every answer, the newest first.

        Raises:
            ApprovedError: the file cannot be read.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT answer FROM approved ORDER BY approved_at DESC, id"
            ).fetchall()
        return [_answer(row[0]) for row in rows]

    @property
    def revision(self) -> int:
        """A number that grows with every change, whichever process makes it.

        Raises:
            ApprovedError: the file cannot be read.
        """
        with self._database.reading() as connection:
            (number,) = connection.execute("SELECT number FROM revision").fetchone()
        return int(number)

    def without_vector(self, encoder: str) -> list[ApprovedAnswer]:
        """The answers whose questions that encoder has not encoded yet.

        Raises:
            ApprovedError: the file cannot be read.
        """
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT answer FROM approved WHERE encoder IS NOT ? ORDER BY id", (encoder,)
            ).fetchall()
        return [_answer(row[0]) for row in rows]

    def keep_vectors(
        self, encoder: str, answers: Sequence[ApprovedAnswer], vectors: FloatMatrix
    ) -> None:
        """Keeps what questions mean: float32, shape (len(answers), dim), in their order.

        Raises:
            ApprovedError: the file cannot be written.
        """
        rows = [
            (encoder, vector.astype("<f4").tobytes(), answer.id)
            for answer, vector in zip(answers, vectors, strict=True)
        ]
        with self._database.writing() as connection:
            connection.executemany("UPDATE approved SET encoder = ?, vector = ? WHERE id = ?", rows)
            connection.execute("UPDATE revision SET number = number + 1")

    def meanings(self, encoder: str) -> Meanings:
        """All answers that an encoder has encoded; read anew only where the file has changed.

        Raises:
            ApprovedError: the file cannot be read.
        """
        known, revision = self._known, self.revision
        if known is not None and known[:2] == (revision, encoder):
            return known[2]
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT answer, vector FROM approved WHERE encoder = ? ORDER BY id", (encoder,)
            ).fetchall()
        vectors = [np.frombuffer(row[1], dtype="<f4") for row in rows] or np.zeros((0, 0))
        answers = tuple(_answer(row[0]) for row in rows)
        found = Meanings(answers, np.array(vectors, dtype=np.float32))
        # Revision and rows may be of two moments; then a later read has a later revision.
        self._known = (revision, encoder, found)
        return found

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def _problem(self, cause: str) -> ApprovedError:
        return ApprovedError(
            f"Approved answers cannot be kept in {self.file}: {cause} (`policy-assistant approved "
            "import FILE` reads an export; the setting approved says which file is used)."
        )


def _answer(kept: str) -> ApprovedAnswer:
    return ApprovedAnswer.model_validate(json.loads(kept))
