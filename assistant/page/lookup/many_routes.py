"""The addresses that answer many questions: send a list, ask how far it is, cancel, fetch."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from assistant.approved import ApprovedAnswers
from assistant.page.desk import Desk
from assistant.page.lookup.many import Job, Jobs, Options
from assistant.page.lookup.many_files import TableFormat, table_file, table_html
from assistant.page.lookup.scope import day
from assistant.page.lookup.search_routes import Short, site
from assistant.question_lines import decoded
from assistant.question_lists import ListedQuestion, pasted_questions, questions_of

PASTED = "the pasted list"
_TYPES = {
    TableFormat.CSV: "text/csv",
    TableFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def add_many(router: APIRouter, desk: Desk, approved: ApprovedAnswers) -> None:
    """Adds them to the routes of Look up."""
    jobs = Jobs(desk.assistant, approved)

    @router.post("/many")
    async def start(
        request: Request,
        name: Annotated[str, Query(max_length=300)] = "",
        policy: Short = "",
        as_of: Short = "",
        region: Short = "",
    ) -> Response:
        options = Options(policy or None, day(as_of), region or None)
        questions = await run_in_threadpool(_questions, await request.body(), name)
        job = jobs.start(name or PASTED, questions, options, site(request))
        return JSONResponse({"id": job.id, **_progress(job, jobs.clock())})

    @router.get("/many/{job_id}")
    def progress(job_id: str) -> Response:
        return JSONResponse(_progress(jobs.get(job_id), jobs.clock()))

    @router.post("/many/{job_id}/cancel")
    def cancel(job_id: str) -> Response:
        jobs.get(job_id).cancelled.set()
        return Response(status_code=204)

    @router.get("/many/{job_id}/table")
    def table(job_id: str) -> Response:
        return HTMLResponse(table_html(list(jobs.get(job_id).rows)))

    @router.get("/many/{job_id}/answers.{form}")
    def download(job_id: str, form: TableFormat) -> Response:
        rows = list(jobs.get(job_id).rows)
        headers = {"Content-Disposition": f'attachment; filename="answers.{form}"'}
        return Response(table_file(rows, form), media_type=_TYPES[form], headers=headers)


def _questions(data: bytes, name: str) -> list[ListedQuestion]:
    return questions_of(data, name) if name else pasted_questions(decoded(data, PASTED))


def _progress(job: Job, now: float) -> dict[str, object]:
    left = job.seconds_left(now)
    return {
        "state": job.state.value,
        "done": len(job.rows),
        "total": len(job.questions),
        "left_s": None if left is None else round(left, 1),
        "problem": job.problem if job.is_over else "",
    }
