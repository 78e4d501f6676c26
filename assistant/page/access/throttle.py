"""Failed logins to how long to wait before the next one."""

from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool

from assistant.page.access.limits import Limit, network_of, span_in_words
from assistant.page.access.users import User, Users
from policy_text import UserError

FAILED_BY_ADDRESS = "10 per 10 minutes"
FAILED_BY_NAME = "50 per hour"  # from all addresses together


class TooManyFailuresError(UserError):
    """A login that is not looked at, because too many before it have failed.

    Attributes:
        seconds: how long to wait.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many logins have failed. Try again in {span_in_words(seconds)}.")
        self.seconds = seconds


class Throttle:
    """Counts failed logins, in memory."""

    def __init__(self) -> None:
        self._by_address = Limit(FAILED_BY_ADDRESS)
        self._by_name = Limit(FAILED_BY_NAME)
        self._checking = asyncio.Lock()

    def check(self, address: str, name: str | None = None) -> None:
        """Whether a login may be tried.

        Raises:
            TooManyFailuresError: not yet.
        """
        seconds = self._by_address.left_to_wait(network_of(address))
        if name is not None:
            seconds = max(seconds, self._by_name.left_to_wait(name))
        if seconds:
            raise TooManyFailuresError(seconds)

    def failed(self, address: str, name: str | None = None) -> None:
        """Counts a login that failed."""
        self._by_address.take(network_of(address))
        if name is not None:
            self._by_name.take(name)

    async def user(self, users: Users, address: str, name: str, password: str) -> User | None:
        """The user, if the password is right.

        One password is checked at a time: none slips past the count, and the memory that hashing
        takes is taken once.

        Raises:
            TooManyFailuresError: it is not looked at.
        """
        async with self._checking:
            self.check(address, name)
            user = await run_in_threadpool(users.checked, name, password)
            if user is None:
                self.failed(address, name)
            return user
