"""Exports have the shape that ragas and deepeval read; our own comes back as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.evaluation.export import (
    EXPORTS,
    NOT_ANSWERED,
    export_deepeval,
    export_jsonl,
    export_ragas,
)
from assistant.evaluation.formats import read_question_set
from assistant.evaluation.locate import AskedOf, LocatedQuestion, locate
from assistant.evaluation.questions import QuestionSet, read_judged_lines, shipped_sets
from policy_text.library import Library

#       [0, 24)                   [25, 48)
TEXT = "We never sell your data. We keep it for a “year”. We never share it."
SELL, KEEP = "We never sell your data.", "We keep it for a “year”."

# The keys of ragas 0.4.3's SingleTurnSample and of what deepeval 4.3.1 reads from a file by
# default, as far as they say what is expected.
RAGAS_KEYS = {
    "user_input", "reference", "reference_contexts", "reference_context_ids", "query_style",
}  # fmt: skip
DEEPEVAL_KEYS = {
    "input", "expected_output", "context", "name", "source_file", "additional_metadata",
}  # fmt: skip


NOTHING_SAID = AskedOf()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    folder = tmp_path / "policies"
    folder.mkdir()
    for version in ("2023-01-01", "2024-01-01"):
        (folder / f"acme__{version}.txt").write_text(TEXT, encoding="utf-8")
    return Library(folder)


def located(
    library: Library, *evidence: object, asked: AskedOf = NOTHING_SAID, **fields: Any
) -> list[LocatedQuestion]:
    line = {
        "id": "q1", "question": "Do you sell it?", "answerable": bool(evidence),
        "evidence": evidence, **fields,
    }  # fmt: skip
    return locate(read_judged_lines(json.dumps(line), "q.jsonl").checked(), library, asked)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# --- ragas and deepeval --------------------------------------------------------------------------


def test_a_ragas_sample(library: Library) -> None:
    (sample,) = lines(export_ragas(located(library, SELL, KEEP, kind="direct")))
    assert sample == {
        "user_input": "Do you sell it?",
        "reference": f"{SELL}\n{KEEP}",
        "reference_contexts": [SELL, KEEP],
        "reference_context_ids": ["acme/2024-01-01/0-24", "acme/2024-01-01/25-49"],
        "query_style": "direct",
        "id": "q1",
        "policy": "acme",
        "version": "2024-01-01",
    }
    assert set(sample) > RAGAS_KEYS


def test_a_deepeval_golden(library: Library) -> None:
    (golden,) = json.loads(export_deepeval(located(library, SELL, kind="direct")))
    assert golden == {
        "name": "q1",
        "input": "Do you sell it?",
        "expected_output": SELL,
        "context": [SELL],
        "source_file": "acme 2024-01-01",
        "additional_metadata": {
            "id": "q1",
            "policy": "acme",
            "version": "2024-01-01",
            "kind": "direct",
            "answerable": True,
            "verdict": None,
            "history": [],
            "context_ids": ["acme/2024-01-01/0-24"],
        },
    }
    assert set(golden) == DEEPEVAL_KEYS


def both(questions: list[LocatedQuestion]) -> list[tuple[str, str, list[str]]]:
    """Input, reference and contexts, as each of the two evaluators gets them."""
    (sample,), (golden,) = lines(export_ragas(questions)), json.loads(export_deepeval(questions))
    return [
        (sample["user_input"], sample["reference"], sample["reference_contexts"]),
        (golden["input"], golden["expected_output"], golden["context"]),
    ]


def test_a_question_that_the_policy_does_not_answer(library: Library) -> None:
    expected = ("Do you sell it?", "This policy does not say.", [])
    assert both(located(library)) == [expected] * 2
    assert expected[1] == NOT_ANSWERED


@pytest.mark.parametrize(("verdict", "word"), [("yes", "Yes."), ("no", "No.")])
def test_a_verdict_stands_before_the_quotes(verdict: str, word: str, library: Library) -> None:
    for _, reference, contexts in both(located(library, SELL, verdict=verdict)):
        assert (reference, contexts) == (f"{word}\n{SELL}", [SELL])


def test_a_follow_up_stands_below_the_questions_before_it(library: Library) -> None:
    questions = located(library, SELL, history=["What do you do with it?", "Why?"])
    for asked, _, _ in both(questions):
        assert asked == "What do you do with it?\nWhy?\nDo you sell it?"


@pytest.mark.parametrize(
    ("evidence", "contexts"),
    [
        pytest.param([SELL, "We never"], [SELL, "We never"], id="stands-elsewhere-too"),
        pytest.param([SELL, "sell your"], [SELL], id="inside-another"),
        pytest.param(["sell your", SELL], [SELL], id="inside-a-later-one"),
        pytest.param(["We never"], ["We never"], id="stands-twice"),
    ],
)
def test_no_words_are_given_twice(
    evidence: list[str], contexts: list[str], library: Library
) -> None:
    for _, reference, found in both(located(library, *evidence)):
        assert found == contexts
        assert reference == "\n".join(contexts)


@pytest.mark.parametrize("export", [export_ragas, export_deepeval])
def test_exports_are_ascii_as_ragas_opens_files_in_the_system_encoding(
    export: Any, library: Library
) -> None:
    assert export(located(library, KEEP)).isascii()


@pytest.mark.parametrize(("name", "empty"), [("ragas", ""), ("deepeval", "[]\n"), ("jsonl", "")])
def test_no_questions_give_an_empty_export(name: str, empty: str) -> None:
    assert EXPORTS[name]([]) == empty


# --- our own form --------------------------------------------------------------------------------


def test_a_line_of_our_own(library: Library) -> None:
    (line,) = lines(
        export_jsonl(located(library, SELL, kind="direct", history=["Hm?"], verdict="no"))
    )
    assert list(line.items()) == [
        ("id", "q1"),
        ("kind", "direct"),
        ("question", "Do you sell it?"),
        ("history", ["Hm?"]),
        ("policy", "acme"),
        ("answerable", True),
        ("verdict", "no"),
        ("evidence", [SELL]),
    ]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        pytest.param(SELL, [SELL], id="quote-that-stands-once"),
        pytest.param("We never", ["We never"], id="quote-all-of-whose-places-are-gold"),
        pytest.param({"start": 0, "end": 24}, [SELL], id="span-of-words-that-stand-once"),
        pytest.param(
            {"start": 0, "end": 8}, [{"start": 0, "end": 8}], id="span-of-words-that-stand-twice"
        ),
        pytest.param({"start": 24, "end": 25}, [{"start": 24, "end": 25}], id="span-without-words"),
    ],
)
def test_how_evidence_is_written(given: object, written: list[object], library: Library) -> None:
    (line,) = lines(export_jsonl(located(library, given)))
    assert line["evidence"] == written


@pytest.mark.parametrize(
    ("evidence", "fields", "asked", "version"),
    [
        pytest.param(SELL, {}, AskedOf(), None, id="newest"),
        pytest.param(SELL, {"version": "2024-01-01"}, AskedOf(), "2024-01-01", id="named"),
        pytest.param(SELL, {}, AskedOf("acme", "2023-01-01"), "2023-01-01", id="older"),
        pytest.param({"start": 0, "end": 8}, {}, AskedOf(), "2024-01-01", id="offsets"),
    ],
)
def test_when_the_version_is_named(
    evidence: object, fields: dict[str, Any], asked: AskedOf, version: str | None, library: Library
) -> None:
    (line,) = lines(export_jsonl(located(library, evidence, asked=asked, **fields)))
    assert line.get("version") == version


def test_wording_of_a_spreadsheet_becomes_exact_quotes(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text('question,expected\nHow long?,We keep it for a "year".\n', encoding="utf-8")
    questions = locate(read_question_set(str(path)).checked(), library)
    (line,) = lines(export_jsonl(questions))
    assert (line["id"], line["evidence"]) == ("row-2", [KEEP])


def without_places(questions: QuestionSet) -> list[object]:
    return [replace(question, where="", version=None) for question in questions.questions]


@pytest.mark.parametrize("name", shipped_sets())
def test_a_set_that_ships_comes_back_as_it_was(name: str) -> None:
    questions = read_question_set(name)
    again = read_judged_lines(export_jsonl(locate(questions, Library())), f"{name}.jsonl")
    assert without_places(again) == without_places(questions)
