"""The Gradio page of Look up: a search box, and passages as they are found."""

from __future__ import annotations

from assistant.page.desk import Desk
from assistant.page.lookup.results import results_html
from assistant.page.parts import QUIETLY, html_part
from assistant.page.quiet import gradio as gr


def build_blocks(desk: Desk) -> gr.Blocks:
    """The page over what the desk has."""
    page: gr.Blocks
    choices = [(policy.title, policy.id) for policy in desk.assistant.library.policies]
    with gr.Blocks(analytics_enabled=False, title="Look up", fill_width=True, mode="page") as page:
        html_part("<h1>Look up</h1>", elem_id="pa-lookup-top")
        policy = gr.Dropdown(choices, value=choices[0][1], label="Policy")
        words = gr.Textbox(label="Search", elem_id="pa-search")
        found = html_part("", elem_id="pa-found")

        def search(words: str, policy: str) -> str:
            return results_html(desk, words, policy)

        gr.on([words.submit, policy.input], search, [words, policy], [found], **QUIETLY)
    return page
