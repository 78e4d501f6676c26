"""A question set to what an evaluator wants to know of it before asking, as HTML."""

from __future__ import annotations

from collections import Counter

from assistant.evaluation.formats import read_question_set
from assistant.evaluation.questions import shipped_sets
from assistant.page.markup import Markup, element
from policy_text import UserError


def set_html(name: str) -> Markup:
    """How many questions of which kind a set has; where it cannot be read, why."""
    if name not in shipped_sets():  # a name is a path, too, and over HTTP anybody's
        return element("p", f"There is no set {name}. Choose another one.", class_="pa-notice")
    try:
        questions = read_question_set(name).questions
    except UserError as problem:
        return element("p", str(problem), class_="pa-notice", role="alert")
    kinds = Counter(question.kind for question in questions)
    return element(
        "div",
        element("p", f"{len(questions)} questions"),
        element(
            "ul", *(element("li", f"{kind}: {number}") for kind, number in sorted(kinds.items()))
        ),
    )
