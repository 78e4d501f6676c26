"""The addresses that search, open a passage and make a reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant.approved import ApprovedAnswers
from assistant.model import MAX_QUESTION_CHARACTERS
from assistant.page.desk import Desk
from assistant.page.lookup.approved_html import approved_option
from assistant.page.lookup.places import MAX_PLACES, Place, citation_at, quoted
from assistant.page.lookup.reply import Quoted, reply
from assistant.page.lookup.results import results_html
from assistant.page.lookup.scope import check_in_force, day, filters, scope
from assistant.page.lookup.search_view import pane_html, version_choices
from assistant.page.markup import Markup
from assistant.stores.approved import ApprovedError

SHOWN = 20  # passages; a page of them is more than anybody reads
Words = Annotated[str, Query(max_length=MAX_QUESTION_CHARACTERS)]
Short = Annotated[str, Query(max_length=200)]


class ReplyOf(BaseModel):
    """What a reply shall quote."""

    model_config = ConfigDict(extra="forbid")

    places: Annotated[tuple[Place, ...], Field(min_length=1, max_length=MAX_PLACES)]
    as_of: Annotated[str, Field(max_length=20)] = ""


def add_search(router: APIRouter, desk: Desk, approved: ApprovedAnswers) -> None:
    """Adds them to the routes of Look up."""
    library = desk.assistant.library

    @router.get("/search")
    def search(
        q: Words = "", policy: Short = "", version: Short = "", as_of: Short = "",
        region: Short = "", seq: int = 0,
    ) -> Response:  # fmt: skip
        if not q.strip():
            return JSONResponse({"seq": seq, "html": "", "count": 0})
        chosen = scope(library, filters(policy, version, as_of, region))
        found = desk.assistant.search(q, chosen.versions, region=region or None, limit=SHOWN)
        notices = list(chosen.missing)
        above: list[Markup] = []
        try:
            standings = approved.find(q, chosen.versions, region=region or None)
            above = [approved_option(one) for one in standings]
        except ApprovedError as problem:  # the policies can be searched nevertheless
            notices.append(str(problem))
        html = results_html(found, q, notices, above)
        return JSONResponse({"seq": seq, "html": html, "count": len(found)})

    @router.get("/versions-of")
    def versions_of(policy: Short) -> Response:
        return JSONResponse(version_choices(library.policy(policy)))

    @router.get("/passage")
    def passage(
        request: Request, policy: Short, version: Short, start: int, end: int, as_of: Short = ""
    ) -> Response:
        place = Place(policy=policy, version=version, start=start, end=end)
        check_in_force(library, policy, version, day(as_of))
        cited = citation_at(library, place)
        shown = quoted(cited, site(request))
        words = reply([shown], as_of=day(as_of)).text
        return HTMLResponse(pane_html(cited, shown.link, words, desk.document(cited.version)))

    @router.post("/reply")
    def make_reply(request: Request, wanted: ReplyOf) -> Response:
        as_of = day(wanted.as_of)
        for place in wanted.places:
            check_in_force(library, place.policy, place.version, as_of)
        quotes = [quoted(citation_at(library, place), site(request)) for place in wanted.places]
        made = reply(by_text(quotes), as_of=as_of)
        return JSONResponse({"text": made.text, "markdown": made.markdown, "html": made.html})


def by_text(quotes: Sequence[Quoted]) -> list[Quoted]:
    """The quotes of one text together, the texts in the order in which they first come."""
    order = list(dict.fromkeys(quote.source for quote in quotes))
    return sorted(quotes, key=lambda quote: order.index(quote.source))


def site(request: Request) -> str:
    """The address of the page of Ask, as the browser that asks knows it."""
    return str(request.base_url)
