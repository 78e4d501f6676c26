"""A folder of policies: which there are, their versions, which was in force on a date (I/O)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, partial
from pathlib import Path, PurePath
from typing import Any

from policy_text.errors import PolicyFileError, UnknownPolicyError, UserError
from policy_text.model import (
    DateKind,
    Policy,
    PolicyVersion,
    Section,
    Span,
    VersionInfo,
    first_day,
)
from policy_text.parse import heading_of, parse_version
from policy_text.read import HTML_SUFFIXES, MARKDOWN_SUFFIXES, SUFFIXES, read_text

SHIPPED = Path(__file__).parent / "policies"
DEFAULT_POLICY = "sony-mobile"

_FILE_NAME = re.compile(r"(?P<id>.+?)__(?P<version>\d[\d-]*)$")
_NOT_POLICIES = re.compile(r"readme|licen[cs]e|notice|changelog|contributing", re.IGNORECASE)
_EXTRACTED = re.compile(r"\.html?\.[0-9a-f]{8}\.markdown$", re.IGNORECASE)
# Files are called so whosever policy they hold; no question names a policy by these words.
_NOT_NAMES = frozenset("data privacy policy notice statement terms cookies app site legal".split())


@dataclass(frozen=True, slots=True)
class _Source:
    """A version and the file that it is read from."""

    info: VersionInfo
    path: Path


_Found = tuple[Policy, list[_Source]]


class Library:
    """The policies of one folder; texts are read and parsed when they are asked for."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        self.folder = folder
        self._parsed: dict[tuple[str, str], PolicyVersion] = {}

    @cached_property
    def problems(self) -> tuple[UserError, ...]:
        """What is wrong with files of the folder that were left out."""
        return self._found[1]

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policies that can be read, by id.

        Raises:
            PolicyFileError: the folder is missing or holds no policy.
        """
        policies = tuple(policy for policy, _ in self._found[0])
        if not policies:
            causes = "".join(f"\n{problem}" for problem in self.problems)
            raise PolicyFileError(
                f"{self.folder} holds no policy. Put files there named ID__DATE.txt (or .md, "
                f".html), as in acme__2024-05-01.md.{causes}"
            )
        return policies

    def policy(self, policy_id: str) -> Policy:
        """The policy of that id.

        Raises:
            UnknownPolicyError: there is none.
        """
        for policy in self.policies:
            if policy.id == policy_id:
                return policy
        raise self._unknown(policy_id)

    def default_policy(self) -> Policy:
        """The one policy there is, or the policy that this project was founded on.

        Raises:
            UnknownPolicyError: there are several, and none of them is the default.
        """
        if len(self.policies) == 1:
            return self.policies[0]
        for policy in self.policies:
            if policy.id == DEFAULT_POLICY:
                return policy
        ids = ", ".join(policy.id for policy in self.policies)
        raise UnknownPolicyError(f"Which policy? Say one with --policy: {ids}.")

    def version_info(
        self, policy: Policy, *, version: str | None = None, as_of: date | None = None
    ) -> VersionInfo:
        """A version of a policy: that of a date, the one in force on a day, or the newest.

        Raises:
            UnknownPolicyError: there is no such version, or none was in force on that day.
        """
        if version is not None:
            for info in policy.versions:
                if info.version == version:
                    return info
            known = ", ".join(info.version for info in policy.versions)
            raise UnknownPolicyError(
                f"Policy {policy.id} has no version {version}. Versions: {known}."
            )
        if as_of is None:
            return policy.versions[-1]
        in_force = [info for info in policy.versions if info.in_force_from <= as_of]
        if not in_force:
            oldest = policy.versions[0]
            raise UnknownPolicyError(
                f"No version of policy {policy.id} is known that was in force on {as_of}; the "
                f"oldest is {oldest.version}. Ask about that with --version {oldest.version}."
            )
        return in_force[-1]

    def version(self, info: VersionInfo) -> PolicyVersion:
        """The text, sections and passages of a version.

        Raises:
            PolicyFileError: its file cannot be read as a policy.
        """
        key = (info.policy_id, info.version)
        if key not in self._parsed:
            self._parsed[key] = self._parse(info)
        return self._parsed[key]

    def all_versions(self) -> Iterator[VersionInfo]:
        """Every version of every policy, by id and date."""
        for policy in self.policies:
            yield from policy.versions

    def _parse(self, info: VersionInfo) -> PolicyVersion:
        policy = self.policy(info.policy_id)
        source = next(s for s in self._sources[policy.id] if s.info == info)
        text = read_text(source.path)
        return parse_version(policy, info, text, is_markdown=_is_markdown(source.path))

    @cached_property
    def _sources(self) -> dict[str, Sequence[_Source]]:
        return {policy.id: sources for policy, sources in self._found[0]}

    @cached_property
    def _found(self) -> tuple[list[_Found], tuple[UserError, ...]]:
        if not self.folder.is_dir():
            raise PolicyFileError(f"There is no folder {self.folder}. Check --policies.")
        problems: list[UserError] = []
        found: dict[str, _Found] = {}
        loose: dict[str, list[Path]] = {}
        for path in sorted(self.folder.iterdir()):
            if path.name.startswith("."):
                continue
            if (path / "policy.toml").is_file():
                _keep(found, problems, path.name, partial(_shipped, path))
            elif path.is_file() and not _is_other(path):
                if path.suffix.lower() in SUFFIXES:
                    loose.setdefault(split_name(path)[0], []).append(path)
                elif path.suffix.lower() in (".pdf", ".docx", ".doc", ".rtf", ".odt"):
                    problems.append(
                        PolicyFileError(
                            f"{path} is left out: {path.suffix} is not read. Save it as .txt, "
                            ".md or .html."
                        )
                    )
        for policy_id, paths in loose.items():
            _keep(found, problems, policy_id, partial(_loose, policy_id, paths))
        return [found[policy_id] for policy_id in sorted(found)], tuple(problems)

    def _unknown(self, policy_id: str) -> UnknownPolicyError:
        from rapidfuzz import process

        ids = [policy.id for policy in self.policies]
        close = process.extractOne(policy_id, ids, score_cutoff=60)
        hint = f" Did you mean {close[0]}?" if close else ""
        return UnknownPolicyError(
            f"There is no policy {policy_id}.{hint} Policies: {', '.join(ids)}."
        )


def section_span(version: PolicyVersion, section_id: str) -> Span:
    """From a section's heading to the end of the last section below it.

    Raises:
        UnknownPolicyError: the version has no such section.
    """
    numbers = [n for n, section in enumerate(version.sections) if section.id == section_id]
    if not numbers:
        raise UnknownPolicyError(
            f"Policy {version.policy.id}, version {version.info.version}, has no section "
            f"{section_id}. See them: policy-assistant show {version.policy.id}"
        )
    below = set(numbers)
    for number, section in enumerate(version.sections):
        if section.parent in below:
            below.add(number)
    spans = [version.sections[n].heading for n in below]
    ends = [p.span.end for p in version.passages if p.section in below]
    starts = [p.span.start for p in version.passages if p.section in below]
    found = [span for span in spans if span is not None]
    starts += [span.start for span in found]
    ends += [span.end for span in found]
    if not starts:  # nothing stands before the first heading
        return Span(0, len(version.text))
    return Span(min(starts), max(ends))


def section_at(version: PolicyVersion, position: int) -> Section:
    """The section that a character of the text stands in: that of the passage or heading before."""
    starts = [(p.span.start, p.section) for p in version.passages]
    starts += [(s.heading.start, n) for n, s in enumerate(version.sections) if s.heading]
    before = [start for start in starts if start[0] <= position]
    return version.sections[max(before)[1] if before else 0]


def parse_date(words: str) -> date:
    """A day, or the first day of a month or year.

    Raises:
        UnknownPolicyError: `words` is no date.
    """
    try:
        return first_day(words)
    except ValueError as error:
        raise UnknownPolicyError(
            f"{words!r} is not a date. Write it as YYYY-MM-DD, YYYY-MM or YYYY."
        ) from error


def _keep(
    found: dict[str, _Found],
    problems: list[UserError],
    policy_id: str,
    read: Callable[[], _Found],
) -> None:
    """One bad policy does not hide the others: what is wrong is kept, to be named."""
    try:
        found[policy_id] = read()
    except UserError as problem:
        problems.append(problem)


def split_name(path: PurePath) -> tuple[str, str | None]:
    """What a file named ID__DATE says of its policy: the id, and the date if there is one."""
    match = _FILE_NAME.match(path.stem)
    return (match["id"], match["version"]) if match else (path.stem, None)


def _is_other(path: Path) -> bool:
    """A file that stands beside policies and is none: a README, or Markdown kept of HTML."""
    return bool(_NOT_POLICIES.fullmatch(path.stem) or _EXTRACTED.search(path.name))


def _is_markdown(path: Path) -> bool:
    return path.suffix.lower() in (*MARKDOWN_SUFFIXES, *HTML_SUFFIXES)


def _shipped(folder: Path) -> _Found:
    """A policy's own folder: policy.toml, and a file a version beside it."""
    file = folder / "policy.toml"
    try:
        fields = tomllib.loads(file.read_text(encoding="utf-8"))
        sources = [_shipped_version(folder, entry) for entry in fields["versions"]]
        sources.sort(key=lambda source: source.info.in_force_from)
        infos = tuple(source.info for source in sources)
        names = tuple(fields.get("names", (fields["organisation"],)))
        policy = Policy(
            folder.name, fields["title"], fields["organisation"], fields["language"], names, infos
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyFileError(f"{file} is not valid TOML: {error}.") from error
    except KeyError as error:
        raise PolicyFileError(f"{file} lacks the field {error}. Add it.") from error
    except (ValueError, TypeError) as error:
        raise PolicyFileError(f"{file} has a field of the wrong kind: {error}.") from error
    if not infos:
        raise PolicyFileError(f"{file} lists no version. Add a [[versions]] table.")
    return policy, sources


def _shipped_version(folder: Path, entry: dict[str, Any]) -> _Source:
    version = entry["version"]
    if not isinstance(version, str):
        raise TypeError(f"version {version} must stand in quotes")
    first_day(version)
    info = VersionInfo(
        folder.name, version, DateKind(entry["date_kind"]), entry["source"], entry["licence"]
    )
    for suffix in SUFFIXES:
        path = folder / f"{version}{suffix}"
        if path.exists():
            return _Source(info, path)
    raise PolicyFileError(f"{folder} has no file {version}.txt (or .md, .html). Add it.")


def _loose(policy_id: str, paths: Sequence[Path]) -> _Found:
    """A policy of a user's own folder: one file a version, described by its name."""
    sources = sorted(
        (_loose_version(policy_id, path) for path in paths), key=lambda s: s.info.in_force_from
    )
    versions = [source.info.version for source in sources]
    for source, version in zip(sources[1:], versions, strict=False):
        if source.info.version == version:
            raise PolicyFileError(
                f"{source.path} is left out with its policy: there are two files for version "
                f"{version} of {policy_id}. Keep one."
            )
    newest = sources[-1].path
    heading = heading_of(read_text(newest), is_markdown=_is_markdown(newest), otherwise=policy_id)
    candidates = (heading.organisation, policy_id, policy_id.replace("-", " "))
    names = dict.fromkeys(name for name in candidates if name.casefold() not in _NOT_NAMES)
    infos = tuple(source.info for source in sources)
    return Policy(
        policy_id, heading.title, heading.organisation, "en", tuple(names), infos
    ), sources


def _loose_version(policy_id: str, path: Path) -> _Source:
    version = split_name(path)[1]
    kind = DateKind.EFFECTIVE
    if version is None:
        modified = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
        version, kind = modified.date().isoformat(), DateKind.RETRIEVED
    try:
        first_day(version)
    except ValueError as error:
        raise PolicyFileError(
            f"{path} is left out: {version} in its name is not a date. Name it ID__YYYY-MM-DD."
        ) from error
    return _Source(VersionInfo(policy_id, version, kind, path.name, "unknown"), path)
