"""The plain HTTP addresses of Look up, all below /lookup/api/."""

from __future__ import annotations

from fastapi import APIRouter

from assistant.page.desk import Desk
from assistant.page.tabs import LOOKUP

API = f"{LOOKUP.path}/api"


def build_router(desk: Desk) -> APIRouter:
    """The routes over what the desk has."""
    router = APIRouter(prefix=API)

    @router.get("/policies")
    def policies() -> list[dict[str, object]]:
        return [
            {
                "policy": policy.id,
                "title": policy.title,
                "versions": [info.version for info in policy.versions],
            }
            for policy in desk.assistant.library.policies
        ]

    return router
