"""The answer and its evidence: ScoredPassages become an Answer with Citations."""

from assistant.ask import Assistant
from assistant.model import (
    Answer,
    Citation,
    ContextQuote,
    Question,
    QuestionError,
    Reason,
    Role,
    Status,
)
from assistant.settings import Settings

__all__ = [
    "Answer",
    "Assistant",
    "Citation",
    "ContextQuote",
    "Question",
    "QuestionError",
    "Reason",
    "Role",
    "Settings",
    "Status",
]
