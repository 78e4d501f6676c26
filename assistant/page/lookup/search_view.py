"""The view that searches: filters, results, and the pane of an opened passage, as HTML (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.page.lookup.fields import button, select, text
from assistant.page.lookup.places import Cited
from assistant.page.lookup.scope import EVERY_VERSION
from assistant.page.markup import Markup, element, joined
from assistant.regions import REGIONS
from assistant.wording import dated
from policy_text import Policy

FORMS = (("Plain text", "text"), ("Markdown", "markdown"), ("HTML", "html"))
_KEYS = (
    (("/",), "search"),
    (("↑", "↓"), "choose"),
    (("Enter",), "open"),
    (("c",), "copy"),
    (("Space",), "pick several"),
    (("a",), "approve"),
    (("Esc",), "back"),
)


def search_view(policies: Sequence[Policy]) -> Markup:
    """The view before anything has been searched."""
    return element(
        "section",
        element("form", _box(), _filters(policies), role="search", class_="pa-l-form"),
        _keys(),
        element(
            "div",
            element("div", id="pa-l-found"),
            element("section", id="pa-l-pane", aria_label="The passage in its policy", hidden=True),
            class_="pa-l-columns",
        ),
        data_view="search",
        aria_label="Search",
        class_="pa-l-view",
    )


def policy_choices(policies: Sequence[Policy]) -> list[tuple[str, str]]:
    """The policies to choose from, by title, each with its id."""
    return [(policy.title, policy.id) for policy in policies]


def version_choices(policy: Policy) -> list[tuple[str, str]]:
    """The versions of a policy, the newest first, each with its date."""
    return [(dated(info), info.version) for info in reversed(policy.versions)]


def _box() -> Markup:
    return text(
        "Search all policies",
        "words",
        id="pa-l-words",
        type="search",
        placeholder="A question or a few words …",
        aria_controls="pa-l-found",
        aria_keyshortcuts="/",
        maxlength=4000,
        spellcheck="false",
    )


def _filters(policies: Sequence[Policy]) -> Markup:
    regions = [("Everybody", ""), *((region, region) for region in REGIONS)]
    return element(
        "div",
        select("Policy", "policy", [("All policies", ""), *policy_choices(policies)]),
        select("Version", "version", [("Newest", ""), ("All versions", EVERY_VERSION)]),
        text("In force on", "as_of", type="date"),
        select("Region", "region", regions),
        select("Copy as", "form", FORMS),
        class_="pa-l-filters",
    )


def _keys() -> Markup:
    """What the keyboard does, as it is shown."""
    shown = []
    for keys, what in _KEYS:
        caps = joined(*(element("kbd", key) for key in keys))
        shown.append(element("span", caps, " ", what))
    return element("p", *shown, class_="pa-l-keys", aria_label="Keys")


def pane_html(cited: Cited, link: str, words: str, document: Markup) -> Markup:
    """An opened passage: where it stands, its reply as plain text, and the whole policy."""
    version = cited.version
    return joined(
        element(
            "div",
            element("h2", cited.citation.section.cited_as, tabindex="-1"),
            element("p", f"{version.policy.title} · {dated(version.info)}", class_="pa-date"),
            element("pre", words, class_="pa-l-reply", tabindex="0", aria_label="Reply to paste"),
            element(
                "p",
                button("Copy reply", "copy-reply"),
                button("Copy link", "copy-link", data_link=link),
                button("Approve an answer …", "approve"),
                button("Close", "close-pane"),
                class_="pa-l-tools",
            ),
            class_="pa-l-pane-head",
        ),
        element(
            "div",
            document,
            class_="pa-l-document",
            tabindex="0",
            role="region",
            aria_label="The policy",
        ),
    )
