"""Question sets: what a line must have, where evidence stands, and the sets that ship."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evaluation.formats import read_question_set
from assistant.evaluation.locate import (
    AskedOf,
    gold_spans,
    locate,
    located_and_problems,
    versions_of,
)
from assistant.evaluation.questions import (
    PROBLEMS_SHOWN,
    SETS,
    UNNAMED_KIND,
    Evidence,
    EvidenceKind,
    QuestionSet,
    QuestionSetError,
    listed,
    read_judged_lines,
    set_path,
    shipped_sets,
)
from policy_text import DateKind, Policy, PolicyVersion, Span, VersionInfo
from policy_text.library import Library
from policy_text.parse import parse_version
from tests.assistant.evaluation.builders import version_of

TEXT = """# Acme privacy policy

## 1. Selling

We never sell your personal information to anyone.

## 2. Cookies

We use “session” cookies to remember that you are signed in. We use no other cookies.

### Cookies of others

Partners may set cookies too.
"""
PARTNERS = "Partners may set cookies too."
SELL = "We never sell your personal information to anyone."
GOOD: dict[str, Any] = {
    "id": "q1",
    "question": "Do you sell my data?",
    "answerable": True,
    "evidence": [SELL],
}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """One policy, in two versions."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "acme__2023-01-01.md").write_text(TEXT.replace("never", "do not"), encoding="utf-8")
    (folder / "acme__2024-01-01.md").write_text(TEXT, encoding="utf-8")
    return Library(folder)


def acme() -> PolicyVersion:
    info = VersionInfo("acme", "2024-01-01", DateKind.EFFECTIVE, "own", "own")
    policy = Policy("acme", "Acme privacy policy", "Acme", "en", ("Acme",), (info,))
    return parse_version(policy, info, TEXT, is_markdown=True)


def line(**changes: Any) -> str:
    """A sound line with some fields changed; None takes a field out."""
    fields = {**GOOD, **changes}
    return json.dumps({k: v for k, v in fields.items() if v is not None}, ensure_ascii=False)


def read(*lines: str) -> QuestionSet:
    return read_judged_lines("\n".join(lines) + "\n", "questions.jsonl")


def evidence_of(words: str, kind: EvidenceKind = EvidenceKind.WORDING) -> list[str]:
    version = acme()
    return [version.quote(span) for span in gold_spans(version, Evidence(kind, words))]


# --- reading -------------------------------------------------------------------------------------


def test_a_line_is_a_question_with_its_judgement() -> None:
    (question,) = read(
        line(
            policy="acme",
            version="2024-01-01",
            history=["Hello?"],
            kind="direct",
            verdict="no",
            evidence=[SELL, {"start": 3, "end": 7}],
        )
    ).questions
    assert (question.policy, question.version, question.history) == (
        "acme",
        "2024-01-01",
        ("Hello?",),
    )
    assert (question.kind, question.verdict, question.answerable) == ("direct", "no", True)
    assert question.evidence == (
        Evidence(EvidenceKind.QUOTE, words=SELL),
        Evidence(EvidenceKind.SPAN, span=Span(3, 7)),
    )
    assert question.where == "questions.jsonl line 1"


def test_what_a_line_may_leave_out() -> None:
    (question,) = read(line(answerable=False, evidence=None)).questions
    assert (question.kind, question.verdict, question.evidence) == (UNNAMED_KIND, None, ())
    assert (question.policy, question.version, question.history) == (None, None, ())


def test_blank_lines_and_a_byte_order_mark_are_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + f"\n{line()}\r\n\n{line(id=2)}".encode())
    found = read_question_set(str(path))
    assert [question.id for question in found.questions] == ["q1", 2]
    assert found.problems == ()


