"""What the page has at hand: the assistant, the texts, visitors' policies, feedback."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.model import Answer, Question
from assistant.page.document import document_html
from assistant.page.intro import intro_html
from assistant.page.markup import Markup
from assistant.page.own import PREFIX, OwnPolicies
from assistant.page.suggestions import Suggestions
from assistant.page.turn import Turn, problem_html, turn_html
from assistant.search import SearchableAssistant
from assistant.settings import Settings
from assistant.stores.audit import AuditLog
from assistant.stores.feedback import FeedbackStore
from policy_text import PolicyVersion, UserError, VersionInfo
from policy_text.errors import UnknownPolicyError

HISTORY = 5  # questions that a follow-up may lean on


class Context(BaseModel):
    """What the browser sends along with a question: the questions before it."""

    model_config = ConfigDict(extra="ignore")

    history: tuple[str, ...] = Field(default=(), max_length=HISTORY)


class RequestError(UserError):
    """Something that a browser sent and this page does not understand."""


class Desk:
    """Answers what the browser asks, as HTML; safe to use from several threads."""

    def __init__(self, settings: Settings, assistant: SearchableAssistant) -> None:
        self.settings = settings
        self.assistant = assistant
        self.suggestions = Suggestions(assistant)
        self.own = OwnPolicies(assistant, forget=self.suggestions.forget)
        self.feedback = _feedback_store(settings)
        self.audit = AuditLog(settings.audit_file)
        self._documents: dict[VersionInfo, Markup] = {}

    def warm_up(self) -> None:
        """Gets everything ready that the first visitor would wait for."""
        for info in self.assistant.library.all_versions():
            version = self.assistant.library.version(info)
            self.assistant.warm_up(version)
            self.suggestions.examples(version)
            self.document(version)

    def text(self, policy: str | None, version: str | None = None) -> PolicyVersion:
        """The text of a policy that ships, or that the visitor brought.

        Raises:
            UserError: there is none of that name, or no longer.
        """
        if policy is None or not policy.startswith(PREFIX):
            return self.assistant.choose("", policy=policy, version=version)
        held = self.own.get(policy)
        if held is None:
            raise UnknownPolicyError(
                "Your own policy is no longer held: it is forgotten when the page is closed or "
                "unused for half an hour. Drop the file again."
            )
        return held

    def document(self, version: PolicyVersion) -> Markup:
        """The panel's content."""
        if version.policy.id.startswith(PREFIX):
            return document_html(version)
        if version.info not in self._documents:
            self._documents[version.info] = document_html(version)
        return self._documents[version.info]

    def intro(self, version: PolicyVersion, *, is_linked: bool = False) -> Markup:
        """What stands above the conversation."""
        examples = self.suggestions.examples(version)
        return intro_html(self.settings.title, version, examples, is_linked=is_linked)

    def turns(
        self,
        questions: Sequence[object],
        policies: Sequence[object],
        versions: Sequence[object],
        contexts: Sequence[object],
    ) -> tuple[list[str]]:
        """The turns of questions that arrived together, in their order, one list as Gradio asks."""
        sent = zip(questions, policies, versions, contexts, strict=True)
        asked = [self._read(*one) for one in sent]
        answers = iter(self.assistant.ask_many([q for q in asked if isinstance(q, Question)]))
        return (
            [
                self._turn(one, next(answers) if isinstance(one, Question) else one, words)
                for one, words in zip(asked, questions, strict=True)
            ],
        )

    def ask(self, question: Question) -> Answer:
        """One answer.

        Raises:
            UserError: the question cannot be asked.
        """
        (answer,) = self.assistant.ask_many([question])
        if isinstance(answer, UserError):
            raise answer
        return answer

    def question(
        self, words: str, policy: str | None, version: str | None, history: tuple[str, ...]
    ) -> Question:
        """The question as the assistant takes it.

        Raises:
            UserError: there is no such text.
        """
        return Question(words, history=history, held=self.text(policy, version))

    def _read(
        self, words: object, policy: object, version: object, context: object
    ) -> Question | UserError:
        """What one browser sent; where it makes no sense, why."""
        try:
            history = _history(context)
            return self.question(
                _text(words), _text(policy) or None, _text(version) or None, history
            )
        except UserError as problem:
            return problem

    def _turn(
        self, asked: Question | UserError, answer: Answer | UserError, words: object
    ) -> Markup:
        if isinstance(asked, UserError) or isinstance(answer, UserError) or asked.held is None:
            problem = answer if isinstance(answer, UserError) else RequestError("Ask again.")
            return problem_html(problem, words if isinstance(words, str) else "")
        return turn_html(
            Turn(
                answer,
                asked.held,
                self.suggestions.after(answer, asked.held),
                is_shared=not asked.held.policy.id.startswith(PREFIX),
                takes_feedback=self.feedback is not None,
            )
        )


def _feedback_store(settings: Settings) -> FeedbackStore | None:
    if not settings.keep_feedback_days:
        return None
    return FeedbackStore(settings.feedback_file, keep_days=settings.keep_feedback_days)


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RequestError("The question must be text. Reload the page and ask again.")
    return value


def _history(context: object) -> tuple[str, ...]:
    try:
        return Context.model_validate_json(_text(context) or "{}").history
    except ValidationError as error:
        raise RequestError(
            "The earlier questions that came along cannot be read. Reload the page and ask again."
        ) from error
