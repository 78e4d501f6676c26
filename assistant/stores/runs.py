"""Kept runs: a folder with a folder for each, as `evaluate --output` writes it (I/O)."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.evaluation.evaluate import METRICS_FILE
from assistant.evaluation.intervals import Figure
from assistant.evaluation.run import HEADER_FILE, RunError, RunHeader, read_header
from policy_text import UserError
from policy_text.sections import slug

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # no path leads out of the folder with these
_WORKING, _DELETED = ".working-", ".deleted-"
_LOCK = ".lock"
_MODE = 0o700  # people's question sets are nobody else's business
SUMMARIES = 1000  # of runs that are remembered; each is a few hundred bytes


class KeptRunError(UserError):
    """A run that is not there, or a folder of runs that cannot be used."""


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run that is kept: its id, what was run, and its figures by the names of measures."""

    id: str
    header: RunHeader
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class DamagedRun:
    """A folder that has the name of a run and cannot be read as one, and why."""

    id: str
    problem: str


class WorkingFolder:
    """Where a run is made; its lock tells other processes that somebody still works there."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=_MODE)
        path.mkdir(mode=_MODE)
        self.path = path
        self._lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def discard(self) -> None:
        """Removes it and all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        with suppress(OSError):
            os.close(self._lock)


class RunStore:
    """The folder of runs; a run appears whole or not at all, and is never changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._clear_leftovers()

    def all(self) -> list[KeptRun | DamagedRun]:
        """Every run, the latest first, then those that are damaged.

        Raises:
            KeptRunError: the folder cannot be read.
        """
        try:
            ids = sorted(p.name for p in self._folder.iterdir() if _ID.fullmatch(p.name))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise KeptRunError(
                f"The folder of runs {self._folder} cannot be read: {error.strerror}. Check its "
                "permissions, or set runs to another folder."
            ) from error
        found = [self._read(run_id) for run_id in ids if (self._folder / run_id).is_dir()]
        kept = [run for run in found if isinstance(run, KeptRun)]
        damaged = [run for run in found if isinstance(run, DamagedRun)]
        return [*sorted(kept, key=lambda run: run.header.started, reverse=True), *damaged]

    def get(self, run_id: str) -> KeptRun:
        """The run of that id.

        Raises:
            KeptRunError: there is none, or it is damaged.
        """
        self.folder(run_id)
        run = self._read(run_id)
        if isinstance(run, DamagedRun):
            raise KeptRunError(run.problem)
        return run

    def folder(self, run_id: str) -> Path:
        """Where the run of that id stands.

        Raises:
            KeptRunError: there is none.
        """
        if not _ID.fullmatch(run_id) or not (self._folder / run_id).is_dir():
            raise KeptRunError(
                "There is no such run; perhaps it was deleted. Choose one from the list."
            )
        return self._folder / run_id

    def delete(self, run_id: str) -> None:
        """Removes a run; for readers it is gone at once.

        Raises:
            KeptRunError: there is none, or it cannot be removed.
        """
        folder = self.folder(run_id)
        aside = self._folder / f"{_DELETED}{run_id}-{token_hex(4)}"
        try:
            folder.rename(aside)
            shutil.rmtree(aside)
        except OSError as error:
            raise KeptRunError(
                f"The run cannot be deleted: {error.strerror}. Check the permissions of "
                f"{self._folder}."
            ) from error

    def begin(self) -> WorkingFolder:
        """A new folder to make a run in; it is no run before `keep`.

        Raises:
            KeptRunError: it cannot be made.
        """
        try:
            return WorkingFolder(self._folder / f"{_WORKING}{token_hex(8)}")
        except OSError as error:
            raise KeptRunError(
                f"Cannot write to the folder of runs {self._folder}: {error.strerror}. Free some "
                "space, or set runs to another folder."
            ) from error

    def keep(self, made: Path, name: str) -> str:
        """Makes a finished run, a folder inside a working folder, one of the kept; its id.

        Raises:
            KeptRunError: it cannot be moved.
        """
        run_id = f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}-{_ascii(slug(name))}-{token_hex(2)}"
        try:
            made.rename(self._folder / run_id)
        except OSError as error:
            raise KeptRunError(f"The run cannot be kept: {error.strerror}. Try again.") from error
        return run_id

    def _read(self, run_id: str) -> KeptRun | DamagedRun:
        folder = self._folder / run_id
        try:
            changed = (folder / HEADER_FILE).stat().st_mtime_ns
            header, figures = _summary(folder, changed)
        except FileNotFoundError as error:
            name = Path(error.filename).name
            return DamagedRun(run_id, f"{run_id} holds no run ({name} is missing). Delete it.")
        except OSError as error:
            return DamagedRun(run_id, f"{run_id} cannot be read: {error.strerror}.")
        except RunError:
            problem = f"{run_id} is damaged, or of a newer program. Evaluate the set again."
            return DamagedRun(run_id, problem)
        return KeptRun(run_id, header, figures)

    def _clear_leftovers(self) -> None:
        """Removes what a process that was killed had begun; others' work is locked."""
        for path in self._folder.glob(f"{_DELETED}*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in self._folder.glob(f"{_WORKING}*"):
            with suppress(OSError):
                lock = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path, ignore_errors=True)
                finally:
                    os.close(lock)


class _Figures(BaseModel):
    model_config = ConfigDict(extra="ignore")

    measures: dict[str, Figure]


@lru_cache(maxsize=SUMMARIES)
def _summary(folder: Path, changed: int) -> tuple[RunHeader, Mapping[str, Figure]]:
    """Header and figures of a run whose header was written at `changed`.

    Raises:
        OSError: a file is missing or cannot be read.
        RunError: a file is damaged or of a newer program.
    """
    del changed
    header = read_header(folder)
    try:
        figures = _Figures.model_validate_json((folder / METRICS_FILE).read_bytes())
    except ValidationError as error:
        raise RunError(f"{folder / METRICS_FILE} is damaged.") from error
    return header, MappingProxyType(figures.measures)


def _ascii(words: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "", words)[:40].strip("-") or "set"
