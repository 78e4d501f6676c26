"""Settings to the web application: routes, the Gradio pages, and what stands before them."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from assistant.ask import Assistant
from assistant.page import evaluate, lookup
from assistant.page.blocks import build_blocks
from assistant.page.desk import Desk
from assistant.page.guard import Guard
from assistant.page.mount import mount
from assistant.page.routes import add_static, build_router
from assistant.page.shell import PageShell
from assistant.page.tabs import ASK, EVALUATE, LOOKUP, TABS
from assistant.settings import Settings
from index.build import Progress


def build_app(
    settings: Settings,
    *,
    report: Callable[[str], None] = lambda words: None,
    progress: Progress | None = None,
) -> FastAPI:
    """The app with the page at "/"; everything that is asked first is loaded when it returns.

    Each tab is a Gradio app of its own, so that a login or a limit covers one and not the other.

    Raises:
        UserError: the model or the policies are not there, or the index cannot be used.
    """
    desk = Desk(settings, Assistant.open(settings, report=report, progress=progress))
    desk.warm_up()
    app = FastAPI(
        title=settings.title,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        middleware=[
            Middleware(Guard, settings=settings),
            # A policy for other origins of our own (none), so that Gradio does not add its own.
            Middleware(CORSMiddleware),
            Middleware(PageShell, settings=settings),
        ],
    )
    for tab in TABS:
        add_static(app, tab)
    app.include_router(build_router(desk))
    app.include_router(lookup.build_router(desk))
    app.include_router(evaluate.build_router(desk))
    app.state.desk = desk
    mount(app, lookup.build_blocks(desk), LOOKUP.path)
    mount(app, evaluate.build_blocks(desk), EVALUATE.path)
    mount(app, build_blocks(desk), ASK.path)  # the last: what is no other's is Ask's
    return app
