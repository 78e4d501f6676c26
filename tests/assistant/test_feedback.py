"""Feedback: what is kept, how long, and the question set that comes of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.stores.feedback import DAY_S, FeedbackError, FeedbackStore, export

QUESTION = "Do you share my personal data with third parties?"


class Clock:
    """Time that goes on when it is told to."""

    now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_helpful_answer_becomes_a_question_with_its_quotes(
    tmp_path: Path, assistant: Assistant
) -> None:
    store = FeedbackStore(tmp_path / "f.sqlite3", keep_days=1)
    answer = assistant.ask(QUESTION)
    store.add(answer, ["Before?"], is_helpful=True, reason="good")
    (line,) = store.question_set()
    assert line == {
        "id": "feedback-1",
        "question": QUESTION,
        "policy": "sony-mobile",
        "version": "2020-01",
        "history": ["Before?"],
        "answerable": True,
        "kind": "feedback",
        "verdict": None,
        "evidence": [citation.quote for citation in answer.citations],
        "note": "good",
    }


def test_an_unhelpful_answer_is_exported_only_on_request(
    tmp_path: Path, assistant: Assistant
) -> None:
    store = FeedbackStore(tmp_path / "f.sqlite3", keep_days=1)
    store.add(assistant.ask(QUESTION), [], is_helpful=False)
    assert list(store.question_set()) == []
    (line,) = store.question_set(with_unhelpful=True)
    assert (line["answerable"], line["evidence"]) == (None, [])


def test_what_is_too_old_is_deleted(tmp_path: Path, assistant: Assistant) -> None:
    clock = Clock()
    store = FeedbackStore(tmp_path / "f.sqlite3", keep_days=2, clock=clock)
    store.add(assistant.ask(QUESTION), [], is_helpful=True)
    clock.now += 2 * DAY_S + 1
    assert list(store.question_set()) == []


def test_what_is_acknowledged_is_written_through(tmp_path: Path, assistant: Assistant) -> None:
    file = tmp_path / "f.sqlite3"
    FeedbackStore(file, keep_days=1).add(assistant.ask(QUESTION), [], is_helpful=True)
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("SELECT count(*) FROM feedback").fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize(("days", "message"), [(0, "keep_feedback_days is 0"), (1, "no feedback")])
def test_an_export_of_nothing_says_why(tmp_path: Path, days: int, message: str) -> None:
    with pytest.raises(FeedbackError, match=message):
        export(tmp_path / "none.sqlite3", days, False)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "f.sqlite3"
    file.write_text("not a database, but long enough to be looked at as if it were one" * 20)
    with pytest.raises(FeedbackError, match=r"f\.sqlite3"):
        FeedbackStore(file, keep_days=1)
