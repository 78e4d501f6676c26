"""Policies that visitors bring: in memory, for one visit, never on disk."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath

from assistant.ask import Assistant
from policy_text import DateKind, Policy, PolicyVersion, UserError, VersionInfo
from policy_text.extract import html_to_markdown
from policy_text.library import split_name
from policy_text.model import first_day
from policy_text.parse import heading_of, parse_version
from policy_text.read import HTML_SUFFIXES, PLAIN_SUFFIXES, SUFFIXES

MAX_BYTES = 512 * 1024  # as long as the longest policies known to us; indexing takes its time
MAX_PASSAGES = 2500  # about a minute of indexing on one core
MAX_HELD = 20  # at most a few megabytes of vectors each
IDLE_S = 30 * 60.0  # seconds without a question, after which a visit counts as over
PREFIX = "own-"


class OwnPolicyError(UserError):
    """A visitor's policy that cannot be asked."""


@dataclass(slots=True)
class _Held:
    version: PolicyVersion
    last_used: float


class OwnPolicies:
    """Holds visitors' policies; whoever knows the id may ask, and nobody can guess it."""

    def __init__(
        self,
        assistant: Assistant,
        *,
        forget: Callable[[PolicyVersion], None] = lambda version: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._assistant = assistant
        self._forget = forget
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._building = threading.Lock()  # one at a time: others go on asking meanwhile

    def add(self, file_name: str, data: bytes) -> PolicyVersion:
        """Reads and indexes a file.

        Raises:
            UserError: it is no text that can be asked, or too many are held.
        """
        version = read_own(file_name, data)
        self._drop_idle()
        if len(self._held) >= MAX_HELD:
            raise OwnPolicyError("Too many people have a policy of their own open. Try later.")
        with self._building:
            self._assistant.hold(version)
        self._held[version.policy.id] = _Held(version, self._clock())
        return version

    def get(self, policy_id: str) -> PolicyVersion | None:
        """The held policy of that id; None where there is none, or no longer."""
        self._drop_idle()
        held = self._held.get(policy_id)
        if held is None:
            return None
        held.last_used = self._clock()
        return held.version

    def drop(self, policy_id: str) -> None:
        """Forgets a policy: the visit is over."""
        held = self._held.pop(policy_id, None)
        if held is not None:
            self._assistant.release(held.version)
            self._forget(held.version)

    def _drop_idle(self) -> None:
        oldest = self._clock() - IDLE_S
        for policy_id in [i for i, held in list(self._held.items()) if held.last_used < oldest]:
            self.drop(policy_id)


def read_own(file_name: str, data: bytes) -> PolicyVersion:
    """The policy that a visitor's file is.

    Raises:
        UserError: it is too large, of another kind, not UTF-8, or has nothing to quote.
    """
    name = PurePath(file_name.replace("\\", "/")).name[:80] or "policy"
    suffix = PurePath(name).suffix.lower()
    text = _text(name, suffix, data)
    is_markdown = suffix not in PLAIN_SUFFIXES
    policy_id = PREFIX + secrets.token_urlsafe(18)
    info = _info(policy_id, name)
    heading = heading_of(text, is_markdown=is_markdown, otherwise=PurePath(name).stem)
    policy = Policy(policy_id, heading.title, heading.organisation, "en", (), (info,))
    try:
        version = parse_version(policy, info, text, is_markdown=is_markdown)
    except UserError as error:
        raise OwnPolicyError(f"{name} has no sentence in it that could be quoted.") from error
    if len(version.passages) > MAX_PASSAGES:
        raise OwnPolicyError(
            f"{name} has {len(version.passages)} sentences; up to {MAX_PASSAGES} are read here. "
            "Take out what is not policy text."
        )
    return version


def _info(policy_id: str, name: str) -> VersionInfo:
    """The version that a file named ID__DATE says it is; of any other name that of today."""
    _, version = split_name(PurePath(name))
    try:
        first_day(version or "")
    except ValueError:
        today = datetime.now(tz=UTC).date().isoformat()
        return VersionInfo(policy_id, today, DateKind.RETRIEVED, name, "unknown")
    return VersionInfo(policy_id, str(version), DateKind.EFFECTIVE, name, "unknown")


def _text(name: str, suffix: str, data: bytes) -> str:
    if suffix not in SUFFIXES:
        raise OwnPolicyError(f"{name} is not a .txt, .md or .html file. Save it as one of them.")
    if len(data) > MAX_BYTES:
        raise OwnPolicyError(
            f"{name} has {len(data) // 1024} kB; up to {MAX_BYTES // 1024} kB are read. Take out "
            "what is not policy text."
        )
    if b"\0" in data:
        raise OwnPolicyError(f"{name} is a binary file, not text. Save the policy as text.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise OwnPolicyError(
            f"{name} is not UTF-8 (byte {error.start}). Save it as UTF-8 and try again."
        ) from error
    return html_to_markdown(text) if suffix in HTML_SUFFIXES else text
