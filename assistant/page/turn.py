"""An answer to the HTML of one turn of the conversation (pure)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from assistant.compose import EXCEPTIONS_SHOWN, limited
from assistant.model import Answer, Citation, Reason, Role, Status
from assistant.page.markup import Markup, element, joined
from assistant.page.suggestions import about
from assistant.render import Format, render_answer
from assistant.wording import capital, date_in_words, titled
from policy_text import PolicyVersion, Section, UserError
from policy_text.display import display_quote

_OUTCOMES = {
    Reason.NO_EVIDENCE: "The policy does not say",
    Reason.OFF_TOPIC: "Not a question about privacy",
    Reason.INSTRUCTION: "Not a question about this policy",
    Reason.GIBBERISH: "Not readable as a question",
    Reason.LANGUAGE: "English only",
    Reason.TOO_VAGUE: "What do you mean?",
}
_SIGNS = {
    Status.ANSWERED: "✓",
    Status.SILENT: "○",
    Status.OUT_OF_SCOPE: "↷",
    Status.UNCLEAR: "?",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn shows.

    Attributes:
        next_questions: suggestions to go on with.
        is_shared: whether the policy is there for everybody, so that a link to it works.
        takes_feedback: whether a thumb may be given.
    """

    answer: Answer
    version: PolicyVersion
    next_questions: tuple[str, ...] = ()
    is_shared: bool = True
    takes_feedback: bool = False


def turn_html(turn: Turn) -> Markup:
    """The turn as it is put below the others."""
    answer = turn.answer
    is_answered = answer.status is Status.ANSWERED
    body = _quotes(turn) if is_answered else _decline(turn)
    return element(
        "article",
        element("h2", answer.question.strip(), class_="pa-question"),
        element(
            "div",
            _outcome(turn),
            *body,
            _next(turn.next_questions),
            _tools(turn),
            class_="pa-answer",
        ),
        class_=f"pa-turn pa-{answer.status.value}",
        data_turn=secrets.token_hex(8),
        data_policy=answer.policy,
        data_version=answer.version,
        data_question=answer.question,
        data_outcome=answer.status.value,
        data_copy=_as_text(turn),
        data_link=_link(turn),
    )


def problem_html(problem: UserError, question: str) -> Markup:
    """A turn that could not be asked, and why."""
    shown = question if len(question) <= 200 else question[:200] + "…"
    return element(
        "article",
        element("h2", shown.strip() or "(blank)", class_="pa-question"),
        element(
            "div",
            _headline("!", "That could not be asked"),
            element("p", str(problem), class_="pa-why"),
            class_="pa-answer",
        ),
        class_="pa-turn pa-problem",
        data_turn=secrets.token_hex(8),
    )


def _outcome(turn: Turn) -> Markup:
    answer = turn.answer
    if answer.reason is not None:
        return _headline(_SIGNS[answer.status], _OUTCOMES[answer.reason])
    says = f"{capital(answer.verdict)}, the policy says" if answer.verdict else "The policy says"
    return _headline(_SIGNS[answer.status], says, titled(turn.version))


def _headline(sign: str, words: str, more: str = "") -> Markup:
    return element(
        "p",
        element("span", sign, class_="pa-sign", aria_hidden="true"),
        element("strong", words),
        element("span", more, class_="pa-date") if more else None,
        class_="pa-outcome",
    )


# --- answered ------------------------------------------------------------------------------------


def _quotes(turn: Turn) -> Iterator[Markup]:
    quotes = [
        _quote(turn.version, citation, number)
        for number, citation in enumerate(turn.answer.citations, 1)
    ]
    yield element("ol", *quotes, class_="pa-quotes")


def _quote(version: PolicyVersion, citation: Citation, number: int) -> Markup:
    lead_ins = _of_role(citation, Role.LEAD_IN)[:1]
    return element(
        "li",
        element(
            "blockquote",
            *(element("p", words, class_="pa-lead-in") for words in lead_ins),
            *_cited_words(version, citation),
            *_exceptions(citation),
        ),
        _source(version, citation, number),
        *_leans_on(citation),
    )


def _cited_words(version: PolicyVersion, citation: Citation) -> Iterator[Markup]:
    """The cited passages: sentences run on, list items stand below each other."""
    inside = [p for p in version.passages if citation.span.overlap(p.span) == len(p.span)]
    for (is_item, block), run in groupby(inside, lambda p: (p.is_item, p.is_item and p.block)):
        del block
        words = " ".join(display_quote(version.quote(passage.span)) for passage in run)
        yield element("p", words, class_="pa-item" if is_item and len(inside) > 1 else None)


