"""Many questions to their answers, in the background: progress, time left, cancelling."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import islice

from assistant.approved import ApprovedAnswers
from assistant.model import Answer, Question, Status
from assistant.page.lookup.places import Cited, quoted
from assistant.page.lookup.reply import Quoted
from assistant.question_lists import ListedQuestion
from assistant.search import SearchableAssistant
from policy_text import PolicyVersion, UserError
from policy_text.library import Library

CHUNK = 8  # questions encoded in one pass; between two passes others are answered
AT_ONCE = 1  # jobs that are worked on; the others wait, so that typing stays quick
LOOK_AGAIN_S = 0.2  # seconds, whether a waiting job has been cancelled
MAX_HELD = 20  # jobs kept in memory, each up to a few megabytes


class ManyError(UserError):
    """A job that there is not, or for which there is no room."""


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Options:
    """What applies to all questions that do not say otherwise."""

    policy: str | None = None
    as_of: date | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """A question of a list with its answer.

    Attributes:
        status: of the answer; "not asked" where it could not be.
        answer: in the policy's words; what is wrong where it could not be asked.
        approved: an approved answer that still holds, with who approved it; None without one.
    """

    asked: ListedQuestion
    policy: str
    version: str
    status: str
    answer: str
    quotes: tuple[Quoted, ...] = ()
    approved: tuple[str, str] | None = None


@dataclass
class Job:
    """A list that is answered; read by several threads, written by one."""

    name: str
    questions: Sequence[ListedQuestion]
    options: Options
    site: str
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: JobState = JobState.WAITING
    rows: list[AnsweredRow] = field(default_factory=list)
    problem: str = ""
    started: float = 0.0
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is going to happen."""
        return self.state not in (JobState.WAITING, JobState.RUNNING)

    def seconds_left(self, now: float) -> float | None:
        """How long it will take at the pace so far; None before the first answer."""
        done = len(self.rows)
        if not done or self.is_over:
            return None
        return (now - self.started) / done * (len(self.questions) - done)


class Jobs:
    """Lists that are being answered, or were; safe to use from several threads."""

    def __init__(
        self,
        assistant: SearchableAssistant,
        approved: ApprovedAnswers,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._assistant = assistant
        self._approved = approved
        self.clock = clock
        self._jobs: dict[str, Job] = {}
        self._changing = threading.Lock()
        self._turn = threading.Semaphore(AT_ONCE)

    def start(
        self, name: str, questions: Sequence[ListedQuestion], options: Options, site: str
    ) -> Job:
        """Begins to answer a list, and returns at once.

        Raises:
            ManyError: too many lists are waiting.
        """
        job = Job(name, questions, options, site)
        with self._changing:
            self._make_room()
            self._jobs[job.id] = job
        threading.Thread(target=self._work, args=(job,), daemon=True).start()
        return job

    def get(self, job_id: str) -> Job:
        """A job that was started.

        Raises:
            ManyError: there is none of that id, or no longer.
        """
        job = self._jobs.get(job_id)
        if job is None:
            raise ManyError("That list is no longer there. Send it again.")
        return job

    def _make_room(self) -> None:
        over = [job for job in self._jobs.values() if job.is_over]
        if len(self._jobs) >= MAX_HELD and not over:
            raise ManyError("Too many lists are waiting. Try again in some minutes.")
        while len(self._jobs) >= MAX_HELD:
            del self._jobs[over.pop(0).id]

    def _work(self, job: Job) -> None:
        end = JobState.FAILED  # unless it comes to its end
        job.problem = "Something went wrong. Send the list again."
        try:
            with self._its_turn(job):
                job.started = self.clock()
                job.state = JobState.RUNNING
                self._answer(job)
            job.problem = ""
            end = JobState.CANCELLED if job.cancelled.is_set() else JobState.DONE
        except UserError as problem:
            job.problem = str(problem)
        finally:
            job.state = end

    @contextmanager
    def _its_turn(self, job: Job) -> Iterator[None]:
        """Waits until the job may be worked on, or is cancelled."""
        has_turn = False
        while not has_turn and not job.cancelled.is_set():
            has_turn = self._turn.acquire(timeout=LOOK_AGAIN_S)
        try:
            yield
        finally:
            if has_turn:
                self._turn.release()

    def _answer(self, job: Job) -> None:
        waiting = iter(job.questions)
        while not job.cancelled.is_set() and (chunk := list(islice(waiting, CHUNK))):
            job.rows += self._rows(job, chunk)

    def _rows(self, job: Job, chunk: Sequence[ListedQuestion]) -> list[AnsweredRow]:
        """The rows of some questions, in their order."""
        library = self._assistant.library
        asked = [_question(listed, job.options, library) for listed in chunk]
        ready = [question for question in asked if isinstance(question, Question)]
        answers: Iterator[Answer | UserError] = iter(self._assistant.ask_many(ready))
        rows: list[AnsweredRow] = []
        for listed, question in zip(chunk, asked, strict=True):
            answer = next(answers) if isinstance(question, Question) else question
            rows.append(self._row(job, listed, answer))
        return rows

    def _row(
        self, job: Job, listed: ListedQuestion, answer: Answer | str | UserError
    ) -> AnsweredRow:
        if not isinstance(answer, Answer):
            return AnsweredRow(listed, listed.policy or "", "", "not asked", str(answer))
        library = self._assistant.library
        info = library.version_info(library.policy(answer.policy), version=answer.version)
        version = library.version(info)
        cited = [Cited(version, citation) for citation in answer.citations]
        quotes = tuple(quoted(one, job.site) for one in cited)
        return AnsweredRow(
            listed, version.policy.title, answer.version, answer.status.value,
            _words(answer, quotes), quotes, self._approved_for(answer.question, version, job),
        )  # fmt: skip

    def _approved_for(
        self, question: str, version: PolicyVersion, job: Job
    ) -> tuple[str, str] | None:
        found = self._approved.find(question, [version], region=job.options.region)
        holding = (one.answer for one in found if one.why_expired is None)
        return next(((kept.answer, kept.approved_by) for kept in holding), None)


def _question(listed: ListedQuestion, options: Options, library: Library) -> Question | str:
    """A question as the assistant takes it; where it cannot be asked, why."""
    if listed.problem is not None:
        return listed.problem
    named = _policy_named(listed.policy, library) if listed.policy else options.policy
    as_of = None if listed.version else options.as_of
    return Question(
        listed.question, policy=named, version=listed.version, as_of=as_of, region=options.region,
        history=listed.history, id=listed.id,
    )  # fmt: skip


def _policy_named(name: str, library: Library) -> str:
    """The id of a policy that a list calls by its id, title or organisation."""
    wanted = name.strip().casefold()
    for policy in library.policies:
        called = (policy.id, policy.title, policy.organisation, *policy.names)
        if wanted in (one.casefold() for one in called):
            return policy.id
    return name


def _words(answer: Answer, quotes: Sequence[Quoted]) -> str:
    """An answer without its sources, which stand in columns of their own."""
    if answer.status is not Status.ANSWERED:
        return answer.text.partition("\n")[0]
    return "\n".join(quote.words for quote in quotes)
