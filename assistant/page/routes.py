"""The few addresses beside Gradio's: the panel's text, our files, own policies, feedback."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from assistant.model import MAX_QUESTION_CHARACTERS
from assistant.page.desk import HISTORY, Desk
from assistant.page.markup import element
from assistant.page.own import PREFIX
from assistant.page.tabs import ASK, OWN_PATH, Tab
from policy_text import UserError

_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FOREVER = "public, max-age=31536000, immutable"  # the address changes with the file

Text = Annotated[str, Field(max_length=MAX_QUESTION_CHARACTERS)]


class Thumb(BaseModel):
    """What page.js sends when somebody rates an answer; the answer itself is made again here."""

    model_config = ConfigDict(extra="forbid")

    question: Text
    policy: Text
    version: Text
    history: Annotated[tuple[Text, ...], Field(max_length=HISTORY)] = ()
    is_helpful: bool
    reason: Annotated[str, Field(max_length=500)] = ""


def add_static(app: FastAPI, tab: Tab) -> None:
    """A tab's own scripts and styles, below its path; there is nothing else in that folder."""
    files = {file.name: file for file in tab.static.iterdir() if file.suffix in _KINDS}

    @app.get(f"{tab.path}/page/{{name}}")
    def static(name: str) -> Response:
        if name not in files:
            return _problem(404, "There is no such file.")
        return FileResponse(
            files[name],
            media_type=_KINDS[files[name].suffix],
            headers={"Cache-Control": _FOREVER},
        )


def build_router(desk: Desk) -> APIRouter:
    """The routes over what the desk has."""
    router = APIRouter()
    _add_texts(router, desk)
    if desk.settings.own_policies:
        _add_own(router, desk)
    if desk.feedback is not None:
        _add_feedback(router, desk)
    return router


def _add_texts(router: APIRouter, desk: Desk) -> None:
    @router.get("/favicon.ico")
    def favicon() -> Response:
        return FileResponse(ASK.static / "icon.svg", media_type=_KINDS[".svg"])

    @router.get("/policy/{policy}/{version}")
    def text(policy: str, version: str, request: Request) -> Response:
        try:
            shown = desk.text(policy, version)
        except UserError as problem:
            return HTMLResponse(element("p", str(problem), class_="pa-notice"), status_code=404)
        tag = f'"{shown.content_hash}"'
        is_own = policy.startswith(PREFIX)
        headers = {"Cache-Control": "no-store"} if is_own else {"ETag": tag}
        if not is_own and request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return HTMLResponse(desk.document(shown), headers=headers)


def _add_own(router: APIRouter, desk: Desk) -> None:
    @router.post(OWN_PATH)
    async def own(request: Request, name: str = "") -> Response:
        data = await request.body()
        try:
            version = await run_in_threadpool(desk.own.add, name, data)
        except UserError as problem:
            return _problem(422, str(problem))
        return JSONResponse({"policy": version.policy.id, "version": version.info.version})

    @router.post(f"{OWN_PATH}/close")
    async def close(request: Request) -> Response:
        desk.own.drop((await request.body()).decode("ascii", errors="replace"))
        return Response(status_code=204)


def _add_feedback(router: APIRouter, desk: Desk) -> None:
    store = desk.feedback
    assert store is not None

    @router.post("/feedback")
    def feedback(thumb: Thumb) -> Response:
        if thumb.policy.startswith(PREFIX):
            return _problem(422, "Nothing of your own policy is kept, so it takes no rating.")
        try:
            question = desk.question(thumb.question, thumb.policy, thumb.version, thumb.history)
            answer = desk.ask(question)
        except UserError as problem:
            return _problem(422, str(problem))
        store.add(answer, thumb.history, is_helpful=thumb.is_helpful, reason=thumb.reason)
        return Response(status_code=204)


def _problem(status: int, words: str) -> Response:
    return JSONResponse({"detail": words}, status_code=status)
