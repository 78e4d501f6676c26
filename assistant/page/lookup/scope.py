"""What an agent narrows a search to, and which texts that are (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from assistant.wording import date_in_words, dated
from policy_text import Policy, PolicyVersion, UserError, VersionInfo
from policy_text.errors import UnknownPolicyError
from policy_text.library import Library

EVERY_VERSION = "all"


class ScopeError(UserError):
    """A filter that cannot be understood."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to.

    Attributes:
        policy: its id; None for all.
        version: its date; None for the newest, EVERY_VERSION for every one.
        as_of: instead of a version, the one in force on that day.
        region: leaves out what is only for residents of another one; None for nothing.
    """

    policy: str | None = None
    version: str | None = None
    as_of: date | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The texts that are searched.

    Attributes:
        missing: for each policy without a text for these filters, why there is none.
    """

    versions: tuple[PolicyVersion, ...]
    missing: tuple[str, ...]


def filters(policy: str, version: str, as_of: str, region: str) -> Filters:
    """The filters as a browser sends them; a blank one is none.

    Raises:
        ScopeError: the date is none.
    """
    return Filters(policy or None, version or None, day(as_of), region or None)


def day(words: str) -> date | None:
    """The day of a date field; None of a blank one.

    Raises:
        ScopeError: it is no date.
    """
    if not words:
        return None
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise ScopeError(f"{words!r} is not a date. Write it as YYYY-MM-DD.") from error


def scope(library: Library, narrowed: Filters) -> Scope:
    """The texts of all policies, or of one, that the filters let through, in the library's order.

    Raises:
        UserError: there is no such policy, or one of its texts cannot be read.
    """
    policies = library.policies if narrowed.policy is None else (library.policy(narrowed.policy),)
    versions: list[PolicyVersion] = []
    missing: list[str] = []
    for policy in policies:
        infos = list(_infos(policy, narrowed))
        versions += [library.version(info) for info in infos]
        if not infos:
            missing.append(_why_missing(policy, narrowed))
    return Scope(tuple(versions), tuple(missing))


def _infos(policy: Policy, narrowed: Filters) -> Iterator[VersionInfo]:
    if narrowed.as_of is not None:
        in_force = [i for i in policy.versions if i.in_force_from <= narrowed.as_of]
        yield from in_force[-1:]
    elif narrowed.version is None:
        yield policy.versions[-1]
    else:
        for info in reversed(policy.versions):
            if narrowed.version in (EVERY_VERSION, info.version):
                yield info


def _why_missing(policy: Policy, narrowed: Filters) -> str:
    if narrowed.as_of is not None:
        return (
            f"{policy.title}: no version is known that was in force on "
            f"{date_in_words(narrowed.as_of.isoformat())}. The oldest that is known: "
            f"{dated(policy.versions[0])}."
        )
    return f"{policy.title}: there is no version {narrowed.version}."


def check_in_force(library: Library, policy: str, version: str, as_of: date | None) -> None:
    """Whether a version was the one in force on a day; on no day, every version is.

    Raises:
        UserError: it was not, or there is no such policy.
    """
    if as_of is None:
        return
    on_day = next(_infos(library.policy(policy), Filters(as_of=as_of)), None)
    if on_day is None or on_day.version != version:
        raise ScopeError(
            f"The version of {date_in_words(version)} was not the one in force on "
            f"{date_in_words(as_of.isoformat())}. Search again with that date."
        )


def text_of(library: Library, policy: str, version: str) -> PolicyVersion:
    """One text.

    Raises:
        UnknownPolicyError: there is none of that name and date.
    """
    if not policy or not version:
        raise UnknownPolicyError("Choose a policy and a version.")
    return library.version(library.version_info(library.policy(policy), version=version))
