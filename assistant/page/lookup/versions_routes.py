"""The address that compares two versions, and asks both."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from assistant.model import Question
from assistant.page.desk import Desk
from assistant.page.lookup.both_answers import both_answers_html
from assistant.page.lookup.changes import beside, changes_html
from assistant.page.lookup.scope import ScopeError, text_of
from assistant.page.lookup.search_routes import Short, Words, site
from assistant.page.markup import Markup, joined
from policy_text import PolicyVersion
from policy_text.diff import diff_versions

KEPT = 32  # comparisons; each takes up to a second, and is the same until a text changes


class Comparisons:
    """What changed between versions, compared once; safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Markup] = {}
        self._comparing = threading.Lock()

    def html(self, old: PolicyVersion, new: PolicyVersion) -> Markup:
        """The changes from one version to another."""
        key = (old.reading_hash, new.reading_hash)
        with self._comparing:
            if key not in self._kept:
                while len(self._kept) >= KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = changes_html(diff_versions(old, new))
            return self._kept[key]


def add_versions(router: APIRouter, desk: Desk) -> None:
    """Adds it to the routes of Look up."""
    library = desk.assistant.library
    comparisons = Comparisons()

    @router.get("/compare")
    def compare(request: Request, policy: Short, old: Short, new: Short, q: Words = "") -> Response:
        if old == new:
            raise ScopeError("These are the same version. Choose two.")
        pair = [text_of(library, policy, version) for version in (old, new)]
        pair.sort(key=lambda version: version.info.in_force_from)

        def parts() -> Iterator[Markup]:
            if q.strip():
                answers = desk.assistant.ask_many([Question(q, held=one) for one in pair])
                yield both_answers_html(pair, answers, site(request))
            yield beside(pair[0], pair[1])
            yield comparisons.html(pair[0], pair[1])

        return HTMLResponse(joined(*parts()))
