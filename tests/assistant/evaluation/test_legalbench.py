"""LegalBench-RAG benchmarks: spans count characters of a text as Python reads it."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evaluation.formats import read_question_set
from assistant.evaluation.legalbench import read_legalbench
from assistant.evaluation.locate import locate
from assistant.evaluation.questions import QuestionSet, QuestionSetError
from assistant.evaluation.texts import library_of
from policy_text import Span

#       [0, 14)        [15, 26)
TEXT = "We keep a log.\nWe sell it.\n"
ACME = "privacy_qa/Acme.txt"


def snippet(start: int, end: int, path: str = ACME, **fields: Any) -> dict[str, Any]:
    return {"file_path": path, "span": [start, end], **fields}


def case(*snippets: object, query: str = "Do you sell it?") -> dict[str, Any]:
    return {"query": query, "snippets": list(snippets)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The benchmark as it is published: benchmarks/ beside corpus/."""
    (tmp_path / "benchmarks").mkdir()
    put(tmp_path, ACME, TEXT)
    return tmp_path


def put(root: Path, path: str, text: str) -> None:
    file = root / "corpus" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode("utf-8"))


def read(root: Path, *tests: object) -> QuestionSet:
    return read_legalbench({"tests": list(tests)}, root / "benchmarks" / "privacy_qa.json")


def spans(questions: QuestionSet) -> list[list[Span | None]]:
    return [[evidence.span for evidence in q.evidence] for q in questions.questions]


def quotes(questions: QuestionSet) -> list[list[str]]:
    return [
        [questions.texts[q.policy or ""][e.span.start : e.span.end] for e in q.evidence if e.span]
        for q in questions.questions
    ]


def test_a_test_is_a_question_on_the_text_of_its_snippets(root: Path) -> None:
    found = read(root, case(snippet(15, 26, answer="We sell it."), snippet(0, 14)))
    (question,) = found.questions
    assert (question.id, question.policy, question.version) == ("test-1", "acme", None)
    assert question.answerable
    assert spans(found) == [[Span(15, 26), Span(0, 14)]]
    assert dict(found.texts) == {"acme": TEXT}
    assert (found.name, found.notes) == ("privacy_qa", ())


def test_the_text_is_the_file_to_the_character(root: Path) -> None:
    text = "\ufeff  We sell it. \n\n\n"
    put(root, ACME, text)
    assert dict(read(root, case(snippet(3, 14))).texts) == {"acme": text}


def test_snippets_may_overlap(root: Path) -> None:
    found = read(root, case(snippet(0, 10), snippet(5, 14), snippet(0, 10)))
    assert spans(found) == [[Span(0, 10), Span(5, 14)]]


def test_texts_of_one_name_are_two_policies(root: Path) -> None:
    put(root, "cuad/acme.txt", "Acme buys it.")
    found = read(root, case(snippet(0, 14)), case(snippet(0, 13, "cuad/acme.txt")))
    assert dict(found.texts) == {"acme": TEXT, "acme-2": "Acme buys it."}
    assert [question.policy for question in found.questions] == ["acme", "acme-2"]


