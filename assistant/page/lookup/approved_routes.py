"""The addresses of approved answers: approve, open, delete, export, import."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from assistant.approved import ApprovedAnswers, Standing
from assistant.model import MAX_QUESTION_CHARACTERS
from assistant.page.access.visitor import visitor_of
from assistant.page.desk import Desk
from assistant.page.lookup.approved_html import approve_form, approved_list, approved_pane
from assistant.page.lookup.places import MAX_PLACES, Place, citation_at, quoted, section_link
from assistant.page.lookup.reply import Quoted, Reply, reply
from assistant.page.lookup.search_routes import site
from assistant.stores.approved import MAX_ANSWER_CHARACTERS, ApprovedAnswer
from assistant.stores.approved_files import ApprovedFormat, read_answers, write_answers
from assistant.wording import date_in_words

_TYPES = {ApprovedFormat.JSONL: "application/x-ndjson", ApprovedFormat.CSV: "text/csv"}
Places = Annotated[tuple[Place, ...], Field(min_length=1, max_length=MAX_PLACES)]


class ToApprove(BaseModel):
    """What an agent wants to approve; without an answer, the form for it is asked for."""

    model_config = ConfigDict(extra="forbid")

    places: Places
    question: Annotated[str, Field(max_length=MAX_QUESTION_CHARACTERS)] = ""
    answer: Annotated[str, Field(max_length=MAX_ANSWER_CHARACTERS)] = ""


def add_approved(router: APIRouter, desk: Desk, approved: ApprovedAnswers) -> None:
    """Adds them to the routes of Look up."""
    library = desk.assistant.library

    @router.get("/approved")
    def everything() -> Response:
        return HTMLResponse(approved_list(approved.all()))

    @router.post("/approve-form")
    def form(request: Request, wanted: ToApprove) -> Response:
        quotes = [quoted(citation_at(library, place), site(request)) for place in wanted.places]
        return HTMLResponse(approve_form(quotes, wanted.question))

    @router.post("/approved")
    def approve(request: Request, wanted: ToApprove) -> Response:
        cited = [citation_at(library, place) for place in wanted.places]
        pairs = [(one.version, one.citation) for one in cited]
        kept = approved.approve(wanted.question, wanted.answer, pairs, visitor_of(request))
        return JSONResponse({"id": kept.id})

    @router.get("/approved/{answer_id}")
    def opened(request: Request, answer_id: str) -> Response:
        standing = _standing(approved, answer_id)
        words = _reply(standing, site(request)).text
        return HTMLResponse(approved_pane(standing, words, _quotes(standing, site(request))))

    @router.get("/approved/{answer_id}/reply")
    def make_reply(request: Request, answer_id: str) -> Response:
        made = _reply(_standing(approved, answer_id), site(request))
        return JSONResponse({"text": made.text, "markdown": made.markdown, "html": made.html})

    @router.post("/approved/{answer_id}/delete")
    def delete(request: Request, answer_id: str) -> Response:
        approved.delete(answer_id, visitor_of(request))
        return Response(status_code=204)

    _add_files(router, approved)


def _add_files(router: APIRouter, approved: ApprovedAnswers) -> None:
    @router.get("/approved.{form}")
    def export(form: ApprovedFormat) -> Response:
        answers = [standing.answer for standing in approved.all()]
        headers = {"Content-Disposition": f'attachment; filename="approved.{form}"'}
        return Response(write_answers(answers, form), media_type=_TYPES[form], headers=headers)

    @router.post("/approved-import")
    async def bring(
        request: Request, name: Annotated[str, Query(max_length=300)] = "the file"
    ) -> Response:
        data = await request.body()
        read = await run_in_threadpool(read_answers, data, name)
        added = await run_in_threadpool(approved.bring, read.answers, visitor_of(request))
        known = len(read.answers) - added
        words = f"{added} brought, {known} there already, {len(read.problems)} not readable."
        return JSONResponse({"said": " ".join([words, *read.problems[:3]])})


def _standing(approved: ApprovedAnswers, answer_id: str) -> Standing:
    return approved.in_newest(approved.store.get(answer_id))


def _quotes(standing: Standing, site: str) -> list[Quoted]:
    """The quotes as they were approved, whatever the library has by now."""
    answer = standing.answer
    return [
        Quoted(_source(standing), c.section, c.words, _link(answer, c.section_id, site))
        for c in answer.citations
    ]


def _source(standing: Standing) -> str:
    return f"{standing.title} (version of {date_in_words(standing.answer.version)})"


def _link(answer: ApprovedAnswer, section_id: str, site: str) -> str:
    return section_link(answer.policy, answer.version, section_id, site)


def _reply(standing: Standing, site: str) -> Reply:
    return reply(_quotes(standing, site), answer=standing.answer.answer)
