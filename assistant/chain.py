"""The assistant as a LangChain Runnable, to be composed with other runnables."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from langchain_core.runnables import Runnable, RunnableLambda

from assistant.ask import Assistant
from assistant.model import Answer


class ChainQuestion(TypedDict):
    """What the chain takes; a bare string is a question on the default policy."""

    question: str
    id: NotRequired[str]
    policy: NotRequired[str | None]
    version: NotRequired[str | None]
    region: NotRequired[str | None]
    history: NotRequired[list[str]]


def answer_chain(assistant: Assistant) -> Runnable[ChainQuestion | str, Answer]:
    """Retrieval and reading as one Runnable: `invoke`, `batch` and `stream` as LangChain has them.

    Raises:
        UserError: as `Assistant.ask` does, when it is invoked.
    """

    def answer(asked: ChainQuestion | str) -> Answer:
        question: ChainQuestion = {"question": asked} if isinstance(asked, str) else asked
        return assistant.ask(
            question["question"],
            id=question.get("id", ""),
            policy=question.get("policy"),
            version=question.get("version"),
            region=question.get("region"),
            history=question.get("history", []),
        )

    return RunnableLambda(answer, name="answer from policy")
