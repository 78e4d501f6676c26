"""A question set to what an evaluator wants to know of it before asking, as HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.evaluation.locate import locate
from assistant.evaluation.questions import ALL_SETS, QuestionSet, shipped_sets
from assistant.evaluation.report.display import counted
from assistant.page.evaluate.order import Order, as_dropped, questions_of, told_plainly
from assistant.page.markup import Markup, element, joined
from policy_text.library import Library

OWN_FILE = ""  # chosen when a file of one's own is to be asked
LOCATED_AT_ONCE = 1000  # questions; of more, the run itself looks whether their evidence is there
NOTES_SHOWN = 5


def set_choices() -> list[tuple[str, str]]:
    """The sets to choose from: what is shown, and the value."""
    sets = shipped_sets()
    return [
        *((name, name) for name in sets),
        (f"All {len(sets)} sets that ship", ALL_SETS),
        ("A file of mine …", OWN_FILE),
    ]


def preview(order: Order, library: Library) -> Markup:
    """How many questions of which kind and policy a set has.

    Raises:
        QuestionSetError: something is wrong with it, in the words of the command line.
    """
    with TemporaryDirectory(prefix="policy-assistant-") as name:
        folder = Path(name)
        with told_plainly(folder):
            questions = questions_of(order.arguments(folder))
            policies: Iterable[str] = sorted(questions.texts)
            if not questions.texts and len(questions.questions) <= LOCATED_AT_ONCE:
                located = locate(questions, library, order.asked_of)
                policies = (f"{q.version.policy.id} {q.version.info.version}" for q in located)
            notes = [as_dropped(note, folder) for note in questions.notes[:NOTES_SHOWN]]
    return _preview_html(order.name, questions, Counter(policies), notes)


def _preview_html(
    name: str, questions: QuestionSet, policies: Counter[str], notes: Sequence[str]
) -> Markup:
    answerable = sum(question.answerable for question in questions.questions)
    total = len(questions.questions)
    told = counted(total, "question")
    kinds = Counter(question.kind for question in questions.questions)
    lines = [
        ("Kinds", ", ".join(f"{kind} {number}" for kind, number in kinds.most_common())),
        ("Asked of", ", ".join(sorted(policies))),
    ]
    return joined(
        element(
            "p",
            element("strong", f"{name}: {told}"),
            f", {answerable} that the policy answers and {total - answerable} that it does not.",
        ),
        element(
            "dl",
            *(joined(element("dt", term), element("dd", words)) for term, words in lines if words),
        ),
        *(element("p", note, class_="pa-e-note") for note in notes),
    )
