"""Sets to runs: the real assistant on a small policy, resumed, in parallel, given from a file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assistant import Assistant, Settings
from assistant.evaluation.evaluate import (
    Answers,
    answer_all,
    evaluation_of,
    given_answers,
    merged,
    refuse_other_run,
    workers_for,
    write_evaluation,
)
from assistant.evaluation.locate import LocatedQuestion, locate
from assistant.evaluation.questions import QuestionSet, QuestionSetError, read_judged_lines
from assistant.evaluation.run import RunError, SystemRecord
from assistant.question_lines import BatchError
from index.store import Store
from policy_text.library import Library
from tests.conftest import CACHE

TEXT = """# Acme privacy policy

## Selling

We never sell your personal information to anyone.

## Cookies

We use cookies to remember that you are signed in.

## Deleting

Write to privacy@acme.example and we delete your account within 30 days.
"""
LINES = [
    {"id": 1, "question": "Do you sell my data?", "answerable": True, "kind": "yesno",
     "verdict": "no", "evidence": ["We never sell your personal information to anyone."]},
    {"id": 2, "question": "What are cookies used for?", "answerable": True, "kind": "direct",
     "evidence": ["We use cookies to remember that you are signed in."]},
    {"id": 3, "question": "How do I delete my account?", "answerable": True, "kind": "lay",
     "evidence": [{"start": 161, "end": 190}]},
    {"id": 4, "question": "What is the capital of France?", "answerable": False,
     "kind": "offtopic"},
]  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "acme__2024-01-01.md").write_text(TEXT, encoding="utf-8")
    return Settings(policies=folder, index=tmp_path / "index", cache=CACHE)


@pytest.fixture
def acme(settings: Settings, assistant: Assistant) -> Assistant:
    """An assistant on the small policy, with the model that is loaded already."""
    return Assistant(Library(settings.policies), Store(settings.index_folder), assistant.encoder)


def question_set(*lines: dict[str, Any], name: str = "acme.jsonl") -> QuestionSet:
    text = "\n".join(json.dumps(line) for line in lines or LINES)
    return read_judged_lines(text, name)


def located(settings: Settings, *lines: dict[str, Any]) -> list[LocatedQuestion]:
    return locate(question_set(*lines), Library(settings.policies))


def without_times(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run without what changes from run to run."""
    lines = [json.loads(line) for line in (folder / "run.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        del line["latency_ms"], line["values"]["latency_ms"]
    return lines


def evaluated(
    folder: Path, acme: Assistant, settings: Settings, workers: int = 1, *, resume: bool = False
) -> list[dict[str, Any]]:
    asked = located(settings)
    answers = answer_all(acme, settings, asked, folder, workers=workers, resume=resume)
    evaluation = evaluation_of(
        [question_set()],
        asked,
        answers,
        workers=workers,
        started=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=1.0,
    )
    write_evaluation(folder, evaluation)
    return without_times(folder)


def test_a_small_set_is_asked_judged_and_written(
    tmp_path: Path, acme: Assistant, settings: Settings
) -> None:
    lines = evaluated(tmp_path / "run", acme, settings)
    assert [line["right"] for line in lines] == [True] * 4
    header = json.loads((tmp_path / "run" / "run.json").read_text("utf-8"))
    assert header["policies"][0]["policy"] == "acme"
    assert header["sets"] == [
        {"name": "acme", "sha256": question_set().hash, "questions": len(LINES)}
    ]
    measures = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))["measures"]
    assert measures["right"]["value"] == 1.0
    assert measures["quote_fidelity"]["value"] == 1.0


def test_two_runs_of_the_same_give_the_same_but_for_times(
    tmp_path: Path, acme: Assistant, settings: Settings
) -> None:
    assert evaluated(tmp_path / "a", acme, settings) == evaluated(tmp_path / "b", acme, settings)


def test_processes_give_the_same_answers_as_one(
    tmp_path: Path, acme: Assistant, settings: Settings
) -> None:
    alone = evaluated(tmp_path / "a", acme, settings)
    assert evaluated(tmp_path / "b", acme, settings, workers=2) == alone


def test_resuming_asks_only_what_is_missing(
    tmp_path: Path, acme: Assistant, settings: Settings
) -> None:
    folder = tmp_path / "run"
    whole = evaluated(folder, acme, settings)
    answers = folder / "answers.jsonl"
    first, *_ = answers.read_text("utf-8").splitlines(keepends=True)
    marked = first.replace('"latency_ms": ', '"latency_ms": 1')
    (folder / "answers.jsonl.partial").write_text(marked, encoding="utf-8")
    answers.unlink()
    assert evaluated(folder, acme, settings, resume=True) == whole
    assert answers.read_text("utf-8").startswith(marked)  # kept, not asked again


def test_a_question_that_cannot_be_asked_is_named(
    tmp_path: Path, acme: Assistant, settings: Settings
) -> None:
    first, *_ = located(settings)
    endless = replace(first, question=replace(first.question, question="Why? " * 2000))
    with pytest.raises(BatchError, match="line 1: The question has 9999 characters"):
        answer_all(acme, settings, [endless], tmp_path / "run")


