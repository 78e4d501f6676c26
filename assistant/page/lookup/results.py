"""A search to the passages it finds, as HTML."""

from __future__ import annotations

from assistant.page.desk import Desk
from assistant.page.markup import Markup, element
from policy_text import UserError
from policy_text.display import display_quote

SHOWN = 10  # passages


def results_html(desk: Desk, words: str, policy: str) -> Markup:
    """The passages of a policy nearest to the words, best first; where it cannot be, why."""
    if not words.strip():
        return Markup("")
    try:
        version = desk.text(policy)
        ranking = desk.assistant.retrieve(words, version).ranking[:SHOWN]
    except UserError as problem:
        return element("p", str(problem), class_="pa-notice", role="alert")
    return element(
        "ol",
        *(
            element(
                "li",
                element("p", display_quote(version.quote(scored.passage.span))),
                element("p", version.section_of(scored.passage).cited_as, class_="pa-date"),
            )
            for scored in ranking
        ),
        class_="pa-found",
    )
