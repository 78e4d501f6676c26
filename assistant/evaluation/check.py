"""A QuestionSet and its library to a report: what is in the set, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.evaluation.locate import AskedOf, LocatedQuestion, located_and_problems
from assistant.evaluation.questions import JudgedQuestion, QuestionSet, listed
from policy_text.library import Library


@dataclass(frozen=True, slots=True)
class SetReport:
    """What a set holds, what must be mended, and what is only worth knowing.

    Attributes:
        questions: those that could be read; `answerable` of them have evidence.
        kinds: how many questions of each kind, the most frequent first.
        versions: how many questions are asked of each "POLICY VERSION", of those located.
        spans: places in the texts that answer.
    """

    name: str
    questions: int
    answerable: int
    kinds: Mapping[str, int]
    versions: Mapping[str, int]
    spans: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def check_set(questions: QuestionSet, library: Library, asked_of: AskedOf) -> SetReport:
    """The report on a set.

    Raises:
        PolicyFileError: the library's folder is missing or holds no policy.
    """
    _ = library.policies  # one message for a folder that is missing, not one a question
    located, problems = located_and_problems(questions, library, asked_of)
    return SetReport(
        name=questions.name,
        questions=len(questions.questions),
        answerable=sum(question.answerable for question in questions.questions),
        kinds=_by_number(question.kind for question in questions.questions),
        versions=_by_number(_asked(one) for one in located),
        spans=sum(len(one.gold) for one in located),
        problems=(*questions.problems, *problems),
        notes=(*questions.notes, *_repeated(questions.questions), *map(str, library.problems)),
    )


def render_report(report: SetReport) -> str:
    """The report for a person: all problems, and the first notes, a line each."""
    silent = report.questions - report.answerable
    lines = [
        f"{report.name}: {report.questions} questions; {report.answerable} answerable, {silent} "
        f"not; {report.spans} spans of evidence",
        f"  kinds: {_listed(report.kinds)}",
        f"  asked of: {_listed(report.versions)}",
    ]
    lines += _headed("problem", report.problems) or ["  no problems"]
    return "\n".join(lines + _headed("note", report.notes))


def _asked(located: LocatedQuestion) -> str:
    return f"{located.version.policy.id} {located.version.info.version}"


def _by_number(values: Iterator[str]) -> dict[str, int]:
    """How often each value comes, the most frequent first, then by name."""
    counts = Counter(values)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _repeated(questions: Sequence[JudgedQuestion]) -> Iterator[str]:
    """A note for each question that is asked twice of the same policy in the same words."""
    first: dict[tuple[object, ...], JudgedQuestion] = {}
    for question in questions:
        words = " ".join(question.question.casefold().split())
        key = (words, question.policy, question.version, question.history)
        before = first.setdefault(key, question)
        if before is not question:
            yield f"{question.where}: the same question stands already in {before.where}."


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({number})" for name, number in counts.items()) or "none"


def _headed(what: str, messages: Sequence[str]) -> list[str]:
    if not messages:
        return []
    head = f"  {len(messages)} {what}{'s' if len(messages) > 1 else ''}:"
    shown = messages if what == "problem" else listed(messages).split("\n")
    return [head, *(f"    {message}" for message in shown)]
