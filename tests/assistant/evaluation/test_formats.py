"""Which reader a name or path gets, and what every set has whatever its format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evaluation.formats import named_sets, read_question_set
from assistant.evaluation.questions import QuestionSet, QuestionSetError, shipped_sets
from assistant.evaluation.texts import UNDATED, library_of, new_policy_id
from policy_text.read import MAX_BYTES

LINE = {"id": "q1", "question": "Why?", "answerable": False}
SQUAD = {
    "data": [
        {
            "title": "Acme",
            "paragraphs": [
                {
                    "context": "We sell it.",
                    "qas": [{"id": "q1", "question": "Why?", "is_impossible": True}],
                }
            ],
        }
    ]
}
LEGALBENCH = {"tests": [{"query": "Why?", "snippets": [{"file_path": "a.txt", "span": [0, 2]}]}]}


def put(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    written = content if isinstance(content, str) else json.dumps(content)
    path.write_text(written, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("q.jsonl", json.dumps(LINE), id="jsonl"),
        pytest.param("q.ndjson", json.dumps(LINE), id="ndjson"),
        pytest.param("Q.JSONL", json.dumps(LINE), id="capitals"),
        pytest.param("q.jsonl", [LINE], id="jsonl-with-an-array"),
        pytest.param("q.json", json.dumps([LINE], indent=2), id="json-array"),
        pytest.param("q.json", f"{json.dumps(LINE)}\n{{", id="json-with-lines"),
        pytest.param("q.json", SQUAD, id="squad"),
        pytest.param("q.json", LEGALBENCH, id="legalbench"),
        pytest.param("q.csv", "question\nWhy?\n", id="csv"),
        pytest.param("q.tsv", "question\nWhy?\n", id="tsv"),
    ],
)
def test_a_file_is_told_by_suffix_and_content(name: str, content: object, tmp_path: Path) -> None:
    put(tmp_path / "a.txt", "We sell it.")
    path = put(tmp_path / name, content)
    found = read_question_set(str(path))
    assert [question.question for question in found.questions] == ["Why?"]
    assert found.name == path.stem
    assert found.questions[0].where.startswith(f"{path} ")


def test_an_xlsx_file_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["question"])
    book.active.append(["Why?"])
    book.save(tmp_path / "q.xlsx")
    assert len(read_question_set(str(tmp_path / "q.xlsx")).checked().questions) == 1


def test_a_folder_is_read(tmp_path: Path) -> None:
    put(tmp_path / "q" / "queries.jsonl", {"_id": "q1", "text": "Why?"})
    put(tmp_path / "q" / "qrels.tsv", "q1\td1\t0")
    assert len(read_question_set(str(tmp_path / "q")).checked().questions) == 1


def test_a_set_that_ships_is_read_by_its_name() -> None:
    found = read_question_set("github")
    assert found.name == "github"
    assert found.questions[0].where == "github.jsonl line 1"


def test_all_stands_for_every_set_that_ships() -> None:
    assert named_sets(["all"]) == list(shipped_sets())
    assert named_sets(["mine.csv", "github", "github"]) == ["mine.csv", "github"]


def test_items_of_an_array_are_named_by_their_number(tmp_path: Path) -> None:
    path = put(tmp_path / "q.json", [LINE, {"id": 2, "question": "Who?"}])
    (problem,) = read_question_set(str(path)).problems
    assert problem.startswith(f"{path} item 2: answerable: field required. A line is {{")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("q.docx", "", "is of no known format. Save it as one of .jsonl", id="suffix"),
        pytest.param("q", "{}", "is of no known format. Save it as one of", id="no-suffix"),
        pytest.param("q.json", "", "is empty. Put the questions there.", id="empty"),
        pytest.param("q.json", "{", " line 1: not valid JSON (", id="no-json"),
        pytest.param("q.json", "9" * 5000, "not valid JSON", id="number-of-5000-digits"),
        pytest.param("q.json", "[" * 100_000, "nested too deeply for questions", id="deep"),
        pytest.param("q.json", {"data": 7}, "is none of the formats that are known", id="data-7"),
        pytest.param("q.json", 7, "is none of the formats that are known", id="a-number"),
        pytest.param("q.json", [], "holds no question. Add at least one.", id="empty-array"),
        pytest.param("q.json", {"data": []}, "holds no question. Add at least", id="empty-squad"),
        pytest.param("q.json", {"tests": []}, "holds no question. Add at least", id="no-tests"),
        pytest.param("q.csv", "question\n", "holds no question. Add at least", id="no-rows"),
    ],
)
def test_a_file_that_holds_no_set_is_refused(
    name: str, content: object, message: str, tmp_path: Path
) -> None:
    path = put(tmp_path / name, content)
    with pytest.raises(QuestionSetError) as error:
        read_question_set(str(path)).checked()
    assert str(error.value).startswith(str(path))
    assert message in str(error.value)


def test_a_name_that_is_neither_set_nor_path_is_refused() -> None:
    with pytest.raises(QuestionSetError, match=r"There is no question set nope\.csv: neither"):
        read_question_set("nope.csv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all examples of hypothesis."""
    return tmp_path_factory.mktemp("sets")


