"""Gradio's parts as all tabs use them: events without an API, and HTML of our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.page.quiet import gradio as gr

QUIETLY: Mapping[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def html_part(words: str, *, elem_id: str) -> gr.Markdown:
    """A component that shows our own, escaped HTML.

    Not gr.HTML: that evaluates its templates, which needs 'unsafe-eval' in the page's policy.
    """
    return gr.Markdown(
        words,
        sanitize_html=False,  # it is ours; a sanitizer would take the data attributes out
        latex_delimiters=[],
        elem_id=elem_id,
        container=False,
        padding=False,
    )
