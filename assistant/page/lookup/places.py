"""A place in a text, as a browser names it, to its citation and permanent link (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from assistant.compose import MAX_CITATION_CHARACTERS, Selection, cite, in_words, limited
from assistant.model import Citation
from assistant.page.lookup.reply import Quoted
from assistant.page.lookup.scope import text_of
from assistant.wording import titled
from policy_text import PolicyVersion, UserError
from policy_text.library import Library

MAX_PLACES = 12  # quotes in one reply
Name = Annotated[str, Field(max_length=200)]
Offset = Annotated[int, Field(ge=0, le=100_000_000)]


class PlaceError(UserError):
    """A place that no text has."""


class Place(BaseModel):
    """Characters [start, end) of a version."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: Name
    version: Name
    start: Offset
    end: Offset


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation and the text that it is from."""

    version: PolicyVersion
    citation: Citation


def citation_at(library: Library, place: Place) -> Cited:
    """The citation of the passages that stand in a place, all in one section.

    Raises:
        UserError: there is no such text, or no passage there.
    """
    version = text_of(library, place.policy, place.version)
    inside = tuple(
        p for p in version.passages if place.start <= p.span.start and p.span.end <= place.end
    )
    is_one = len({p.section for p in inside}) == 1
    if not is_one or place.end - place.start > MAX_CITATION_CHARACTERS + len(inside[0].span):
        raise PlaceError(
            f"{version.policy.title}, {version.info.version}, has no passage there. Search again."
        )
    return Cited(version, cite(version, Selection(inside[0], inside)))


def quoted(cited: Cited, site: str) -> Quoted:
    """A citation as a reply quotes it; `site` is the address of the page of Ask."""
    citation = cited.citation
    where = f"{citation.section.cited_as}{limited(citation)}"
    link = permanent_link(citation, site)
    return Quoted(titled(cited.version), where, in_words(citation), link)


def permanent_link(citation: Citation, site: str) -> str:
    """Where Ask opens that version of the policy at that section."""
    has_heading = citation.section.heading is not None
    section = citation.section.id if has_heading else None
    return section_link(citation.policy, citation.version, section, site)


def section_link(policy: str, version: str, section_id: str | None, site: str) -> str:
    """Where Ask opens a version of a policy, at a section."""
    where = {"policy": policy, "version": version}
    if section_id is not None:
        where["section"] = section_id
    return f"{site}?{urlencode(where)}"
