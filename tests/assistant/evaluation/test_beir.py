"""BEIR folders: a corpus becomes a policy, judged documents become spans of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.evaluation.beir import read_beir
from assistant.evaluation.formats import read_question_set
from assistant.evaluation.locate import locate
from assistant.evaluation.questions import (
    NEAR_MISS,
    UNNAMED_KIND,
    EvidenceKind,
    QuestionSet,
    QuestionSetError,
)
from assistant.evaluation.texts import library_of
from policy_text import Span

HEADER = "query-id\tcorpus-id\tscore"
Lines = Sequence[dict[str, Any]]
QUERY = {"_id": "q1", "text": "Do you sell it?"}
DOCUMENTS: Lines = [
    {"_id": "d1", "title": "Selling", "text": "We sell it."},
    {"_id": "d2", "title": "", "text": " We keep it. "},
    {"_id": "d3", "title": "No words", "text": ""},
]
#        [0, 7)     [9, 20)         [22, 33)       [35, 43)
CORPUS = "Selling\n\nWe sell it.\n\nWe keep it.\n\nNo words\n\n"


def folder_of(
    root: Path,
    queries: Lines = (QUERY,),
    judgements: Sequence[str] = ("q1\td1\t1",),
    corpus: Lines | None = DOCUMENTS,
    *,
    qrels: str = "qrels/test.tsv",
    header: str | None = HEADER,
) -> Path:
    folder = root / "Acme FAQ"
    (folder / qrels).parent.mkdir(parents=True, exist_ok=True)
    write_lines(folder / "queries.jsonl", queries)
    if corpus is not None:
        write_lines(folder / "corpus.jsonl", corpus)
    lines = [*([header] if header else []), *judgements]
    (folder / qrels).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write_lines(path: Path, objects: Lines) -> None:
    path.write_text("".join(json.dumps(one) + "\n" for one in objects), encoding="utf-8")


def evidence(questions: QuestionSet) -> list[list[Span | None]]:
    assert all(e.kind is EvidenceKind.SPAN for q in questions.questions for e in q.evidence)
    return [[e.span for e in question.evidence] for question in questions.questions]


def test_the_corpus_is_a_policy_and_judged_documents_are_evidence(tmp_path: Path) -> None:
    found = read_beir(folder_of(tmp_path, judgements=["q1\td2\t1", "q1\td1\t2"]))
    assert dict(found.texts) == {"acme-faq": CORPUS}
    (question,) = found.questions
    assert (question.id, question.policy, question.kind) == ("q1", "acme-faq", UNNAMED_KIND)
    assert evidence(found) == [[Span(22, 33), Span(9, 20)]]
    assert (found.name, found.problems, found.notes) == ("Acme FAQ", (), ())


def test_documents_are_cited_under_their_titles(tmp_path: Path) -> None:
    found = read_question_set(str(folder_of(tmp_path))).checked()
    (one,) = locate(found, library_of(found, tmp_path / "none", tmp_path / "texts"))
    assert [one.version.quote(span) for span in one.gold] == ["We sell it."]
    assert "Selling" in {section.title for section in one.version.sections}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"qrels": "qrels.tsv"}, id="qrels-beside-the-queries"),
        pytest.param({"qrels": "qrels/dev.tsv"}, id="the-only-split"),
        pytest.param({"header": None}, id="no-header"),
        pytest.param({"judgements": ["q1 \t d1\t 1.0 ", ""]}, id="spaces-and-decimals"),
        pytest.param(
            {"queries": [{**QUERY, "_id": 1}], "judgements": ["1\td1\t1"]}, id="id-a-number"
        ),
        pytest.param({"queries": [{**QUERY, "metadata": None}]}, id="no-metadata"),
    ],
)
def test_what_a_folder_may_look_like(changes: dict[str, Any], tmp_path: Path) -> None:
    found = read_beir(folder_of(tmp_path, **changes)).checked()
    assert evidence(found) == [[Span(9, 20)]]


def test_the_split_test_goes_before_others(tmp_path: Path) -> None:
    folder_of(tmp_path, judgements=["q1\td2\t1"], qrels="qrels/dev.tsv")
    assert evidence(read_beir(folder_of(tmp_path))) == [[Span(9, 20)]]


@pytest.mark.parametrize(
    ("judgements", "metadata", "answerable"),
    [
        pytest.param(["q1\td1\t1"], {}, True, id="judged-above-0"),
        pytest.param(["q1\td1\t0", "q1\td2\t1"], {}, True, id="one-of-two-above-0"),
        pytest.param(["q1\td1\t0"], {}, False, id="all-judged-0"),
        pytest.param([], {"answerable": False}, False, id="metadata-says-no"),
        pytest.param([], {}, None, id="not-judged"),
        pytest.param([], {"answerable": True}, None, id="not-judged-but-said-to-be-answerable"),
    ],
)
def test_which_queries_are_answerable_and_which_are_left_out(
    judgements: list[str], metadata: dict[str, Any], answerable: bool | None, tmp_path: Path
) -> None:
    query = {**QUERY, "metadata": metadata}
    found = read_beir(folder_of(tmp_path, [query], judgements))
    assert found.problems == ()
    if answerable is None:
        assert found.questions == ()
        assert found.notes == (
            f"{tmp_path}/Acme FAQ: 1 of 1 queries have no judgement in test.tsv and were left out.",
        )
    else:
        (question,) = found.questions
        assert (question.answerable, found.notes) == (answerable, ())
        assert question.kind == (UNNAMED_KIND if answerable else NEAR_MISS)


def test_metadata_may_name_a_kind(tmp_path: Path) -> None:
    query = {**QUERY, "metadata": {"kind": "keyword", "source": 7}}
    (question,) = read_beir(folder_of(tmp_path, [query])).questions
    assert question.kind == "keyword"


# --- without a corpus ----------------------------------------------------------------------------


def test_without_a_corpus_ids_are_spans_of_a_library(tmp_path: Path) -> None:
    found = read_beir(
        folder_of(tmp_path, judgements=["q1\tacme/2024-01/5-9\t1", "q1\tacme/2024-01/12-20\t1"],
                  corpus=None)
    )  # fmt: skip
    (question,) = found.checked().questions
    assert (question.policy, question.version) == ("acme", "2024-01")
    assert evidence(found) == [[Span(5, 9), Span(12, 20)]]
    assert dict(found.texts) == {}


def test_without_a_corpus_metadata_says_which_policy_does_not_answer(tmp_path: Path) -> None:
    metadata = {"answerable": False, "policy": "acme", "version": "2024-01"}
    found = read_beir(folder_of(tmp_path, [{**QUERY, "metadata": metadata}], [], None))
    (question,) = found.checked().questions
    assert (question.policy, question.version, question.answerable) == ("acme", "2024-01", False)


# --- what is wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "place", "problem"),
    [
        pytest.param(
            {"judgements": ["q1\td1\t1", "q1\td9\t1"]},
            "qrels/test.tsv line 3",
            "there is no document d9 in corpus.jsonl. Add it, or take the line out.",
            id="unknown-document",
        ),
        pytest.param(
            {"judgements": ["q1\td3\t1"]},
            "qrels/test.tsv line 2",
            "document d3 has no text in corpus.jsonl. Write it there.",
            id="document-without-text",
        ),
        pytest.param(
            {"judgements": ["q1\td1\t1", "q9\td1\t1"]},
            "qrels/test.tsv line 3",
            "queries.jsonl has no query q9. Add it, or take the line out.",
            id="unknown-query",
        ),
        pytest.param(
            {"judgements": ["q1\td1\t1", "q1 d1 1"]},
            "qrels/test.tsv line 3",
            "it has not three fields, the last a number. A judgement is query-id, corpus-id and "
            "score, with tabs between.",
            id="no-tabs",
        ),
        pytest.param(
            {"judgements": ["q1\td1\t1", "q1\td2\tyes"]},
            "qrels/test.tsv line 3",
            "it has not three fields, the last a number. A judgement is query-id, corpus-id and "
            "score, with tabs between.",
            id="score-is-no-number",
        ),
        pytest.param(
            {"queries": [QUERY, {"_id": "q2"}]},
            "queries.jsonl line 2",
            'text: field required. A query is {"_id": "…", "text": "…"}.',
            id="query-without-text",
        ),
        pytest.param(
            {"queries": [QUERY, QUERY]},
            "queries.jsonl line 2",
            "the id 'q1' stands already in {folder}/queries.jsonl line 1. Give each question its "
            "own.",
            id="duplicate-query",
        ),
        pytest.param(
            {"corpus": [*DOCUMENTS, {"text": "We."}]},
            "corpus.jsonl line 4",
            '_id: field required. A document is {"_id": "…", "title": "…", "text": "…"}.',
            id="document-without-id",
        ),
        pytest.param(
            {"corpus": [*DOCUMENTS, DOCUMENTS[0]]},
            "corpus.jsonl line 4",
            "_id: d1 stands there already. Give each its own.",
            id="duplicate-document",
        ),
        pytest.param(
            {"queries": [{**QUERY, "metadata": {"answerable": False}}]},
            "queries.jsonl line 1",
            'metadata: "answerable" is false, and yet a document is judged above 0. Mend one of '
            "the two.",
            id="answer-of-an-unanswerable-query",
        ),
        pytest.param(
            {"corpus": None},
            "qrels/test.tsv line 2",
            "there is no corpus.jsonl, and d1 is not of the form POLICY/VERSION/START-END. Add the "
            "corpus.",
            id="no-corpus",
        ),
        pytest.param(
            {"corpus": None, "judgements": ["q1\tacme/2024/9-5\t1"]},
            "qrels/test.tsv line 2",
            "span [9, 5) ends before it starts. Swap the two.",
            id="span-turned-round",
        ),
        pytest.param(
            {"corpus": None, "judgements": ["q1\tacme/2024/5-9\t1", "q1\tacme/2025/5-9\t1"]},
            "queries.jsonl line 1",
            "its passages are of several versions (acme 2024, acme 2025), and a question is asked "
            "of one. Make a query of each.",
            id="several-versions",
        ),
    ],
)
def test_a_broken_line_is_named_with_its_mend(
    changes: dict[str, Any], place: str, problem: str, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path, **changes)
    assert read_beir(folder).problems == (
        f"{folder}/{place}: {problem}".replace("{folder}", str(folder)),
    )


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    with (folder / "queries.jsonl").open("a", encoding="utf-8") as file:
        file.write("{nonsense\n")
    (problem,) = read_beir(folder).problems
    assert problem.startswith(f"{folder}/queries.jsonl line 2: not valid JSON (")
    assert problem.endswith("Mend it.")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param([], "is a folder without queries.jsonl, so that it holds no BEIR", id="none"),
        pytest.param(["queries.jsonl"], "has no judgements. Put them into qrels", id="no-qrels"),
        pytest.param(
            ["queries.jsonl", "qrels/a.tsv", "qrels/b.tsv"],
            "has a.tsv, b.tsv, but no test.tsv. Rename the one to use test.tsv.",
            id="two-splits",
        ),
    ],
)
def test_a_folder_that_is_no_set_is_refused(files: list[str], message: str, tmp_path: Path) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}\n", encoding="utf-8")
    with pytest.raises(QuestionSetError) as error:
        read_question_set(str(tmp_path))
    assert str(error.value).startswith(str(tmp_path))
    assert message in str(error.value)


def test_one_file_of_a_folder_asks_for_the_folder(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    with pytest.raises(QuestionSetError, match=f"Give its folder: {folder}"):
        read_question_set(str(folder / "queries.jsonl"))
