"""The bar above every tab: plain links, the one that is shown marked (pure)."""

from __future__ import annotations

from assistant.page.markup import Markup, element
from assistant.page.tabs import TABS, Tab


def navigation_html(shown: Tab | None) -> Markup:
    """The bar, as it stands before Gradio's part of the page."""
    links = [
        element("a", tab.label, href=tab.home, aria_current="page" if tab is shown else None)
        for tab in TABS
    ]
    return element("nav", *links, class_="pa-nav", aria_label="Pages")