def _exceptions(citation: Citation) -> Iterator[Markup]:
    exceptions = _of_role(citation, Role.EXCEPTION)[: EXCEPTIONS_SHOWN + 1]
    if exceptions:
        yield element("p", exceptions[0])
        yield from (element("p", words, class_="pa-item") for words in exceptions[1:])


def _source(version: PolicyVersion, citation: Citation, number: int) -> Markup:
    where = citation.section.cited_as
    return element(
        "p",
        element(
            "button",
            element("span", str(number), class_="pa-number"),
            element("span", where, class_="pa-path"),
            type="button",
            class_="pa-cite",
            data_start=citation.span.start,
            data_end=citation.span.end,
            aria_label=f"Citation {number}: {where}. Show it in the policy",
        ),
        element("span", date_in_words(version.info.version), limited(citation), class_="pa-date"),
        class_="pa-source",
    )


def _leans_on(citation: Citation) -> Iterator[Markup]:
    """What a quote leans on: the words before it, and the sections that it names."""
    for quote in citation.context:
        if quote.role is Role.ANTECEDENT:
            yield element(
                "p", "It follows: “", display_quote(quote.quote), "”", class_="pa-context"
            )
        elif quote.role is Role.REFERENCE:
            yield element("p", "It refers to ", _section_button(quote.section), class_="pa-context")


def _of_role(citation: Citation, role: Role) -> list[str]:
    return [display_quote(quote.quote) for quote in citation.context if quote.role is role]


# --- declined ------------------------------------------------------------------------------------


def _decline(turn: Turn) -> Iterator[Markup]:
    """Why there is no answer, and where to go on: sections to read, or meanings to choose from."""
    answer = turn.answer
    why, *more = answer.text.split("\n")
    yield element("p", why, class_="pa-why")
    if answer.nearest:
        is_choice = answer.status is Status.UNCLEAR
        label = "Do you mean one of these?" if is_choice else "Nearest sections of the policy"
        buttons = [
            _meaning_button(section) if is_choice else _section_button(section)
            for section in answer.nearest
        ]
        yield element(
            "div",
            element("p", label, class_="pa-label"),
            *buttons,
            class_="pa-nearest",
        )
    notes = [line for line in more if not line.startswith("- ") and line != "Nearest sections:"]
    yield from (element("p", note, class_="pa-note") for note in notes if note)


def _section_button(section: Section) -> Markup:
    return element(
        "button",
        section.cited_as,
        type="button",
        class_="pa-chip pa-open-section",
        data_section=section.id,
    )


def _meaning_button(section: Section) -> Markup:
    return _ask_button(section.title, about(section))


# --- below every answer --------------------------------------------------------------------------


def _next(questions: Sequence[str]) -> Markup | None:
    if not questions:
        return None
    return element(
        "div",
        element("p", "You may want to ask next", class_="pa-label"),
        *(_ask_button(question, question) for question in questions),
        class_="pa-next",
    )


def _ask_button(label: str, question: str) -> Markup:
    return element("button", label, type="button", class_="pa-chip pa-ask", data_ask=question)


def _tools(turn: Turn) -> Markup:
    def tool(words: str, action: str, **more: str) -> Markup:
        return element("button", words, type="button", class_="pa-tool", data_action=action, **more)

    thumbs = [
        tool("Helpful", "helpful", aria_pressed="false"),
        tool("Not helpful", "unhelpful", aria_pressed="false"),
    ]
    return element(
        "div",
        tool("Copy", "copy"),
        tool("Copy link", "link") if turn.is_shared else None,
        tool("Ask again", "retry"),
        *(thumbs if turn.takes_feedback else ()),
        class_="pa-tools",
    )


def _as_text(turn: Turn) -> str:
    return f"{turn.answer.question.strip()}\n\n{render_answer(turn.answer, Format.TEXT)}"


def _link(turn: Turn) -> str | None:
    answer = turn.answer
    if not turn.is_shared:
        return None
    return "?" + urlencode(
        {"policy": answer.policy, "version": answer.version, "q": answer.question.strip()}
    )


def chips(questions: Sequence[str]) -> Markup:
    """Questions to click."""
    return joined(*(_ask_button(question, question) for question in questions))