@pytest.mark.parametrize(
    ("broken", "what", "mend"),
    [
        pytest.param('{"id": 1,', "not valid JSON", "Mend it", id="invalid-json"),
        pytest.param("[" * 100_000, "nested too deeply", "Mend it", id="nested-deeply"),
        pytest.param("9" * 5000, "not valid JSON", "Mend it", id="number-of-5000-digits"),
        pytest.param('"a question"', "the line: ", "A line is {", id="no-object"),
        pytest.param(line(question=None), "question: field required", "A line is {", id="question"),
        pytest.param(line(id=None), "id: give each question one", "A line is {", id="no-id"),
        pytest.param(line(id=" "), "id: give each question one", "A line is {", id="blank-id"),
        pytest.param(line(id=1.5), "id: give each question one", "A line is {", id="id-of-a-kind"),
        pytest.param(line(), "the id 'q1' stands already in", "Give each", id="duplicate-id"),
        pytest.param(line(id=2, question=" \n"), "question: it is blank", "Write", id="blank"),
        pytest.param(line(id=2, question=7), "question: input should be", "A line is", id="number"),
        pytest.param(
            line(id=2, question="a" * 4001), "has 4001 characters", "Shorten it", id="too-long"
        ),
        pytest.param(line(id=2, question="a\0b"), "control character", "Take it out", id="control"),
        pytest.param(
            '{"id": 2, "question": "\\ud83d?", "answerable": false}',
            "control character (U+D83D",
            "Take it out",
            id="half-a-character",
        ),
        pytest.param(
            '{"id": 2, "question": "a?", "answerable": true, "evidence": ["\\ud83d"]}',
            "a character is only half there",
            "Write it whole",
            id="half-a-character-in-a-quote",
        ),
        pytest.param(line(id=2, answerable=None), "answerable: field", "A line is", id="no-ruling"),
        pytest.param(line(id=2, answerable="yes"), "answerable: input", "A line is", id="yes"),
        pytest.param(line(id=2, evidence=[]), "at least one quote", "Add it, or set", id="no-gold"),
        pytest.param(
            line(id=2, answerable=False),
            "does not answer has none",
            "Empty it, or",
            id="gold-of-no",
        ),
        pytest.param(
            line(id=2, answerable=False, evidence=[], verdict="no"),
            "verdict: the policy does not answer",
            "Set it to null",
            id="verdict-of-no",
        ),
        pytest.param(line(id=2, verdict="maybe"), "verdict: input", "A line is", id="verdict"),
        pytest.param(line(id=2, evidence=SELL), "evidence: input", "A line is", id="no-list"),
        pytest.param(line(id=2, evidence=[7]), "evidence: input", "A line is", id="evidence-7"),
        pytest.param(line(id=2, evidence=[" "]), "a quote is blank", "Copy the words", id="quote"),
        pytest.param(
            line(id=2, evidence=[{"start": 1}]), "evidence: ", "A line is", id="span-without-end"
        ),
        pytest.param(
            line(id=2, evidence=[{"start": 90, "end": 85}]),
            "span [90, 85) ends before it starts",
            "Swap the two",
            id="span-turned-round",
        ),
        pytest.param(
            line(id=2, evidence=[{"start": 5, "end": 5}]),
            "span [5, 5) ends before it starts",
            "Swap the two",
            id="span-of-nothing",
        ),
        pytest.param(
            line(id=2, evidence=[{"start": -1, "end": 5}]),
            "starts before the text",
            "Count from 0",
            id="span-before-the-text",
        ),
        pytest.param(line(id=2, history="Hi"), "history: input", "A line is", id="history"),
        pytest.param(line(id=2, kind=" "), "kind: string", "A line is", id="blank-kind"),
    ],
)
def test_a_broken_line_is_named_with_its_mend(broken: str, what: str, mend: str) -> None:
    found = read(line(), broken, line(id=3, question="And now?"))
    assert [question.id for question in found.questions] == ["q1", 3]
    (problem,) = found.problems
    assert problem.startswith("questions.jsonl line 2: ")
    assert what in problem
    assert mend in problem
    with pytest.raises(QuestionSetError) as error:
        found.checked()
    assert str(error.value) == problem


def test_all_broken_lines_are_named_but_no_flood_of_them() -> None:
    found = read(*["nonsense"] * 50)
    assert len(found.problems) == 50
    with pytest.raises(QuestionSetError) as error:
        found.checked()
    shown = str(error.value).splitlines()
    assert len(shown) == PROBLEMS_SHOWN + 1
    assert shown[-1] == "… and 30 more."


def test_few_problems_are_listed_as_they_are() -> None:
    assert listed(["a", "b"]) == "a\nb"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            b'{"id": 1}\n\xff',
            "{path} is not UTF-8 (byte 10). Save it as UTF-8 and try again.",
            id="not-utf-8",
        ),
        pytest.param(b"", "{path} holds no question. Add at least one.", id="empty"),
        pytest.param(b" \n\n", "{path} holds no question. Add at least one.", id="blank-lines"),
    ],
)
def test_a_file_without_questions_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(content)
    with pytest.raises(QuestionSetError) as error:
        read_question_set(str(path)).checked()
    assert str(error.value) == message.format(path=path)


