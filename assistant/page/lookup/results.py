"""What a search found to the HTML of its list: approved answers, then passages (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.page.lookup.marking import Marker
from assistant.page.markup import Markup, element, joined
from assistant.search import FoundPassage
from assistant.wording import dated
from policy_text.display import display_quote


def results_html(
    found: Sequence[FoundPassage], searched: str, missing: Sequence[str], approved: Sequence[Markup]
) -> Markup:
    """The list that the keyboard walks through, after what cannot be searched and why."""
    marker = Marker(searched)
    notices = [element("p", words, class_="pa-notice", role="note") for words in missing]
    options = [*approved, *(_option(one, marker) for one in found)]
    if not options:
        return joined(*notices, element("p", "No passage is left.", class_="pa-l-empty"))
    return joined(
        *notices,
        element(
            "div",
            *options,
            id="pa-l-list",
            role="listbox",
            aria_label="What was found",
            aria_multiselectable="true",
        ),
    )


def _option(found: FoundPassage, marker: Marker) -> Markup:
    version, passage = found.version, found.passage
    lead_in = None
    if passage.lead_in is not None:
        words = marker.marked(display_quote(version.quote(passage.lead_in)))
        lead_in = element("span", words, class_="pa-l-lead")
    return element(
        "div",
        lead_in,
        element(
            "span", marker.marked(display_quote(version.quote(passage.span))), class_="pa-l-words"
        ),
        element("span", version.section_of(passage).cited_as, class_="pa-path"),
        _origin(found),
        role="option",
        tabindex="-1",
        aria_selected="false",
        class_="pa-l-option",
        data_policy=version.policy.id,
        data_version=version.info.version,
        data_start=passage.span.start,
        data_end=passage.span.end,
    )


def _origin(found: FoundPassage) -> Markup:
    """Whose policy, of when, for whom, and how well it ranks."""
    version = found.version
    region = found.limit.region if found.limit else None
    return element(
        "span",
        element("span", f"{version.policy.title} · {dated(version.info)}"),
        element("span", f"{region} only", class_="pa-l-region") if region else None,
        element("span", f"score {found.score:.1f}", class_="pa-l-score"),
        class_="pa-date pa-l-origin",
    )
