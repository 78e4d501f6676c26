"""The plain HTTP addresses of Evaluate, all below /evaluate/api/."""

from __future__ import annotations

from fastapi import APIRouter

from assistant.evaluation.questions import shipped_sets
from assistant.page.desk import Desk
from assistant.page.tabs import EVALUATE

API = f"{EVALUATE.path}/api"


def build_router(desk: Desk) -> APIRouter:
    """The routes over what the desk has."""
    del desk
    router = APIRouter(prefix=API)

    @router.get("/sets")
    def sets() -> list[str]:
        return list(shipped_sets())

    return router