@pytest.mark.parametrize(
    ("text", "span", "expected", "quote"),
    [
        pytest.param("ab\r\ncd", [3, 5], Span(4, 6), "cd", id="after-a-line-end"),
        pytest.param("ab\r\ncd", [0, 2], Span(0, 2), "ab", id="up-to-a-line-end"),
        pytest.param("ab\r\ncd", [0, 3], Span(0, 4), "ab\r\n", id="with-its-line-end"),
        pytest.param("ab\r\ncd", [2, 4], Span(2, 5), "\r\nc", id="from-a-line-end"),
        pytest.param("a\r\n\r\nb", [3, 4], Span(5, 6), "b", id="after-two-line-ends"),
        pytest.param("a\rb\r\nc", [4, 5], Span(5, 6), "c", id="old-mac-line-ends-are-one"),
    ],
)
def test_spans_are_shifted_where_line_ends_are_two_characters(
    text: str, span: list[int], expected: Span, quote: str, root: Path
) -> None:
    put(root, ACME, text)
    found = read(root, case(snippet(*span)))
    assert spans(found) == [[expected]]
    assert quotes(found) == [[quote]]
    assert found.notes == (
        f"{root}/benchmarks/privacy_qa.json: 1 texts have line ends of two characters, as {ACME}; "
        "the spans, which count one, were shifted.",
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all examples of hypothesis."""
    return tmp_path_factory.mktemp("bench")


@settings(deadline=None)  # files are written
@given(st.text(st.sampled_from("ab\r\n"), min_size=1, max_size=30), st.data())
def test_shifted_spans_hold_what_python_reads(folder: Path, text: str, data: st.DataObject) -> None:
    put(folder, ACME, text)
    with (folder / "corpus" / ACME).open(encoding="utf-8") as file:
        read_by_python = file.read()
    start = data.draw(st.integers(0, len(read_by_python) - 1))
    end = data.draw(st.integers(start + 1, len(read_by_python)))
    answer = read_by_python[start:end]
    found = read(folder, case(snippet(start, end, answer=answer)))
    ((quote,),) = quotes(found)
    assert quote.replace("\r\n", "\n").replace("\r", "\n") == answer


# --- the folder of texts -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("benchmark", "text", "texts"),
    [
        pytest.param("benchmarks/b.json", "corpus/a.txt", None, id="corpus-beside-the-folder"),
        pytest.param("b.json", "corpus/a.txt", None, id="corpus-beside-the-file"),
        pytest.param("b.json", "a.txt", None, id="the-file's-own-folder"),
        pytest.param("b.json", "elsewhere/a.txt", "elsewhere", id="said"),
    ],
)
def test_where_texts_are_looked_for(
    benchmark: str, text: str, texts: str | None, tmp_path: Path
) -> None:
    for path, content in ((text, TEXT), (benchmark, json.dumps({"tests": [case_of("a.txt")]}))):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")
    folder = tmp_path / texts if texts else None
    found = read_question_set(str(tmp_path / benchmark), texts=folder)
    assert dict(found.checked().texts) == {"a": TEXT}


def case_of(path: str) -> dict[str, Any]:
    return case(snippet(0, 14, path))


def test_a_folder_of_texts_that_is_not_found_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text(json.dumps({"tests": [case_of("a.txt")]}), encoding="utf-8")
    with pytest.raises(QuestionSetError, match=r"its text a\.txt is in none of .* with --texts\."):
        read_question_set(str(path))
    with pytest.raises(QuestionSetError, match=r"There is no folder .*nowhere\. Check"):
        read_question_set(str(path), texts=tmp_path / "nowhere")


@pytest.mark.parametrize(("written", "asked"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_a_name_may_be_composed_or_not(written: str, asked: str, root: Path) -> None:
    put(root, unicodedata.normalize(written, "Café.txt"), TEXT)
    found = read(root, case(snippet(0, 14, unicodedata.normalize(asked, "Café.txt"))))
    assert len(found.checked().questions) == 1


# --- what is wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "what", "mend"),
    [
        pytest.param(case(), "snippets: there is none", "Take the test out", id="no-snippet"),
        pytest.param(
            case(snippet(0, 14), snippet(0, 3, "b.txt")),
            f"they stand in 2 texts ({ACME}, b.txt)",
            "Make a test of each",
            id="two-texts",
        ),
        pytest.param(
            case(snippet(0, 3, "b.txt")), "there is no text b.txt in", "--texts", id="no-such-text"
        ),
        pytest.param(
            case(snippet(0, 3, "../benchmarks/secret.txt")),
            "there is no text ../benchmarks/secret.txt",
            "--texts",
            id="text-outside-the-folder",
        ),
        pytest.param(
            case(snippet(0, 3, "/etc/passwd")), "there is no text /etc/passwd", "--texts", id="root"
        ),
        pytest.param(
            case(snippet(0, 3, "latin.txt")), "latin.txt is not UTF-8 (byte 1)", "Save", id="latin"
        ),
        pytest.param(
            case(snippet(0, 28)),
            f"span [0, 28) ends after the text {ACME}, which has 27 characters",
            "Check that this is the text",
            id="span-out-of-the-text",
        ),
        pytest.param(
            case(snippet(9, 5)), "span [9, 5) ends before it starts", "Count from 0", id="turned"
        ),
        pytest.param(case(snippet(-1, 5)), "starts before the text", "Count from 0", id="negative"),
        pytest.param(
            case(snippet(15, 26, answer="We keep it.")),
            f"the answer “We keep it.” is not what stands at [15, 26) of {ACME}: “We sell it.”",
            "Check that this is the text",
            id="another-answer",
        ),
        pytest.param({"snippets": []}, "query: field required", "A test is {", id="no-query"),
        pytest.param(
            case({"file_path": ACME, "span": [0]}), "snippets.0.span: list", "A test is", id="span"
        ),
        pytest.param(
            case(snippet(0, 3), query=" "), "question: it is blank", "Write", id="blank-query"
        ),
        pytest.param("a test", "the whole: input should be", "A test is", id="no-object"),
    ],
)
def test_a_broken_test_is_named_with_its_mend(
    broken: object, what: str, mend: str, root: Path
) -> None:
    (root / "benchmarks" / "secret.txt").write_text("secret", encoding="utf-8")
    (root / "corpus" / "latin.txt").write_bytes(b"a\xe9b")
    found = read(root, case(snippet(0, 14)), broken, case(snippet(0, 14)))
    assert [question.id for question in found.questions] == ["test-1", "test-3"]
    (problem,) = found.problems
    assert problem.startswith(f"{root}/benchmarks/privacy_qa.json test 2: ")
    assert what in problem
    assert mend in problem


def test_questions_are_located_in_the_texts_that_the_set_brings(root: Path, tmp_path: Path) -> None:
    path = root / "benchmarks" / "privacy_qa.json"
    put(root, ACME, "We keep a log.\r\nWe sell it.\r\n")
    path.write_text(json.dumps({"tests": [case(snippet(15, 26))]}), encoding="utf-8")
    found = read_question_set(str(path)).checked()
    (one,) = locate(found, library_of(found, tmp_path / "none", tmp_path / "texts"))
    assert one.version.text == "We keep a log.\r\nWe sell it.\r\n"
    assert [one.version.quote(span) for span in one.gold] == ["We sell it."]
