"""The answers of two versions to one question, side by side, as HTML (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.model import Answer, Status
from assistant.page.lookup.places import Cited, quoted
from assistant.page.markup import Markup, element
from assistant.wording import capital, dated
from policy_text import PolicyVersion, UserError

_OUTCOMES = {
    Status.ANSWERED: "The policy says",
    Status.SILENT: "The policy does not say",
    Status.OUT_OF_SCOPE: "No question for a privacy policy",
    Status.UNCLEAR: "Unclear",
}


def both_answers_html(
    versions: Sequence[PolicyVersion], answers: Sequence[Answer | UserError], site: str
) -> Markup:
    """The older version's answer, then the newer's; `site` is the address of the page of Ask."""
    sides = [
        _side(version, answer, site) for version, answer in zip(versions, answers, strict=True)
    ]
    return element(
        "article",
        element("h2", "Both answers"),
        element("div", *sides, class_="pa-l-pair"),
        class_="pa-l-change pa-l-both",
    )


def _side(version: PolicyVersion, answer: Answer | UserError, site: str) -> Markup:
    date = element("p", capital(dated(version.info)), class_="pa-date")
    if isinstance(answer, UserError):
        return element("div", date, element("p", str(answer)), data_status="problem")
    outcome = element("p", element("strong", _OUTCOMES[answer.status]))
    quotes = [quoted(Cited(version, citation), site) for citation in answer.citations]
    said = [
        element(
            "blockquote",
            element("p", quote.words),
            element(
                "p",
                element("a", quote.where, href=quote.link, target="_blank", rel="noopener"),
                class_="pa-source",
            ),
        )
        for quote in quotes
    ]
    if not said:
        said = [element("p", answer.text.partition("\n")[0])]
    return element("div", date, outcome, *said, data_status=answer.status.value)
