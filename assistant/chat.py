"""The terminal chat: one question a line, follow-ups understood."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

from assistant.ask import Assistant
from assistant.model import QuestionError
from assistant.render import Format, render_answer
from assistant.wording import titled
from policy_text import PolicyVersion

HISTORY = 5  # questions that a follow-up may lean on
PROMPT = "\n? "


def converse(
    assistant: Assistant,
    version: PolicyVersion,
    lines: TextIO,
    say: Callable[[str], None],
    *,
    is_fixed: bool = True,
) -> None:
    """Answers the lines until they end or one of them is "quit".

    Where the version is not fixed, a question may name another policy.
    """
    say(f"Ask what the {titled(version)} says. An empty line or “quit” ends the chat.")
    say("This is not legal advice, and the policy may have changed since. Nothing is kept.")
    assistant.warm_up(version)
    history: list[str] = []
    while True:
        question = _next(lines)
        if question.casefold() in ("", "quit", "exit", "bye"):
            return
        try:
            answer = assistant.ask(
                question,
                policy=version.policy.id if is_fixed else None,
                version=version.info.version if is_fixed else None,
                history=history[-HISTORY:],
            )
        except QuestionError as problem:
            say(str(problem))
            continue
        history.append(question)
        say(render_answer(answer, Format.TEXT))


def _next(lines: TextIO) -> str:
    if lines.isatty():
        sys.stdout.write(PROMPT)
        sys.stdout.flush()
    try:
        return lines.readline().strip()
    except KeyboardInterrupt:
        return ""
