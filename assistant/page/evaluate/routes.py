"""The plain HTTP addresses of Evaluate, all below /evaluate/api/."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from assistant.evaluation.locate import AskedOf
from assistant.evaluation.questions import shipped_sets
from assistant.page.desk import Desk
from assistant.page.evaluate.evaluations import BusyError, Evaluation, Evaluations, State
from assistant.page.evaluate.order import Order
from assistant.page.evaluate.run_routes import add_runs
from assistant.page.evaluate.sets import preview
from assistant.page.problems import Problems
from assistant.page.tabs import EVALUATE
from assistant.stores.runs import RunStore

API = f"{EVALUATE.path}/api"
ASKED_OF_PARTS = "@"  # between a policy and its version, in a choice

Short = Annotated[str, Query(max_length=200)]


def build_router(desk: Desk) -> APIRouter:
    """The routes over what the desk has."""
    router = APIRouter(prefix=API, route_class=Problems)
    store = RunStore(desk.settings.runs_folder)
    evaluations = Evaluations(desk.settings, store)
    _add_sets(router, desk)
    _add_evaluations(router, evaluations)
    add_runs(router, desk, store)
    return router


def _add_sets(router: APIRouter, desk: Desk) -> None:
    library = desk.assistant.library

    @router.get("/sets")
    def sets() -> list[str]:
        return list(shipped_sets())

    @router.get("/preview")
    def shipped(name: Short, asked_of: Short = "") -> Response:
        return HTMLResponse(preview(Order(name, None, _asked_of(asked_of)), library))

    @router.post("/preview")
    async def dropped(request: Request, name: Short, asked_of: Short = "") -> Response:
        order = Order(name, await request.body(), _asked_of(asked_of))
        return HTMLResponse(await run_in_threadpool(preview, order, library))


def _add_evaluations(router: APIRouter, evaluations: Evaluations) -> None:
    @router.get("/status")
    def status() -> Response:
        return JSONResponse(_told(evaluations.last))

    @router.post("/evaluate")
    async def evaluate(
        request: Request,
        name: Short,
        is_file: bool = False,
        asked_of: Short = "",
        region: Short = "",
    ) -> Response:
        data = await request.body() if is_file else None
        order = Order(name, data, _asked_of(asked_of), region or None)
        try:
            started = await run_in_threadpool(evaluations.start, order)
        except BusyError as problem:
            return JSONResponse({"detail": str(problem)}, status_code=409)
        return JSONResponse(_told(started))

    @router.post("/cancel/{evaluation_id}")
    def cancel(evaluation_id: str) -> Response:
        evaluations.cancel(evaluation_id)
        return Response(status_code=204)


def _asked_of(choice: str) -> AskedOf:
    policy, _, version = choice.partition(ASKED_OF_PARTS)
    return AskedOf(policy or None, version or None)


def _told(evaluation: Evaluation | None) -> dict[str, Any]:
    """What the browser needs to know of the evaluation that runs or was the last."""
    if evaluation is None:
        return {}
    is_over = evaluation.ended.is_set()
    progress = evaluation.progress
    return {
        "id": evaluation.id,
        "name": evaluation.name,
        "state": (evaluation.state if is_over else State.RUNNING).value,
        "run": evaluation.run,
        "problem": evaluation.problem,
        "done": progress.done,
        "total": progress.total,
        "words": progress.words,
    }
