"""Approved answers as HTML: in a search's list, opened, and all of them (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.approved import Standing
from assistant.page.lookup.fields import area, button, text
from assistant.page.lookup.reply import Quoted
from assistant.page.markup import Markup, element, joined
from assistant.stores.approved import MAX_ANSWER_CHARACTERS
from assistant.wording import date_in_words


def approved_option(standing: Standing) -> Markup:
    """One in the list that a search found; it stands above the machine's passages."""
    answer = standing.answer
    return element(
        "div",
        _badge(standing),
        element("span", answer.question, class_="pa-l-asked"),
        element("span", answer.answer, class_="pa-l-words"),
        element("span", "; ".join(_paths(standing)), class_="pa-path"),
        element("span", _origin(standing), class_="pa-date pa-l-origin"),
        role="option",
        tabindex="-1",
        aria_selected="false",
        class_=f"pa-l-option pa-l-approved{' pa-l-expired' if standing.why_expired else ''}",
        data_approved=answer.id,
    )


def approved_pane(standing: Standing, words: str, quotes: Sequence[Quoted]) -> Markup:
    """One that was opened: who approved what, whether it still holds, and what it rests on."""
    answer = standing.answer
    rests_on = [
        element(
            "li",
            element("p", quoted.words),
            element(
                "p",
                element("a", quoted.where, href=quoted.link, target="_blank", rel="noopener"),
                class_="pa-source",
            ),
        )
        for quoted in quotes
    ]
    return element(
        "div",
        _badge(standing),
        element("h2", answer.question, tabindex="-1"),
        element("p", _origin(standing), class_="pa-date"),
        _notice(standing),
        element("pre", words, class_="pa-l-reply", tabindex="0", aria_label="Reply to paste"),
        element(
            "p",
            button("Copy reply", "copy-reply"),
            _delete(answer.id),
            button("Close", "close-pane"),
            class_="pa-l-tools",
        ),
        element("h3", "It rests on"),
        element("ul", *rests_on, class_="pa-l-rests"),
        class_="pa-l-pane-head",
    )


def approve_form(quotes: Sequence[Quoted], question: str) -> Markup:
    """Where an agent writes the answer to approve, above the quotes that it will rest on."""
    rests_on = [
        element("li", element("p", q.words), element("p", q.where, class_="pa-path"))
        for q in quotes
    ]
    return element(
        "form",
        element("h2", "Approve an answer", tabindex="-1"),
        text("Question", "question", value=question, required=True, maxlength=4000),
        area(
            "Answer, in your words", "answer", required=True, maxlength=MAX_ANSWER_CHARACTERS,
            rows=6,
        ),
        element("h3", f"It rests on {quotes[0].source}"),
        element("ul", *rests_on, class_="pa-l-rests"),
        element(
            "p",
            button("Save approved answer", "save-approved", class_="pa-l-button pa-l-main"),
            button("Close", "close-pane"),
            class_="pa-l-tools",
        ),
        class_="pa-l-pane-head pa-l-form",
    )  # fmt: skip


def approved_view() -> Markup:
    """The view of all approved answers, before they are fetched."""
    return element(
        "section",
        element(
            "p",
            element("a", "Export as JSON Lines", href="/lookup/api/approved.jsonl",
                    download="approved.jsonl", class_="pa-l-button"),
            element("a", "Export as CSV", href="/lookup/api/approved.csv",
                    download="approved.csv", class_="pa-l-button"),
            button("Import …", "import-approved"),
            class_="pa-l-tools",
        ),
        element("div", id="pa-l-all-approved"),
        data_view="approved",
        aria_label="Approved answers",
        class_="pa-l-view",
        hidden=True,
    )  # fmt: skip


def approved_list(standings: Sequence[Standing]) -> Markup:
    """All approved answers, those that expired first."""
    if not standings:
        return element(
            "p",
            "Nothing is approved yet. Search, choose a passage and press a, and write the answer.",
            class_="pa-l-empty",
        )
    ordered = sorted(standings, key=lambda standing: standing.why_expired is None)
    return joined(*(_card(standing) for standing in ordered))


def _card(standing: Standing) -> Markup:
    answer = standing.answer
    return element(
        "article",
        _badge(standing),
        element("h2", answer.question, class_="pa-l-asked"),
        element("p", answer.answer, class_="pa-l-words"),
        element("p", "; ".join(_paths(standing)), class_="pa-path"),
        element("p", _origin(standing), class_="pa-date"),
        _notice(standing),
        element("p", _delete(answer.id), class_="pa-l-tools"),
        class_=f"pa-l-option pa-l-approved{' pa-l-expired' if standing.why_expired else ''}",
    )


def _badge(standing: Standing) -> Markup:
    words = "✗ Expired answer" if standing.why_expired else "✓ Approved answer"
    return element("span", words, class_="pa-l-badge")


def _notice(standing: Standing) -> Markup | None:
    if standing.why_expired is None:
        return None
    words = f"Do not send this unread. {standing.why_expired}"
    return element("p", words, class_="pa-notice", role="note")


def _origin(standing: Standing) -> str:
    answer = standing.answer
    day = date_in_words(answer.approved_at[:10])
    version = date_in_words(answer.version)
    words = f"{standing.title} · version {version} · approved by {answer.approved_by} on {day}"
    return f"{words} · {standing.why_expired}" if standing.why_expired else words


def _paths(standing: Standing) -> list[str]:
    return list(dict.fromkeys(citation.section for citation in standing.answer.citations))


def _delete(answer_id: str) -> Markup:
    return button("Delete", "delete-approved", data_id=answer_id)
