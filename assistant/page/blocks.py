"""The Gradio page: question box, choices and conversation, and the few events between them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from assistant.page.desk import Desk
from assistant.page.intro import conversation_html, note_html, problem_notice
from assistant.page.markup import joined
from assistant.page.own import PREFIX
from assistant.page.parts import QUIETLY, html_part
from assistant.page.quiet import gradio as gr
from assistant.wording import capital, dated
from policy_text import Policy, PolicyVersion, UserError

MAX_BATCH = 8  # questions encoded in one pass; more of them gain nothing on one core
AT_ONCE = 2  # batches; the model lets other threads run while it computes

Choices = list[tuple[str, str]]
Updates = tuple[Any, ...]  # what Gradio takes as news for components


class Picked(BaseModel):
    """A policy that page.js picks: one that the visitor brought, or went back to."""

    policy: str
    version: str | None = None


def build_blocks(desk: Desk) -> gr.Blocks:
    """The page over what the desk has."""
    shown = desk.text(None) if _has_default(desk) else _first(desk)
    page: gr.Blocks
    with gr.Blocks(
        analytics_enabled=False, title=desk.settings.title, fill_width=True, mode="page"
    ) as page:
        intro = html_part(desk.intro(shown), elem_id="pa-top")
        with gr.Row(elem_id="pa-choices"):
            policy = gr.Dropdown(
                _policies(desk), value=shown.policy.id, label="Policy", elem_id="pa-policy"
            )
            version = gr.Dropdown(
                _versions(shown.policy), value=shown.info.version, label="Version",
                elem_id="pa-version",
            )  # fmt: skip
        html_part(conversation_html(), elem_id="pa-conversation")
        # Each answer arrives here, and page.js puts it below the others: one turn travels and is
        # drawn, however long the conversation is.
        turn = html_part("", elem_id="pa-arrival")
        with gr.Row(elem_id="pa-composer"):
            question = gr.Textbox(
                label="Your question", placeholder="Ask what the policy says …", max_lines=6,
                elem_id="pa-question", scale=1,
            )  # fmt: skip
            ask = gr.Button("Ask", variant="primary", elem_id="pa-ask", scale=0, min_width=80)
        settings = desk.settings
        note = note_html(settings.keep_feedback_days, own_policies=settings.own_policies)
        html_part(note, elem_id="pa-note")
        _wire_asking(desk, question, ask, [policy, version], turn)
        _wire_choosing(desk, page, policy, version, intro)
    return page


def free_events(page: gr.Blocks) -> frozenset[int]:
    """Gradio's ids of the events that only choose: all but the one that asks, in batches."""
    return frozenset(event for event, function in page.fns.items() if not function.batch)


def _wire_asking(
    desk: Desk,
    question: gr.Textbox,
    ask: gr.Button,
    asked_of: list[gr.Dropdown],
    turn: gr.Markdown,
) -> None:
    """The one event of a question; page.js keeps the earlier questions in a hidden box."""
    context = gr.Textbox("{}", visible="hidden", elem_id="pa-context", label="Context")
    gr.on(
        [question.submit, ask.click],
        desk.turns,
        [question, *asked_of, context],
        [turn],
        batch=True,
        max_batch_size=MAX_BATCH,
        concurrency_limit=AT_ONCE,
        preprocess=False,
        postprocess=False,
        **QUIETLY,
    )


def _wire_choosing(
    desk: Desk, page: gr.Blocks, policy: gr.Dropdown, version: gr.Dropdown, intro: gr.Markdown
) -> None:
    """The events that change policy, version and what stands above the conversation.

    Not queued: a queued event that comes while the stream of another one closes is lost in
    Gradio's client, and so was a question asked right after choosing a policy.
    """
    choosing = _Choosing(desk)
    choices = [policy, version, intro]
    picked = gr.Textbox("", visible="hidden", elem_id="pa-picked", label="Picked")
    policy.input(choosing.by_policy, [policy], choices, queue=False, **QUIETLY)
    version.input(choosing.by_version, [policy, version], choices, queue=False, **QUIETLY)
    picked.change(choosing.picked, [picked], choices, queue=False, **QUIETLY)
    page.load(choosing.linked, None, choices, queue=False, **QUIETLY)


class _Choosing:
    """The events that choose what is asked; each gives news for policy, version and intro."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def by_policy(self, policy: str) -> Updates:
        """The newest version of a policy."""
        return self._news(policy, None)

    def by_version(self, policy: str, version: str) -> Updates:
        """Another version of the same policy."""
        return self._news(policy, version)

    def picked(self, picked: str) -> Updates:
        """What page.js picked."""
        try:
            wanted = Picked.model_validate_json(picked)
        except ValidationError:
            return self._problem("That policy cannot be opened. Choose one above.")
        return self._news(wanted.policy, wanted.version)

    def linked(self, request: gr.Request) -> Updates:
        """What the link that opened the page names; without one, all stays as it is."""
        query = dict(request.query_params)
        if not query.keys() & {"policy", "version", "section", "q"}:
            return gr.skip(), gr.skip(), gr.skip()
        return self._news(query.get("policy"), query.get("version"), is_linked=True)

    def _news(self, policy: str | None, version: str | None, *, is_linked: bool = False) -> Updates:
        try:
            shown = self._desk.text(policy, version)
        except UserError as problem:
            return self._problem(str(problem))
        return (
            gr.update(choices=_policies(self._desk, shown), value=shown.policy.id),
            gr.update(choices=_versions(shown.policy), value=shown.info.version),
            self._desk.intro(shown, is_linked=is_linked),
        )

    def _problem(self, words: str) -> Updates:
        """The page as it opens, with a message above."""
        shown = self._desk.text(None) if _has_default(self._desk) else _first(self._desk)
        return (
            gr.update(choices=_policies(self._desk), value=shown.policy.id),
            gr.update(choices=_versions(shown.policy), value=shown.info.version),
            joined(problem_notice(words), self._desk.intro(shown, is_linked=True)),
        )


def _has_default(desk: Desk) -> bool:
    try:
        desk.text(None)
    except UserError:
        return False
    return True


def _first(desk: Desk) -> PolicyVersion:
    return desk.text(desk.assistant.library.policies[0].id)


def _policies(desk: Desk, shown: PolicyVersion | None = None) -> Choices:
    choices = [(policy.title, policy.id) for policy in desk.assistant.library.policies]
    if shown is not None and shown.policy.id.startswith(PREFIX):
        choices.append((f"{shown.policy.title} (yours)", shown.policy.id))
    return choices


def _versions(policy: Policy) -> Choices:
    """The newest first."""
    newest = policy.versions[-1]
    return [
        (capital(dated(info)) + (" (newest)" if info is newest and policy.versions[1:] else ""),
         info.version)
        for info in reversed(policy.versions)
    ]  # fmt: skip
