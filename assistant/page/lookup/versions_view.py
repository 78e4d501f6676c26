"""The view that compares two versions, before they are chosen, as HTML (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.page.lookup.fields import button, select, text
from assistant.page.lookup.search_view import policy_choices, version_choices
from assistant.page.markup import Markup, element
from policy_text import Policy


def versions_view(policies: Sequence[Policy]) -> Markup:
    """A policy, two of its versions, and a question if there is one."""
    several = [policy for policy in policies if len(policy.versions) > 1]
    return element(
        "section",
        _form(several) if several else _nothing(),
        element("div", id="pa-l-changes"),
        data_view="versions",
        aria_label="Two versions",
        class_="pa-l-view",
        hidden=True,
    )  # fmt: skip


def _nothing() -> Markup:
    return element("p", "No policy has two versions.", class_="pa-l-empty")


def _form(several: Sequence[Policy]) -> Markup:
    versions = version_choices(several[0])
    return element(
        "form",
        element(
            "div",
            select("Policy", "policy", policy_choices(several)),
            select("Older version", "old", versions, chosen=versions[1][1]),
            select("Newer version", "new", versions, chosen=versions[0][1]),
            class_="pa-l-filters",
        ),
        text("Question to both, if you have one", "q", maxlength=4000),
        element(
            "p",
            button("Compare", "compare", type="submit", class_="pa-l-button pa-l-main"),
            class_="pa-l-tools",
        ),
        class_="pa-l-form",
    )
