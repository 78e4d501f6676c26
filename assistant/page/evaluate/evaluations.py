"""Orders to kept runs, one at a time; safe to use from several threads (I/O)."""

from __future__ import annotations

import atexit
import threading
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from secrets import token_hex

from assistant.page.evaluate.job import Job
from assistant.page.evaluate.order import Order, as_dropped, questions_of, told_plainly
from assistant.page.evaluate.progress import Progress
from assistant.settings import Settings
from assistant.stores.runs import RunStore, WorkingFolder
from policy_text import UserError

LOOK_EVERY_S = 0.25  # seconds between two looks at how far the process is
CANCEL_WITHIN_S = 15.0  # seconds; ending the process takes 5 at most, removing its files less


class BusyError(UserError):
    """Another evaluation is running."""


class NotRunningError(UserError):
    """The evaluation that is to be cancelled has ended."""


class State(Enum):
    """What became of an evaluation."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass
class Evaluation:
    """One evaluation: under way, or how it ended.

    Attributes:
        id: of the evaluation; the run that it becomes has one of its own.
        run: the id of the kept run, when finished.
        problem: why it failed.
    """

    id: str
    name: str
    job: Job
    working: WorkingFolder
    progress: Progress
    state: State = State.RUNNING
    run: str | None = None
    problem: str | None = None
    is_cancelled: bool = False
    ended: threading.Event = field(default_factory=threading.Event)


class Evaluations:
    """Runs one evaluation at a time, and remembers how the last one ended."""

    def __init__(self, settings: Settings, store: RunStore) -> None:
        self._settings = settings
        self._store = store
        self._lock = threading.Lock()
        self.last: Evaluation | None = None

    def start(self, order: Order) -> Evaluation:
        """Begins an evaluation.

        Raises:
            BusyError: one is running.
            UserError: the set is broken, or the folder of runs cannot be written.
        """
        self._refuse_if_busy()
        working = self._store.begin()
        try:
            started = self._begin(order, working)
        except UserError:
            working.discard()
            raise
        threading.Thread(target=self._watch, args=(started,), daemon=True).start()
        return started

    def _begin(self, order: Order, working: WorkingFolder) -> Evaluation:
        with told_plainly(working.path):
            names = order.arguments(working.path)
            total = len(questions_of(names).questions)
        with self._lock:
            self._refuse_if_busy()
            job = Job(order, names, total, working.path, self._settings)
            self.last = Evaluation(token_hex(8), order.name, job, working, job.progress())
            return self.last

    def cancel(self, evaluation_id: str) -> None:
        """Ends a running evaluation; when this returns, nothing is left of it.

        Raises:
            NotRunningError: it has ended already.
        """
        running = self.last
        if running is None or running.id != evaluation_id or running.ended.is_set():
            raise NotRunningError("This evaluation has ended already; there is nothing to cancel.")
        _end(running)
        if running.state is not State.CANCELLED:
            raise NotRunningError("It had just ended when it was to be cancelled.")

    def _refuse_if_busy(self) -> None:
        last = self.last
        if last is not None and not last.ended.is_set():
            raise BusyError(
                f"An evaluation of {last.name} is running: {last.progress.words}. One runs at a "
                "time: wait until it has ended, or cancel it."
            )

    def _watch(self, running: Evaluation) -> None:
        """Follows an evaluation to its end."""
        at_exit = partial(_end, running)
        atexit.register(at_exit)  # a server that stops takes it along
        try:
            while not running.job.wait(LOOK_EVERY_S):
                running.progress = running.job.progress()
            self._conclude(running)
        except OSError as error:
            running.problem = f"The evaluation cannot be followed: {error.strerror}. Try again."
            running.state = State.FAILED
        finally:
            running.job.end()  # where it could not be followed, it is still there
            running.working.discard()
            atexit.unregister(at_exit)
            running.ended.set()

    def _conclude(self, running: Evaluation) -> None:
        if running.is_cancelled:
            running.state = State.CANCELLED
            return
        problem = running.job.outcome().problem
        try:
            if problem is None:
                running.run = self._store.keep(running.job.output, running.name)
        except UserError as error:
            problem = str(error)
        folder = running.working.path
        running.problem = None if problem is None else as_dropped(problem, folder)
        running.state = State.FINISHED if problem is None else State.FAILED


def _end(running: Evaluation) -> None:
    running.is_cancelled = True
    running.job.end()
    running.ended.wait(CANCEL_WITHIN_S)
