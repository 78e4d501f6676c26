"""Settings to the web application: routes, the Gradio page, and the guard before both."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from assistant.ask import Assistant
from assistant.page.blocks import build_blocks
from assistant.page.desk import Desk
from assistant.page.guard import Guard
from assistant.page.quiet import gradio as gr
from assistant.page.routes import build_router
from assistant.page.theme import calm_theme
from assistant.settings import Settings
from index.build import Progress


def build_app(
    settings: Settings,
    *,
    report: Callable[[str], None] = lambda words: None,
    progress: Progress | None = None,
) -> FastAPI:
    """The app with the page at "/"; everything that is asked first is loaded when it returns.

    Tabs with a login or limits of their own are mounted beside it, before "/".

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
        # A policy for other origins of our own (none), so that Gradio does not add its looser one.
        middleware=[Middleware(Guard, settings=settings), Middleware(CORSMiddleware)],
    )
    app.include_router(build_router(desk))
    app.state.desk = desk
    gr.mount_gradio_app(
        app,
        build_blocks(desk),
        path="/",
        theme=calm_theme(),
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        mcp_server=False,
        show_error=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )  # fmt: skip
    return app
