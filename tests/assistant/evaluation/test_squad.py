"""SQuAD-style JSON: contexts become policies, answers become spans of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evaluation.formats import read_question_set
from assistant.evaluation.locate import locate
from assistant.evaluation.questions import NEAR_MISS, UNNAMED_KIND, QuestionSet
from assistant.evaluation.squad import read_squad
from assistant.evaluation.texts import UNDATED, library_of
from policy_text import Span

#        [0, 14)        [15, 27)
FIRST = "We keep a log. We sell it."
SECOND = "We use cookies."
SECOND_STARTS = len(FIRST) + 2  # a blank line between


def question(id: str = "q1", *answers: tuple[str, int], **fields: Any) -> dict[str, Any]:
    given = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": id, "question": "What do you do?", "answers": given, **fields}


def entry(title: str, *paragraphs: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {"title": title, "paragraphs": [{"context": c, "qas": qas} for c, qas in paragraphs]}


def read(*entries: object) -> QuestionSet:
    return read_squad({"version": "v2.0", "data": list(entries)}, "dev.json")


def spans(questions: QuestionSet) -> list[list[str]]:
    """The words of all evidence, cut from the texts that the set brings."""
    return [
        [questions.texts[q.policy or ""][e.span.start : e.span.end] for e in q.evidence if e.span]
        for q in questions.questions
    ]


def test_contexts_of_a_title_are_one_policy() -> None:
    found = read(
        entry(
            "Acme Inc.",
            (FIRST, [question("q1", ("We sell it.", 15))]),
            (SECOND, [question("q2", ("cookies", 7))]),
        )
    )
    assert dict(found.texts) == {"acme-inc": f"{FIRST}\n\n{SECOND}"}
    first, second = found.questions
    assert (first.policy, first.version, first.kind) == ("acme-inc", None, UNNAMED_KIND)
    assert [e.span for e in first.evidence] == [Span(15, 26)]
    assert [e.span for e in second.evidence] == [Span(SECOND_STARTS + 7, SECOND_STARTS + 14)]
    assert spans(found) == [["We sell it."], ["cookies"]]


def test_an_equal_context_is_kept_once() -> None:
    again = (FIRST, [question("q2", ("a log", 8))])
    found = read(entry("Acme", (FIRST, [question("q1", ("We sell it.", 15))]), again))
    assert dict(found.texts) == {"acme": FIRST}
    assert spans(found) == [["We sell it."], ["a log"]]


def test_a_context_without_questions_belongs_to_the_text_too() -> None:
    assert dict(read(entry("Acme", (FIRST, []), (SECOND, []))).texts) == {
        "acme": f"{FIRST}\n\n{SECOND}"
    }


@pytest.mark.parametrize(
    ("titles", "ids"),
    [
        pytest.param(["Acme", "Beta"], ["acme", "beta"], id="two-policies"),
        pytest.param(["Acme", "Acme"], ["acme"], id="equal-titles-are-one-policy"),
        pytest.param(["Acme!", "acme?"], ["acme", "acme-2"], id="equal-ids-are-numbered"),
        pytest.param(["", " "], ["dev-1", "dev-2"], id="no-title"),
    ],
)
def test_how_policies_are_called(titles: list[str], ids: list[str]) -> None:
    assert list(read(*(entry(title, (FIRST, [])) for title in titles)).texts) == ids


def test_the_answers_of_several_people_are_each_evidence_once() -> None:
    answers = [("We sell it.", 15), ("sell it", 18), ("We sell it.", 15)]
    assert spans(read(entry("Acme", (FIRST, [question("q1", *answers)])))) == [
        ["We sell it.", "sell it"]
    ]


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([], id="none"),
        pytest.param([("", -1)], id="an-empty-one"),
    ],
)
def test_an_impossible_question_is_a_near_miss(answers: list[tuple[str, int]]) -> None:
    (one,) = read(entry("Acme", (FIRST, [question("q1", *answers, is_impossible=True)]))).questions
    assert (one.answerable, one.kind, one.evidence) == (False, NEAR_MISS, ())


@pytest.mark.parametrize(
    ("context", "answer", "start", "expected"),
    [
        pytest.param(FIRST, "We sell it.", 17, 15, id="a-little-late"),
        pytest.param(FIRST, "We sell it.", -3, 15, id="before-the-text"),
        pytest.param("naïve: " + FIRST, "We sell it.", 23, 22, id="offset-in-bytes"),
        pytest.param("it it it", "it", 4, 3, id="the-nearest-of-several"),
        pytest.param("x" * 500 + "it", "it", 3, 500, id="far-off-but-only-there"),
    ],
)
def test_an_answer_beside_its_start_is_found_and_noted(
    context: str, answer: str, start: int, expected: int
) -> None:
    found = read(entry("Acme", (context, [question("q1", (answer, start))])))
    ((evidence,),) = [one.evidence for one in found.questions]
    assert evidence.span == Span(expected, expected + len(answer))
    assert found.notes == (
        "dev.json: 1 answers do not stand at their answer_start, but nearby in the context; they "
        "were taken from there.",
    )


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        pytest.param(
            question("q1", ("We buy it.", 15)),
            "answers: “We buy it.” does not stand in the context. Copy it from there to the "
            "character.",
            id="not-in-the-context",
        ),
        pytest.param(
            question("q1"),
            'answers: there is none. Add one with its text, or set "is_impossible" to true.',
            id="no-answer",
        ),
        pytest.param(
            question("q1", ("a log", 8), is_impossible=True),
            'answers: "is_impossible" is true, and yet there is an answer. Take one of them out.',
            id="impossible-with-an-answer",
        ),
        pytest.param(
            {"question": "Why?"},
            'id: field required. A question is {"id": "…", "question": "…", "answers": [{"text": '
            '"…", "answer_start": 0}]}.',
            id="no-id",
        ),
        pytest.param(
            {**question("q1"), "answers": [{"text": "a log", "answer_start": "8"}]},
            "answers.0.answer_start: input should be a valid integer. A question is",
            id="start-is-no-number",
        ),
        pytest.param(
            {**question("q1", ("a log", 8)), "question": " "},
            "question: it is blank. Write the question, or take the line out.",
            id="blank-question",
        ),
        pytest.param(
            {**question("q1", ("a log", 8)), "question": "\ud83d"},
            "question: a character is only half there (an unpaired surrogate). A question is",
            id="half-a-character",
        ),
        pytest.param("q1", "the whole: input should be", id="no-object"),
        pytest.param(
            question("q0", ("a log", 8)),
            "the id 'q0' stands already in dev.json data[0].paragraphs[0].qas[0]. Give each "
            "question its own.",
            id="duplicate-id",
        ),
    ],
)
def test_a_broken_question_is_named_with_its_place(broken: object, problem: str) -> None:
    sound = question("q0", ("a log", 8))
    found = read(entry("Acme", (FIRST, [sound, broken, question("q2", ("a log", 8))])))  # type: ignore[list-item]
    assert [one.id for one in found.questions] == ["q0", "q2"]
    (message,) = found.problems
    assert message.startswith(f"dev.json data[0].paragraphs[0].qas[1]: {problem}")


def test_an_answer_that_stands_far_off_in_several_places_is_a_problem() -> None:
    context = "it" + "x" * 500 + "it"
    (problem,) = read(entry("Acme", (context, [question("q1", ("it", 250))]))).problems
    assert problem.endswith(
        "answers: “it” stands 2 times in the context, and not at answer_start 250. Say which: 0, "
        "502."
    )


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        pytest.param({"title": "Acme"}, "data[0]: paragraphs: field required", id="no-paragraphs"),
        pytest.param(7, "data[0]: the whole: input", id="no-entry"),
        pytest.param(
            {"title": "Acme", "paragraphs": [{"qas": []}]},
            "data[0].paragraphs[0]: context: field required",
            id="no-context",
        ),
    ],
)
def test_a_broken_entry_does_not_hide_the_others(broken: object, problem: str) -> None:
    found = read(broken, entry("Beta", (FIRST, [question("q1", ("a log", 8))])))
    assert [one.policy for one in found.questions] == ["beta"]
    assert found.problems[0].startswith(f"dev.json {problem}")


sentences = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).filter(str.strip)


@settings(deadline=None)
@given(st.lists(sentences, min_size=1, max_size=6), st.data())
def test_every_answer_is_the_slice_of_the_text(contexts: list[str], data: st.DataObject) -> None:
    paragraphs, answers = [], []
    for number, context in enumerate(contexts):
        start = data.draw(st.integers(0, len(context) - 1))
        answers.append(context[start : start + 8])
        paragraphs.append((context, [question(f"q{number}", (answers[-1], start))]))
    found = read(entry("Acme", *paragraphs))
    expected = [[answer] for answer in answers if answer.strip()]
    assert spans(found) == expected


def test_a_file_is_located_in_the_texts_that_it_brings(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    asked = question("q1", ("We sell it.", 15))
    path.write_text(json.dumps({"data": [entry("Acme", (FIRST, [asked]))]}), encoding="utf-8")
    found = read_question_set(str(path)).checked()
    library = library_of(found, tmp_path / "none", tmp_path / "texts")
    (one,) = locate(found, library)
    assert (one.version.policy.id, one.version.info.version) == ("acme", UNDATED)
    assert [one.version.quote(span) for span in one.gold] == ["We sell it."]
