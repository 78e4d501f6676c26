"""The view that answers many questions at once, before any is asked, as HTML (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.page.lookup.fields import area, button, select, text
from assistant.page.lookup.search_view import policy_choices
from assistant.page.markup import Markup, element
from assistant.regions import REGIONS
from policy_text import Policy


def many_view(policies: Sequence[Policy]) -> Markup:
    """A list to paste or a file to drop, and where progress and answers appear."""
    every = [("As each question says", ""), *policy_choices(policies)]
    regions = [("Everybody", ""), *((region, region) for region in REGIONS)]
    return element(
        "section",
        element(
            "form",
            area(
                "Questions, one on each line", "questions", rows=6,
                placeholder="Paste a list, or drop a .csv or .xlsx file with a column “question” …",
            ),
            element(
                "div",
                select("Policy", "policy", every),
                text("In force on", "as_of", type="date"),
                select("Region", "region", regions),
                class_="pa-l-filters",
            ),
            element(
                "p",
                button("Answer these", "answer-list", class_="pa-l-button pa-l-main"),
                button("Choose a file …", "choose-list"),
                class_="pa-l-tools",
            ),
            class_="pa-l-form",
        ),
        _progress(),
        element("div", id="pa-l-answers"),
        data_view="many",
        aria_label="Many questions",
        class_="pa-l-view",
        hidden=True,
    )  # fmt: skip


def _progress() -> Markup:
    return element(
        "div",
        element("progress", max="1", value="0", aria_label="Answered"),
        element("span", id="pa-l-left"),
        button("Cancel", "cancel-list"),
        element("a", "Download CSV", class_="pa-l-button", data_download="csv", hidden=True),
        element("a", "Download XLSX", class_="pa-l-button", data_download="xlsx", hidden=True),
        id="pa-l-progress",
        hidden=True,
    )
