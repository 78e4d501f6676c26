"""Which sections are asked about and cited."""

from __future__ import annotations

from assistant.evaluation.coverage import section_coverage
from assistant.evaluation.locate import LocatedQuestion
from policy_text import Span
from tests.assistant.evaluation.builders import answer, judged, question, version_of

TEXT = """# Acme privacy policy

## Selling

We never sell your data. We do not rent it either.

## Cookies

We use cookies.

### Analytics

Partners count visits.
"""


def located(quote: str) -> LocatedQuestion:
    start = TEXT.index(quote)
    asked = question((start, start + len(quote)), text=TEXT)
    return LocatedQuestion(asked.question, version_of(TEXT), (Span(start, start + len(quote)),))


def cited(quote: str) -> tuple[int, int]:
    start = TEXT.index(quote)
    return start, start + len(quote)


def test_sections_in_the_order_of_the_text_with_what_touches_them() -> None:
    lines = [
        judged(located("We never sell your data."), answer(cited("We use cookies."), text=TEXT)),
        judged(located("We do not rent it either."), answer(cited("We use cookies."), text=TEXT)),
    ]
    rows = section_coverage([version_of(TEXT)], lines)
    assert [(r.title, r.depth, r.passages, r.asked, r.cited) for r in rows] == [
        ("Acme privacy policy", 0, 0, 0, 0),
        ("Selling", 0, 2, 2, 0),
        ("Cookies", 0, 1, 0, 2),
        ("Analytics", 1, 1, 0, 0),
    ]
    assert rows[1].characters == len("We never sell your data.") + len("We do not rent it either.")


def test_two_citations_of_one_answer_in_a_section_count_once() -> None:
    asked = located("We use cookies.")
    line = judged(
        asked,
        answer(cited("We never sell your data."), cited("We do not rent it either."), text=TEXT),
    )
    (selling,) = [r for r in section_coverage([asked.version], [line]) if r.title == "Selling"]
    assert selling.cited == 1