@given(st.text())
def test_any_text_gives_a_set_or_problems(text: str) -> None:
    found = read_judged_lines(text, "q.jsonl")
    lines = sum(bool(raw.strip()) for raw in text.split("\n"))
    assert len(found.questions) + len(found.problems) == lines


def test_the_hash_is_of_questions_and_judgements_not_of_places() -> None:
    assert read(line()).hash == read("", "", line()).hash
    assert read(line()).hash != read(line(verdict="no")).hash
    assert read(line()).hash != read(line(evidence=[SELL, SELL[:8]])).hash


# --- names ---------------------------------------------------------------------------------------


def test_a_set_that_ships_is_found_by_its_name() -> None:
    assert set_path("sony-mobile") == SETS / "sony-mobile.jsonl"


def test_a_path_that_is_missing_names_the_sets_that_ship() -> None:
    with pytest.raises(QuestionSetError, match=r"no question set nope: .*sony-mobile.*Check the"):
        set_path("nope")


# --- where evidence stands -----------------------------------------------------------------------


def test_a_quote_is_gold_wherever_it_stands() -> None:
    version = acme()
    spans = gold_spans(version, Evidence(EvidenceKind.QUOTE, "cookies"))
    assert [version.quote(span) for span in spans] == ["cookies"] * 3
    assert spans == sorted(spans)


@settings(deadline=None)  # a text is parsed
@given(st.integers(0, len(TEXT) - 1), st.integers(1, 60))
def test_every_slice_of_the_text_is_found_where_it_was_cut(start: int, length: int) -> None:
    version = acme()
    quote = TEXT[start : start + length]
    spans = gold_spans(version, Evidence(EvidenceKind.QUOTE, quote))
    assert Span(start, start + len(quote)) in spans
    assert {version.quote(span) for span in spans} == {quote}


def test_a_quote_must_stand_in_the_text_to_the_character() -> None:
    with pytest.raises(ValueError, match="does not stand in the text of acme 2024-01-01"):
        evidence_of('We use "session" cookies', EvidenceKind.QUOTE)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param('We use "session" cookies', "We use “session” cookies", id="other-marks"),
        pytest.param("We never\n sell", "We never sell", id="other-spaces"),
        pytest.param("no other cookies", "no other cookies", id="as-it-stands"),
    ],
)
def test_wording_may_have_other_marks_and_spaces(words: str, expected: str) -> None:
    assert evidence_of(words) == [expected]


def test_wording_may_be_copied_from_what_is_shown() -> None:
    raw = "We **never** [sell](https://acme.example/sale) your data to anyone."
    version = version_of(f"# Acme\n\n{raw}\n\nWe keep logs.\n")
    cell = Evidence(EvidenceKind.WORDING, "We never sell your data")
    assert [version.quote(span) for span in gold_spans(version, cell)] == [raw]


def test_a_sentence_that_is_a_heading_too_means_both() -> None:
    quote = "We never sell your data"
    text = f"# Acme\n\n## {quote}\n\nRead on.\n\n## More\n\n{quote}.\n"
    found = gold_spans(version_of(text), Evidence(EvidenceKind.WORDING, quote))
    assert text.rindex(quote) in [span.start for span in found]
    assert len(found) > 1


def test_wording_in_another_case_is_another_wording() -> None:
    with pytest.raises(ValueError, match="nearest is: “We never sell your"):
        evidence_of("we never sell your personal information to anyone")


@pytest.mark.parametrize(
    ("named", "words"),
    [
        pytest.param("1. Selling", f"1. Selling\n\n{SELL}", id="title"),
        pytest.param("Selling", f"1. Selling\n\n{SELL}", id="title-without-number"),
        pytest.param("selling:", f"1. Selling\n\n{SELL}", id="case-and-colon"),
        pytest.param("1-selling", f"1. Selling\n\n{SELL}", id="section-id"),
        pytest.param(
            "2. Cookies > Cookies of others", f"Cookies of others\n\n{PARTNERS}", id="path"
        ),
    ],
)
def test_wording_may_be_a_section(named: str, words: str) -> None:
    assert evidence_of(named) == [words]


def test_a_section_with_a_typing_error_is_named() -> None:
    with pytest.raises(ValueError, match="nearest is: “"):
        evidence_of("1. Seling")


