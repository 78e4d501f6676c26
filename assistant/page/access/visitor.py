"""A request to who sent it."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.types import Scope

from assistant.page.quiet import gradio as gr
from assistant.stores.audit import Visitor

# What the wall notes in a request's scope.
NAME = "pa_visitor_name"
CAN_LOG_OUT = "pa_visitor_can_log_out"


def visitor_of(request: HTTPConnection | gr.Request) -> Visitor:
    """Who sent a request, to an address of ours or to an event of Gradio's."""
    sent = request.request if isinstance(request, gr.Request) else request
    assert sent is not None  # only Gradio's own tests make requests without one
    return visitor_in(sent.scope)


def visitor_in(scope: Scope) -> Visitor:
    """Who a request is from, by its scope."""
    client = scope.get("client")
    return Visitor(scope.get(NAME), client[0] if client else "unknown")
