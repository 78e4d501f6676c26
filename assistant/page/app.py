"""Settings to the web application: routes, the Gradio pages, and what stands before them."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from assistant.page import evaluate, lookup
from assistant.page.access.access import Access
from assistant.page.access.limits import Limit, RateLimit
from assistant.page.access.login import build_login_router
from assistant.page.access.peers import TrustedPeers
from assistant.page.access.sessions import Sessions, session_secret
from assistant.page.access.wall import Wall
from assistant.page.blocks import build_blocks, free_events
from assistant.page.desk import Desk
from assistant.page.guard import Doors, Guard
from assistant.page.mount import mount
from assistant.page.routes import add_static, build_router
from assistant.page.shell import PageShell
from assistant.page.tabs import ASK, EVALUATE, LOOKUP, TABS
from assistant.search import SearchableAssistant
from assistant.settings import Settings
from index.build import Progress


def build_app(
    settings: Settings,
    *,
    progress: Progress | None = None,
) -> FastAPI:
    """The app with the page at "/"; everything that is asked first is loaded when it returns.

    Each tab is a Gradio app of its own, so that a login or a limit covers one and not the other.

    Raises:
        UserError: the model or the policies are not there, the index cannot be used, or the
            settings of a login cannot be.
    """
    desk = Desk(settings, SearchableAssistant.open(settings, progress=progress))
    access = Access(settings, desk.audit)
    desk.warm_up()
    ask = build_blocks(desk)
    app = FastAPI(
        title=settings.title,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        middleware=_before(settings, access, free_events(ask)),
    )
    for tab in TABS:
        add_static(app, tab)
    if access.is_walled:
        app.include_router(build_login_router(settings, access))
    app.include_router(build_router(desk))
    app.include_router(lookup.build_router(desk))
    app.include_router(evaluate.build_router(desk))
    app.state.desk = desk
    mount(app, lookup.build_blocks(desk), LOOKUP, settings.title)
    mount(app, evaluate.build_blocks(desk), EVALUATE, settings.title)
    mount(app, ask, ASK, settings.title)  # the last: what is no other's is Ask's
    return app


def _before(settings: Settings, access: Access, free: frozenset[int]) -> list[Middleware]:
    """What a request passes before it comes to a route, the outermost first."""
    passed = [Middleware(TrustedPeers, settings=settings), Middleware(Guard, settings=settings)]
    if access.is_walled:
        secret = session_secret(settings)
        passed.append(Middleware(Sessions, settings=settings, secret=secret))
    passed.append(Middleware(Wall, access=access, title=settings.title))
    passed.append(Middleware(Doors, settings=settings))
    if settings.rate_limit:
        limit = Limit(settings.rate_limit)
        passed.append(Middleware(RateLimit, limit=limit, free_events=free))
    # A policy for other origins of our own (none), so that Gradio does not add its looser one.
    return [*passed, Middleware(CORSMiddleware), Middleware(PageShell, settings=settings)]