def is_read_or_named(path: Path) -> bool:
    """Whether the file gives a set, or problems, or an error that names it."""
    try:
        found = read_question_set(str(path))
    except QuestionSetError as error:
        return str(path) in str(error)
    return bool(found.questions or found.problems)


@settings(deadline=None)  # files are written
@given(st.binary(max_size=200), st.sampled_from(["jsonl", "json"]))
def test_any_bytes_give_a_set_or_an_error_that_names_the_file(
    folder: Path, content: bytes, suffix: str
) -> None:
    path = folder / f"q.{suffix}"
    path.write_bytes(content)
    assert is_read_or_named(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "title", "paragraphs", "context", "qas", "id", "question", "answers",
                 "text", "answer_start", "tests", "query", "snippets", "file_path", "span"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None)
@given(st.sampled_from(["data", "tests"]), st.lists(json_values, max_size=3))
def test_any_json_gives_a_set_or_an_error(folder: Path, key: str, items: list[Any]) -> None:
    path = put(folder / "q.json", {key: items})
    assert is_read_or_named(path)


# --- what a set is told of -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "note"),
    [
        pytest.param("evidnce", 'the key "evidnce" is not read. Is it "evidence"?', id="letter"),
        pytest.param("Kind", 'the key "Kind" is not read. Is it "kind"?', id="capital"),
        pytest.param("answer", None, id="another-word"),
        pytest.param("source", None, id="own-key"),
    ],
)
def test_a_key_that_looks_misspelt_is_noted_once(
    key: str, note: str | None, tmp_path: Path
) -> None:
    lines = [{**LINE, "id": number, key: ""} for number in range(3)]
    path = put(tmp_path / "q.jsonl", "\n".join(map(json.dumps, lines)))
    found = read_question_set(str(path)).checked()
    assert found.notes == ((f"{path} line 1: {note}",) if note else ())


# --- texts that a set brings ---------------------------------------------------------------------


def bringing(texts: dict[str, str]) -> QuestionSet:
    return QuestionSet("mine", (), texts)


def test_texts_are_laid_down_to_the_character(tmp_path: Path) -> None:
    text = "\ufeffWe sell it.\r\n\r\nWe keep it.\r"
    library = library_of(bringing({"acme": text}), tmp_path / "none", tmp_path / "texts")
    (policy,) = library.policies
    (info,) = policy.versions
    assert (policy.id, info.version) == ("acme", UNDATED)
    assert library.version(info).text == text
    assert [path.name for path in (tmp_path / "texts").iterdir()] == [f"acme__{UNDATED}.txt"]


def test_a_set_without_texts_is_asked_of_the_policies(tmp_path: Path) -> None:
    library = library_of(bringing({}), tmp_path / "policies", tmp_path / "texts")
    assert library.folder == tmp_path / "policies"
    assert not (tmp_path / "texts").exists()


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    other = put(tmp_path / "texts" / "beta__2024-05-01.txt", "We buy it.")
    with pytest.raises(QuestionSetError, match=r"holds beta__2024-05-01\.txt, which is no text of"):
        library_of(bringing({"acme": "We sell it."}), tmp_path, tmp_path / "texts")
    assert other.exists()


def test_a_text_too_large_for_a_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionSetError, match=r"mine brings a text of 4\.0 MB \(acme__1970-01-01"):
        library_of(bringing({"acme": "a" * (MAX_BYTES + 1)}), tmp_path, tmp_path / "texts")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    file = put(tmp_path / "file", "")
    with pytest.raises(QuestionSetError, match="Cannot write the texts of mine to"):
        library_of(bringing({"acme": "We sell it."}), tmp_path, file / "texts")


@pytest.mark.parametrize(
    ("words", "taken", "expected"),
    [
        pytest.param("Acme Inc.", [], "acme-inc", id="free"),
        pytest.param("Acme Inc.", ["acme-inc", "acme-inc-2"], "acme-inc-3", id="taken-twice"),
        pytest.param("…", [], "section", id="no-words"),
    ],
)
def test_ids_of_policies_are_unique(words: str, taken: list[str], expected: str) -> None:
    assert new_policy_id(words, taken) == expected
