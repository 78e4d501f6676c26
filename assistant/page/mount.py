"""Gradio apps to parts of the one web application, all with the same settings."""

from __future__ import annotations

from fastapi import FastAPI

from assistant.page.quiet import gradio as gr
from assistant.page.shell import title_of
from assistant.page.tabs import Tab
from assistant.page.theme import calm_theme

MAX_WAITING = 128  # events; those above are told to come back, instead of all waiting longer
SESSIONS = 500  # visits whose choices Gradio remembers


def mount(app: FastAPI, blocks: gr.Blocks, tab: Tab, title: str) -> None:
    """Mounts a tab's page of Gradio's, without telemetry, history, API and monitoring."""
    blocks.title = title_of(tab, title)  # Gradio's script sets it once more
    blocks.queue(max_size=MAX_WAITING, api_open=False)
    blocks.state_session_capacity = SESSIONS
    gr.mount_gradio_app(
        app,
        blocks,
        path=tab.path or "/",
        theme=calm_theme(),
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        mcp_server=False,
        show_error=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )  # fmt: skip
