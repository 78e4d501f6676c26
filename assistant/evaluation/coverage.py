"""Which sections no question of a set touches, and which no answer ever cites (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.evaluation.run import JudgedAnswer
from policy_text import PolicyVersion
from policy_text.library import section_at


@dataclass(frozen=True, slots=True)
class SectionCoverage:
    """How often a section is asked about and cited; its subsections count for themselves.

    Attributes:
        depth: 0 at the top.
        passages: how many stand in it directly; 0 for a heading over other headings.
        characters: of those passages.
        asked: questions with gold in it.
        cited: answers with a citation in it.
    """

    policy: str
    version: str
    section_id: str
    section: str
    title: str
    depth: int
    passages: int
    characters: int
    asked: int
    cited: int


def section_coverage(
    versions: Sequence[PolicyVersion], answers: Sequence[JudgedAnswer]
) -> list[SectionCoverage]:
    """Every section of every version that was asked, in the order of the text."""
    return [row for version in versions for row in _of_version(version, answers)]


def _of_version(
    version: PolicyVersion, answers: Sequence[JudgedAnswer]
) -> Iterable[SectionCoverage]:
    its = [a for a in answers if (a.policy, a.version) == (version.policy.id, version.info.version)]
    asked = _counts(version, ([gold.start for gold in answer.gold] for answer in its))
    cited = _counts(version, ([c.start for c in answer.citations] for answer in its))
    for number, section in enumerate(version.sections):
        lengths = [len(p.span) for p in version.passages if p.section == number]
        yield SectionCoverage(
            policy=version.policy.id,
            version=version.info.version,
            section_id=section.id,
            section=section.cited_as,
            title=section.title,
            depth=len(section.path) - 1,
            passages=len(lengths),
            characters=sum(lengths),
            asked=asked[section.id],
            cited=cited[section.id],
        )


def _counts(version: PolicyVersion, starts: Iterable[Sequence[int]]) -> Counter[str]:
    """For each section how many of the groups have a start in it."""
    counts: Counter[str] = Counter()
    for group in starts:
        counts.update({section_at(version, start).id for start in group})
    return counts
