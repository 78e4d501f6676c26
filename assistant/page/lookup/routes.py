"""The plain HTTP addresses of Look up, all below /lookup/api/."""

from __future__ import annotations

from fastapi import APIRouter

from assistant.approved import ApprovedAnswers
from assistant.page.desk import Desk
from assistant.page.lookup.approved_routes import add_approved
from assistant.page.lookup.many_routes import add_many
from assistant.page.lookup.search_routes import add_search
from assistant.page.lookup.versions_routes import add_versions
from assistant.page.problems import Problems
from assistant.page.tabs import LOOKUP

API = f"{LOOKUP.path}/api"


def build_router(desk: Desk) -> APIRouter:
    """The routes over what the desk has."""
    router = APIRouter(prefix=API, route_class=Problems)
    approved = ApprovedAnswers(desk.settings.approved_file, desk.assistant, desk.audit)
    add_search(router, desk, approved)
    add_approved(router, desk, approved)
    add_many(router, desk, approved)
    add_versions(router, desk)
    return router
