"""The Gradio page of Evaluate: the question sets that can be asked."""

from __future__ import annotations

from assistant.evaluation.questions import shipped_sets
from assistant.page.desk import Desk
from assistant.page.evaluate.sets import set_html
from assistant.page.parts import QUIETLY, html_part
from assistant.page.quiet import gradio as gr


def build_blocks(desk: Desk) -> gr.Blocks:
    """The page over what the desk has."""
    del desk
    page: gr.Blocks
    sets = shipped_sets()
    with gr.Blocks(analytics_enabled=False, title="Evaluate", fill_width=True, mode="page") as page:
        html_part("<h1>Evaluate</h1>", elem_id="pa-evaluate-top")
        chosen = gr.Dropdown(list(sets), value=sets[0], label="Question set")
        shown = html_part(set_html(sets[0]), elem_id="pa-set")
        chosen.input(set_html, [chosen], [shown], **QUIETLY)
    return page