def test_answers_of_another_system_are_judged_by_their_ids(
    tmp_path: Path, settings: Settings
) -> None:
    asked = located(settings)
    path = tmp_path / "peer.jsonl"
    quote = "We never sell your personal information to anyone."
    start = TEXT.index(quote)
    cited = {"start": start, "end": start + len(quote), "quote": quote}
    answers = [
        {"id": n, "status": "answered", "answer": quote, "citations": [cited]} for n in (4, 3, 2, 1)
    ]
    path.write_text("\n".join(map(json.dumps, answers)), encoding="utf-8")
    found = given_answers(path, asked)
    assert [answer["id"] for answer in found.answers] == [1, 2, 3, 4]
    evaluation = evaluation_of(
        [question_set()], asked, found, workers=0, started=datetime.now(UTC), seconds=0.0
    )
    assert [line.right for line in evaluation.run.answers] == [True, False, False, False]
    for name in ("brier", "recall@10", "mrr", "character_recall@8"):  # no ranking, no such figure
        assert evaluation.metrics.measures[name].value is None
    assert evaluation.metrics.ranking == []
    assert evaluation.run.header.system == SystemRecord(
        name="peer.jsonl", id="", model="", region=None
    )


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        pytest.param('{"id": 1}', BatchError, "line 1 is no answer", id="no-status"),
        pytest.param("[1]", BatchError, "line 1 is no answer", id="no-object"),
        pytest.param("{", BatchError, "line 1 is no answer", id="no-json"),
        pytest.param(
            '{"id": 1, "status": "answered", "answer": "", "citations": '
            '[{"start": 5, "end": 2, "quote": ""}]}',
            BatchError,
            "line 1 is no answer",
            id="span-that-ends-before-it-starts",
        ),
        pytest.param(
            '{"id": 1, "status": "silent", "confidence": 1.7}',
            BatchError,
            "confidence: input should be less than or equal to 1",
            id="confidence-above-one",
        ),
        pytest.param(
            '{"id": 1, "status": "silent", "latency_ms": "12"}',
            BatchError,
            "latency_ms: input should be a valid number",
            id="times-as-words",
        ),
        pytest.param(
            '{"id": [1], "status": "silent"}', BatchError, "line 1 is no answer", id="odd-id"
        ),
        pytest.param(
            '{"id": 1, "status": "silent"}\n{"id": 1, "status": "silent"}',
            BatchError,
            "line 2: there is an answer to 1 already",
            id="two-answers-to-one-question",
        ),
        pytest.param(
            "\n".join(
                f'{{"id": {n}, "status": "silent", "policy": "github"}}' for n in (1, 2, 3, 4)
            ),
            BatchError,
            "has the policy github, but the question is asked of acme",
            id="answers-on-another-policy",
        ),
        pytest.param(
            "\n".join(
                f'{{"id": {n}, "status": "answered", "citations": '
                '[{"start": 0, "end": 1000000000, "quote": ""}]}'
                for n in (1, 2, 3, 4)
            ),
            BatchError,
            "names characters up to 1000000000",
            id="characters-after-the-text",
        ),
        pytest.param(
            '{"id": 1, "status": "silent", "answer": "", "citations": []}',
            QuestionSetError,
            "no answer to 3 of 4 questions, the first being 2",
            id="missing-answers",
        ),
    ],
)
def test_a_file_of_answers_that_cannot_be_judged(
    tmp_path: Path, settings: Settings, content: str, error: type[Exception], message: str
) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(error, match=message):
        given_answers(path, located(settings))


def test_ids_of_several_sets_are_kept_apart() -> None:
    one, other = question_set(name="one.jsonl"), question_set(LINES[0], name="other.jsonl")
    assert [question.id for question in merged([one, other]).questions] == [
        "one/1", "one/2", "one/3", "one/4", "other/1",
    ]  # fmt: skip
    assert [question.id for question in merged([one]).questions] == [1, 2, 3, 4]


def test_sets_of_one_name_are_told_apart_before_anything_is_asked() -> None:
    with pytest.raises(QuestionSetError, match=r"one\.jsonl line 1: the id 'one/1' stands already"):
        merged([question_set(name="one.jsonl"), question_set(name="one.jsonl")])


def test_a_folder_with_another_run_is_not_written_over(
    tmp_path: Path, acme: Assistant, settings: Settings
) -> None:
    evaluated(tmp_path / "run", acme, settings)
    refuse_other_run(tmp_path / "run", [question_set()])
    with pytest.raises(RunError, match="holds a run over acme"):
        refuse_other_run(tmp_path / "run", [question_set(name="other.jsonl")])


def test_a_broken_set_is_refused_with_all_that_is_wrong() -> None:
    broken = question_set(LINES[0], LINES[0], {"id": 5})
    with pytest.raises(QuestionSetError, match=r"(?s)line 3: question.*line 2: the id 1 stands"):
        merged([broken])


def test_a_set_with_texts_is_asked_alone() -> None:
    own = replace(question_set(), texts={"acme": TEXT})
    with pytest.raises(QuestionSetError, match="brings texts of its own"):
        merged([own, question_set(name="other.jsonl")])


def test_an_empty_set_is_refused() -> None:
    with pytest.raises(QuestionSetError, match="holds no question"):
        merged([QuestionSet("empty", ())])


@pytest.mark.parametrize(
    ("questions", "cores", "expected"),
    [
        pytest.param(10, 8, 1, id="few-questions-are-asked-here"),
        pytest.param(250, 8, 2, id="a-hundred-a-process"),
        pytest.param(5000, 2, 2, id="never-more-than-the-cores"),
    ],
)
def test_workers_for(questions: int, cores: int, expected: int) -> None:
    assert workers_for(questions, cores) == expected


def test_the_record_of_a_system_names_model_and_weights(
    tmp_path: Path, acme: Assistant, settings: Settings
) -> None:
    found: Answers = answer_all(acme, settings, located(settings), tmp_path / "run")
    assert found.system.id == acme.id
    assert found.system.model == settings.model
