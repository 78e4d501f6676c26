"""A run's header to the facts that say what was run, on what, with what and when (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evaluation.report.display import counted, moment
from assistant.evaluation.run import RunHeader

HASH_SHOWN = 8  # of 64 digits; the whole of it stands in run.json
LINES_SHOWN = 8  # of a fact; the others are folded away

Line = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what there is to say: lines of pieces that a narrow page may part.

    Attributes:
        folded: lines that are shown when asked for.
    """

    name: str
    lines: tuple[Line, ...]
    folded: tuple[Line, ...] = ()


def provenance(header: RunHeader) -> tuple[Fact, ...]:
    """What makes the run what it is."""
    system, code = header.system, header.code
    sets = [(f"{one.name},", counted(one.questions, "question")) for one in header.sets]
    policies = [(one.policy, one.version) for one in header.policies]
    code_line = (f"version {code.get('version', '?')},", code.get("sha256", ""))
    libraries = [(name, version) for name, version in header.libraries.items()]
    return (
        _fact("Question sets" if len(sets) > 1 else "Question set", sets),
        _fact("Policies" if len(policies) > 1 else "Policy", policies),
        _fact("System", [(system.name,), (system.id,), _region(system.region)]),
        _fact("Code", [code_line, *libraries]),
        _fact("Made", [moment(header.started), _duration(header)]),
    )


def run_name(header: RunHeader) -> str:
    """A run in few words: its system's id and its code's hash."""
    code = header.code.get("sha256", "")[:HASH_SHOWN]
    return " · ".join(filter(None, (header.system.id or header.system.name, code)))


def set_names(header: RunHeader) -> str:
    """The names of the sets: all of a few, or the first and how many more."""
    names = [one.name for one in header.sets]
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} more sets"


def _fact(name: str, lines: Sequence[Line]) -> Fact:
    said = tuple(line for line in lines if any(line))
    return Fact(name, said[:LINES_SHOWN], said[LINES_SHOWN:])


def _region(region: str | None) -> Line:
    return ("region", region) if region else ()


def _duration(header: RunHeader) -> Line:
    took = f"in {header.seconds:,.1f} s,"
    if not header.workers:
        return took, "answers given as a file"
    return took, f"with {counted(header.workers, 'process', 'processes')}"
