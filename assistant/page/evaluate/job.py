"""One evaluation in a process of its own: begun, watched, and ended for good (I/O).

The process is `policy-assistant evaluate`: its files, its messages, and no work in the server.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.evaluation.evaluate import RAW_ANSWERS_FILE, workers_for
from assistant.page.evaluate.order import Order
from assistant.page.evaluate.progress import Progress
from assistant.settings import PREFIX, Settings
from assistant.workers import cores
from policy_text import UserError

OUTPUT, SAID = "run", "said.txt"  # in the working folder: the run, and what the process says
ANSWERED_FILE = f"{RAW_ANSWERS_FILE}.state"  # a line for each answer that is there
PACED_AFTER = 5  # answers; the first one waits for texts and indexes to be opened
NICENESS = 10  # so that people who ask come first
END_WITHIN_S = 5.0  # seconds until a process that was asked to end is made to
_ROOT = Path(__file__).parents[3]
_COUNTED = re.compile(r"[^:\n]+: \d+ to do …")  # what a log has in the place of a bar


class JobError(UserError):
    """A process that cannot be started."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the process ended: `problem` None if the run is there."""

    problem: str | None


class Job:
    """A process that evaluates, and all that it has started.

    Making one raises JobError where it cannot be started.
    """

    def __init__(
        self, order: Order, names: Sequence[str], total: int, folder: Path, settings: Settings
    ) -> None:
        self.total = total
        self.output = folder / OUTPUT
        self._said = folder / SAID
        self._first_seen: tuple[int, float] | None = None  # how many answers, and when
        command = _command(order, names, total, self.output, settings)
        self._process = _started(command, settings, self._said)
        with suppress(OSError):  # it has ended already
            os.setpriority(os.PRIO_PROCESS, self._process.pid, NICENESS)

    def wait(self, seconds: float) -> bool:
        """Waits so long at most; whether it has ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        assert self._process.stdin is not None
        self._process.stdin.close()
        return True

    def progress(self) -> Progress:
        """How far it is; to be asked often, as the pace counts from the first answer seen."""
        try:
            done = (self.output / ANSWERED_FILE).read_bytes().count(b"\n")
        except OSError:
            done = 0  # it has not begun to ask
        if not done:
            return Progress(0, self.total)
        now = time.monotonic()
        first, since = self._first_seen = self._first_seen or (done, now)
        if done - first < PACED_AFTER:
            return Progress(done, self.total)
        return Progress(done, self.total, (now - since) / (done - first))

    def end(self) -> None:
        """Ends it and all that it has started; returns when it has."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is not None:
                return
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            self.wait(END_WITHIN_S)

    def outcome(self) -> Outcome:
        """How it ended; only when it has."""
        code = self._process.returncode
        if code == 0:
            return Outcome(None)
        said = self._said.read_text(encoding="utf-8", errors="replace")
        words = "\n".join(line for line in said.splitlines() if not _COUNTED.fullmatch(line))
        if code == 1 and words and "Traceback (most recent call last)" not in words:
            return Outcome(words)
        last = words.rpartition("\n")[2] or "it said nothing"
        return Outcome(f"The evaluation ended before its time (exit code {code}): {last}")


def _command(
    order: Order, names: Sequence[str], total: int, output: Path, settings: Settings
) -> list[str]:
    options = {
        "output": output,
        "workers": workers_for(total, max(1, cores() - 1)),  # one is for people who ask
        "policy": order.asked_of.policy,
        "version": order.asked_of.version,
        "region": order.region,
        "policies": settings.policies,
        "index": settings.index,
        "model": settings.model,
    }
    given = [f"--{name}={value}" for name, value in options.items() if value is not None]
    return [sys.executable, "-m", "assistant.tied_cli", "evaluate", *names, *given]


def _started(command: Sequence[str], settings: Settings, said: Path) -> subprocess.Popen[bytes]:
    try:
        with said.open("wb") as file:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # closed when this server ends, however it does
                stdout=subprocess.DEVNULL,
                stderr=file,
                env=_environment(settings),
                start_new_session=True,  # so that its own processes end with it
            )
    except OSError as error:
        raise JobError(
            f"The evaluation cannot be started: {error.strerror}. Try again later."
        ) from error


def _environment(settings: Settings) -> dict[str, str]:
    """That of the server, with what no option says."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        f"{PREFIX}CACHE": str(settings.cache),
    }
