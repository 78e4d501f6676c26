"""The Gradio page of Look up: its views, of which lookup.js shows one at a time."""

from __future__ import annotations

from assistant.page.desk import Desk
from assistant.page.lookup.approved_html import approved_view
from assistant.page.lookup.many_view import many_view
from assistant.page.lookup.search_view import search_view
from assistant.page.lookup.versions_view import versions_view
from assistant.page.markup import Markup, element
from assistant.page.parts import html_part
from assistant.page.quiet import gradio as gr

VIEWS = (
    ("search", "Search"),
    ("approved", "Approved answers"),
    ("many", "Many questions"),
    ("versions", "Two versions"),
)


def build_blocks(desk: Desk) -> gr.Blocks:
    """The page over what the desk has.

    Results come over plain HTTP: an event of Gradio's takes 9 ms more, at every key.
    """
    policies = desk.assistant.library.policies
    page: gr.Blocks
    with gr.Blocks(analytics_enabled=False, title="Look up", fill_width=True, mode="page") as page:
        html_part(_top(), elem_id="pa-l-top")
        html_part(search_view(policies), elem_id="pa-l-search")
        html_part(approved_view(), elem_id="pa-l-approved")
        html_part(many_view(policies), elem_id="pa-l-many")
        html_part(versions_view(policies), elem_id="pa-l-versions")
    return page


def _top() -> Markup:
    links = [element("a", label, href=f"#{name}") for name, label in VIEWS]
    return element(
        "header",
        element("h1", "Look up"),
        element("nav", *links, aria_label="Views of Look up", class_="pa-l-views"),
        element("p", id="pa-l-said", role="status"),
        class_="pa-l-top",
    )
