"""The bar above every tab: plain links, the one that is shown marked (pure)."""

from __future__ import annotations

from assistant.page.markup import Markup, element
from assistant.page.tabs import LOGIN, TABS, Tab


def navigation_html(
    shown: Tab | None, name: str | None = None, *, can_log_out: bool = False
) -> Markup:
    """The bar, as it stands before Gradio's part of the page; with who has logged in, if anyone."""
    links = [
        element("a", tab.label, href=tab.home, aria_current="page" if tab is shown else None)
        for tab in TABS
    ]
    pages = element("nav", *links, aria_label="Pages")
    return element("header", pages, _account(name, can_log_out) if name else None, class_="pa-nav")


def _account(name: str, can_log_out: bool) -> Markup:
    log_out = element(
        "form",
        element("button", "Log out", type="submit", class_="pa-tool"),
        method="post",
        action=f"{LOGIN.path}/out",
    )
    shown = element("span", name, class_="pa-name", title=name)
    return element("div", shown, log_out if can_log_out else None, class_="pa-account")
