"""What stands above the conversation, and the note below it (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.page.markup import Markup, element, joined
from assistant.page.turn import chips
from assistant.wording import dated
from policy_text import PolicyVersion


def intro_html(
    title: str, version: PolicyVersion, examples: Sequence[str], *, is_linked: bool = False
) -> Markup:
    """What this is, whose policy it answers on, with its date, and questions to begin with.

    `is_linked` tells page.js that what the link named has been chosen.
    """
    line = element(
        "p",
        "Answers in the words of the ",
        element("strong", version.policy.title),
        f" ({dated(version.info)}), each with its place in the text. ",
        element("button", "Read the policy", type="button", class_="pa-link pa-read"),
        class_="pa-line",
    )
    asked = element(
        "div",
        element("p", "Try one of these", class_="pa-label"),
        chips(examples),
        class_="pa-examples",
    )
    return element(
        "header",
        element("h1", title),
        line,
        asked if examples else None,
        class_="pa-intro",
        data_policy=version.policy.id,
        data_version=version.info.version,
        data_linked=is_linked,
    )


def problem_notice(problem: str) -> Markup:
    """A message above the conversation, such as that a link leads nowhere."""
    return element("p", problem, class_="pa-notice", role="alert")


def note_html(keep_days: int, *, own_policies: bool) -> Markup:
    """What a person should know once: no legal advice, the text's age, what is kept."""
    kept = (
        f"Only if you rate an answer, it is kept with your question for {_days(keep_days)}."
        if keep_days
        else "Your questions are not kept."
    )
    own = element(
        "button", "Ask a policy of your own", type="button", class_="pa-link", data_action="own"
    )
    clear = element(
        "button", "Clear", type="button", class_="pa-link", data_action="clear", hidden=True
    )
    return element(
        "div",
        element(
            "p",
            "Not legal advice. The policy’s text may be out of date: its date stands with every "
            f"answer. {kept}",
        ),
        element("p", own if own_policies else None, clear, class_="pa-actions"),
        class_="pa-small",
    )


def conversation_html() -> Markup:
    """Where the turns are put, and what screen readers hear of them."""
    return joined(
        element(
            "div",
            id="pa-log",
            role="log",
            aria_live="polite",
            aria_label="Conversation",
        ),
        element("div", id="pa-said", role="status", class_="pa-hidden"),
    )


def _days(days: int) -> str:
    return "a day" if days == 1 else f"{days} days"
