"""What a new version of a policy does to its answers."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.evaluation.versions import (
    AnswerChangeKind,
    CitationChangeKind,
    VersionComparison,
    compare_answers,
)
from policy_text.diff import diff_versions
from tests.assistant.evaluation.builders import question, version_of

OLD = """# Acme

## 1. Selling

We never sell your Personal Data.

## 2. Logs

We keep logs for six months.

We use cookies to remember that you are signed in.

Partners count visits.
"""
NEW = """# Acme

## 1. Cookies

We use cookies to remember that you are signed in.

## 2. Selling

We never sell your personal data.

## 3. Logs

We keep logs for nine months.

Apps ask before they read your contacts.
"""


def cites(text: str, *quotes: str, status: str = "answered") -> dict[str, Any]:
    spans = [(text.index(quote), text.index(quote) + len(quote)) for quote in quotes]
    citations = [{"start": a, "end": b, "quote": text[a:b]} for a, b in spans]
    reason = None if status == "answered" else "no_evidence"
    return {"status": status, "reason": reason, "answer": "…", "citations": citations}


def silent(status: str = "silent") -> dict[str, Any]:
    return cites("", status=status)


def compared(old: dict[str, Any], new: dict[str, Any]) -> VersionComparison:
    diff = diff_versions(version_of(OLD, version="2023-01-01"), version_of(NEW))
    return compare_answers(diff, [question().question], [old], [new])


@pytest.mark.parametrize(
    ("old", "new", "kind", "citations"),
    [
        pytest.param(
            cites(OLD, "We never sell your Personal Data."),
            cites(NEW, "We never sell your personal data."),
            AnswerChangeKind.SAME,
            [CitationChangeKind.SAME],
            id="capitals-and-numbers-are-no-change",
        ),
        pytest.param(
            cites(OLD, "We keep logs for six months."),
            cites(NEW, "We keep logs for nine months."),
            AnswerChangeKind.REWORDED,
            [CitationChangeKind.REWORDED],
            id="other-words",
        ),
        pytest.param(
            cites(OLD, "We keep logs for six months.", "Partners count visits."),
            cites(NEW, "We keep logs for nine months."),
            AnswerChangeKind.LOST,
            [CitationChangeKind.REWORDED, CitationChangeKind.REMOVED],
            id="lost-what-was-removed",
        ),
        pytest.param(
            cites(OLD, "We use cookies to remember that you are signed in."),
            cites(NEW, "We never sell your personal data."),
            AnswerChangeKind.OTHER,
            [CitationChangeKind.NOT_CITED, CitationChangeKind.NEWLY_CITED],
            id="another-passage-though-the-old-one-still-stands",
        ),
        pytest.param(
            cites(OLD, "We use cookies to remember that you are signed in."),
            cites(
                NEW,
                "We use cookies to remember that you are signed in.",
                "Apps ask before they read your contacts.",
            ),
            AnswerChangeKind.GAINED,
            [CitationChangeKind.SAME, CitationChangeKind.ADDED],
            id="gained-what-is-new",
        ),
        pytest.param(
            cites(OLD, "Partners count visits."),
            silent(),
            AnswerChangeKind.DECLINED,
            [CitationChangeKind.REMOVED],
            id="became-silent",
        ),
        pytest.param(
            silent(),
            cites(NEW, "Apps ask before they read your contacts."),
            AnswerChangeKind.ANSWERED,
            [CitationChangeKind.ADDED],
            id="became-answered",
        ),
        pytest.param(silent(), silent(), AnswerChangeKind.SAME, [], id="still-silent"),
        pytest.param(
            silent(), silent("out_of_scope"), AnswerChangeKind.REASON, [], id="another-reason"
        ),
    ],
)
def test_what_became_of_an_answer(
    old: dict[str, Any],
    new: dict[str, Any],
    kind: AnswerChangeKind,
    citations: list[CitationChangeKind],
) -> None:
    (change,) = compared(old, new).answers
    assert change.kind is kind
    assert [citation.kind for citation in change.citations] == citations


def test_only_changed_answers_are_listed() -> None:
    same = compared(silent(), silent())
    assert same.changed == ()
    assert same.to_json()["answers"] == []
    assert same.to_json()["questions"] == 1


def test_a_changed_answer_as_json_has_both_quotes() -> None:
    found = compared(
        cites(OLD, "We keep logs for six months."), cites(NEW, "We keep logs for nine months.")
    ).to_json()
    (citation,) = found["answers"][0]["citations"]
    assert citation["old"]["quote"] == "We keep logs for six months."
    assert citation["new"]["quote"] == "We keep logs for nine months."
    assert (found["old"], found["new"]) == ("2023-01-01", "2024-01-01")
