"""A place in a text, as a browser names it, to its citation and permanent link (pure)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from assistant.compose import MAX_CITATION_CHARACTERS, Selection, cite
from assistant.model import Citation
from assistant.page.lookup.reply import Quoted
from assistant.page.lookup.scope import text_of
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


def citation_at(library: Library, place: Place) -> tuple[PolicyVersion, Citation]:
    """The text of a place, and the citation of the passages that stand in it.

    Raises:
        UserError: there is no such text, or no passage there.
    """
    version = text_of(library, place.policy, place.version)
    inside = tuple(
        p for p in version.passages if place.start <= p.span.start and p.span.end <= place.end
    )
    if not inside or place.end - place.start > 2 * MAX_CITATION_CHARACTERS + len(inside[0].span):
        raise PlaceError(
            f"{version.policy.title}, {version.info.version}, has no passage there. Search again."
        )
    return version, cite(version, Selection(inside[0], inside))


def quoted(library: Library, place: Place, site: str) -> Quoted:
    """What a place says, with its permanent link; `site` is the address of the page of Ask.

    Raises:
        UserError: there is no such text, or no passage there.
    """
    version, citation = citation_at(library, place)
    return Quoted(version, citation, permanent_link(citation, site))


def permanent_link(citation: Citation, site: str) -> str:
    """Where Ask opens that version of the policy at that section."""
    where = {"policy": citation.policy, "version": citation.version}
    if citation.section.heading is not None:
        where["section"] = citation.section.id
    return f"{site}?{urlencode(where)}"
