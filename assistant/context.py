"""What belongs to a cited passage and travels with it: lead-in, antecedent, exceptions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.model import ContextQuote, Role
from assistant.references import referred_sections
from assistant.regions import Limit
from policy_text import Passage, PolicyVersion, Section, Span

_POINTS_BACK = re.compile(
    r"\W*(?!(?i:(?:in )?this (?:privacy )?(?:policy|notice|statement))\b)"
    r"(?:This|These|Those|That|Such|They|Their|It|Its|In (?:this|that|such|these|both)|"
    r"The (?:same|above|latter)|However|Otherwise|Further|Additionally|For example|For instance|"
    r"And|But|We do this|If that happens|Instead)\b"
)
_EXCEPTIONS = re.compile(r"\bexceptions?\b[^.]*:\s*$|\bexcept (?:in|as|for)\b[^.]*:\s*$", re.I)
EXCEPTIONS_WITHIN = 2  # passages after the rule in which its exceptions are announced
MAX_EXCEPTIONS = 8
MAX_REFERENCES = 3


def context_of(
    version: PolicyVersion, passage: Passage, limit: Limit | None
) -> tuple[ContextQuote, ...]:
    """The quotes that help to understand a passage, in the order of the roles' importance."""
    quotes = [
        *_lead_in(version, passage),
        *_antecedent(version, passage),
        *_exceptions(version, passage),
        *_region(version, passage, limit),
        *_references(version, passage),
    ]
    return tuple(quotes)


def _quote(version: PolicyVersion, role: Role, section: Section, span: Span) -> ContextQuote:
    return ContextQuote(role, section, span, version.quote(span))


def _lead_in(version: PolicyVersion, passage: Passage) -> Iterator[ContextQuote]:
    if passage.lead_in is not None:
        yield _quote(version, Role.LEAD_IN, version.section_of(passage), passage.lead_in)


def _antecedent(version: PolicyVersion, passage: Passage) -> Iterator[ContextQuote]:
    """The sentence before, where this one points back to it."""
    if passage.position == 0 or not _POINTS_BACK.match(version.quote(passage.span)):
        return
    before = version.passages[passage.position - 1]
    if before.section == passage.section and before.span != passage.lead_in:
        yield _quote(version, Role.ANTECEDENT, version.section_of(before), before.span)


def _exceptions(version: PolicyVersion, passage: Passage) -> Iterator[ContextQuote]:
    """The exceptions that the next sentences announce: the announcement, then what it lists."""
    after = version.passages[passage.position + 1 : passage.position + 1 + EXCEPTIONS_WITHIN]
    for announcement in after:
        if announcement.section != passage.section:
            return
        if _EXCEPTIONS.search(version.quote(announcement.span)):
            section = version.section_of(announcement)
            yield _quote(version, Role.EXCEPTION, section, announcement.span)
            yield from _listed(version, announcement)
            return


def _listed(version: PolicyVersion, announcement: Passage) -> Iterator[ContextQuote]:
    items = [p for p in version.passages if p.lead_in == announcement.span]
    if items:
        for item in items[:MAX_EXCEPTIONS]:
            yield _quote(version, Role.EXCEPTION, version.section_of(item), item.span)
        return
    below = [s for s in version.sections if s.parent == announcement.section and s.heading]
    for section in below[:MAX_EXCEPTIONS]:
        if section.heading is not None:
            yield _quote(version, Role.EXCEPTION, section, section.heading)


def _region(
    version: PolicyVersion, passage: Passage, limit: Limit | None
) -> Iterator[ContextQuote]:
    if limit is not None and limit.span != passage.span:
        yield _quote(version, Role.REGION, limit.section, limit.span)


def _references(version: PolicyVersion, passage: Passage) -> Iterator[ContextQuote]:
    for section in referred_sections(version, passage)[:MAX_REFERENCES]:
        if section.heading is not None:
            yield _quote(version, Role.REFERENCE, section, section.heading)