def test_a_section_goes_before_words_that_are_the_same() -> None:
    (words,) = evidence_of("Cookies")  # which stand in two headings
    assert words.startswith("2. Cookies\n")
    assert words.endswith(PARTNERS)  # the section below it is part of it


@pytest.mark.parametrize(
    ("changes", "what", "mend"),
    [
        pytest.param(
            {"policy": "acne"}, "There is no policy acne. Did you mean acme?", "Policies: acme",
            id="unknown-policy",
        ),
        pytest.param(
            {"version": "2020-01-01"}, "has no version 2020-01-01", "Versions: 2023-01-01, 2024",
            id="unknown-version",
        ),
        pytest.param(
            {"evidence": ["We never sell your personal informations to anyone."]},
            "does not stand in the text of acme 2024-01-01",
            f"Copy it from there to the character; nearest is: “{SELL}”",
            id="quote-with-a-typing-error",
        ),
        pytest.param(
            {"evidence": ["Elephants never forget a face."]},
            "“Elephants never forget a face.” does not stand in the text",
            "Copy it from: policy-assistant show acme --raw",
            id="quote-from-elsewhere",
        ),
        pytest.param(
            {"evidence": ["x" * 500]}, "“" + "x" * 59 + "…”", "Copy it from", id="long-quote"
        ),
        pytest.param(
            {"evidence": [{"start": 0, "end": 10_000}]},
            f"ends after the text of acme 2024-01-01, which has {len(TEXT)} characters",
            "policy-assistant show acme --raw",
            id="span-out-of-the-text",
        ),
    ],
)  # fmt: skip
def test_evidence_that_is_not_there_is_named_with_its_mend(
    changes: dict[str, Any], what: str, mend: str, library: Library
) -> None:
    questions = read(line(), line(id=2, **changes))
    located, (problem,) = located_and_problems(questions, library)
    assert [one.question.id for one in located] == ["q1"]
    assert problem.startswith("questions.jsonl line 2: ")
    assert what in problem
    assert mend in problem
    with pytest.raises(QuestionSetError) as error:
        locate(questions, library)
    assert str(error.value) == problem


def test_which_version_is_asked(library: Library) -> None:
    old = "We do not sell your personal information to anyone."
    named = read(line(version="2023-01-01", evidence=[old]))
    unnamed = read(line(evidence=["your personal information"]))
    assert versions(named, library, AskedOf()) == ["2023-01-01"]
    assert versions(named, library, AskedOf(version="2024-01-01")) == ["2023-01-01"]
    assert versions(unnamed, library, AskedOf()) == ["2024-01-01"]
    assert versions(unnamed, library, AskedOf("acme", "2023-01-01")) == ["2023-01-01"]


def versions(questions: QuestionSet, library: Library, asked: AskedOf) -> list[str]:
    return [v.info.version for v in versions_of(locate(questions, library, asked))]


def test_a_place_that_two_quotes_name_is_gold_once(library: Library) -> None:
    start = TEXT.index(SELL)
    span = {"start": start, "end": start + len(SELL)}
    (one,) = locate(read(line(evidence=[SELL, SELL, span])), library)
    assert one.gold == (Span(start, start + len(SELL)),)


# --- the sets that ship --------------------------------------------------------------------------

KINDS = {
    "direct", "lay", "keyword", "typo", "scenario", "followup", "twopart", "unanswerable",
    "offtopic", "injection",
}  # fmt: skip
every_set = pytest.mark.parametrize("name", shipped_sets())


def test_each_policy_that_ships_has_a_set() -> None:
    assert {policy.id for policy in Library().policies} <= set(shipped_sets())


@every_set
def test_every_shipped_set_is_sound(name: str) -> None:
    questions = read_question_set(name).checked()
    located = locate(questions, Library())
    assert {one.version.policy.id for one in located} == {name}
    assert sum(bool(one.gold) for one in located) >= 40
    assert {question.kind for question in questions.questions} >= KINDS


@every_set
def test_no_shipped_set_asks_the_same_twice(name: str) -> None:
    asked = Counter((q.question, q.history) for q in read_question_set(name).questions)
    assert [question for question, times in asked.items() if times > 1] == []


@every_set
def test_follow_ups_of_shipped_sets_have_a_history(name: str) -> None:
    for question in read_question_set(name).questions:
        assert bool(question.history) == (question.kind == "followup"), question.id
