"""A BEIR folder, queries with graded judgements, to a QuestionSet.

Its corpus becomes one policy, in which each document is a paragraph under its title. A folder
without a corpus judges passages of a library's policies: their ids are POLICY/VERSION/START-END.
A query is answerable if a document is judged above 0. It is not answerable if all its judgements
are 0, or if its metadata says `"answerable": false`. A query without judgements belongs to another
split; it is left out, and a note says how many were.
Source: Thakur et al., "BEIR", NeurIPS 2021; github.com/beir-cellar/beir.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from pydantic import Field

from assistant.evaluation.questions import (
    NEAR_MISS,
    UNNAMED_KIND,
    Evidence,
    EvidenceKind,
    JudgedQuestion,
    QuestionSet,
    QuestionSetError,
    checked_judgement,
    without_duplicates,
)
from assistant.evaluation.set_files import Fields, Text, parsed_line, read_text
from assistant.question_lines import BatchError, NonBlank, numbered_lines
from policy_text import Span
from policy_text.sections import slug

QUERIES, CORPUS, QRELS = "queries.jsonl", "corpus.jsonl", "qrels"
PARAGRAPH_BREAK = "\n\n"

_QUERY = 'A query is {"_id": "…", "text": "…"}'
_DOCUMENT = 'A document is {"_id": "…", "title": "…", "text": "…"}'
_JUDGEMENT = "A judgement is query-id, corpus-id and score, with tabs between"
_PLACE = re.compile(r"(?P<policy>[^/]+)/(?P<version>[^/]+)/(?P<start>\d{1,9})-(?P<end>\d{1,9})")


class _Metadata(Fields):
    answerable: bool | None = None
    kind: Text | None = None
    policy: Text | None = None
    version: Text | None = None


class _Query(Fields):
    id: NonBlank | int = Field(alias="_id")
    text: Text
    metadata: _Metadata | None = None

    @property
    def about(self) -> _Metadata:
        """What its metadata says, if it has any."""
        return self.metadata or _Metadata()


class _Document(Fields):
    id: NonBlank | int = Field(alias="_id")
    title: Text = ""
    text: Text


@dataclass(frozen=True, slots=True)
class _Judgement:
    document: str
    is_relevant: bool
    where: str


@dataclass(frozen=True, slots=True)
class _Passage:
    """What a document's id stands for: characters of a version of a policy."""

    policy: str
    version: str | None
    span: Span


@dataclass
class _Corpus:
    """The documents as one text; `spans` is None for one without words."""

    policy: str
    parts: list[str] = field(default_factory=list)
    spans: dict[str, Span | None] = field(default_factory=dict)
    length: int = 0

    def add(self, document: _Document) -> None:
        """Puts the document's title and text at the end."""
        self._append(" ".join(document.title.split()))
        self.spans[str(document.id)] = self._append(document.text.strip())

    def _append(self, words: str) -> Span | None:
        if not words:
            return None
        start = self.length
        self.parts.append(words + PARAGRAPH_BREAK)
        self.length += len(self.parts[-1])
        return Span(start, start + len(words))

    def passage(self, document: str) -> _Passage:
        """The words of a document.

        Raises:
            BatchError: there is no such document, or it has none.
        """
        if document not in self.spans:
            raise BatchError(
                f"there is no document {document} in {CORPUS}. Add it, or take the line out."
            )
        span = self.spans[document]
        if span is None:
            raise BatchError(f"document {document} has no text in {CORPUS}. Write it there.")
        return _Passage(self.policy, None, span)


def read_beir(folder: Path) -> QuestionSet:
    """The set that a folder holds, of the split "test" if there are several.

    Raises:
        QuestionSetError: the folder lacks queries or judgements, or they cannot be read.
    """
    if not (folder / QUERIES).is_file():
        raise QuestionSetError(
            f"{folder} is a folder without {QUERIES}, so that it holds no BEIR set. Give the path "
            f"of a file, or of a folder with {QUERIES} and {QRELS}/test.tsv."
        )
    name = folder.resolve().name
    problems: list[str] = []
    qrels = _qrels_file(folder)
    judgements = _read_judgements(qrels, problems)
    corpus = _read_corpus(folder / CORPUS, slug(name), problems)
    queries = list(_read_queries(folder / QUERIES, problems))
    problems += _of_no_query(judgements, [query for query, _ in queries])
    questions = list(_questions(queries, judgements, corpus, problems))
    found = QuestionSet(name, *without_duplicates(questions, problems))
    texts = {corpus.policy: "".join(corpus.parts)} if corpus is not None else {}
    left_out = sum(_is_unjudged(query, judgements) for query, _ in queries)
    notes = [f"{folder}: {left_out} of {len(queries)} queries have no judgement in {qrels.name} "
             "and were left out."] if left_out else []  # fmt: skip
    return replace(found, texts=MappingProxyType(texts), notes=tuple(notes))


# --- files ---------------------------------------------------------------------------------------


def _qrels_file(folder: Path) -> Path:
    for path in (folder / QRELS / "test.tsv", folder / f"{QRELS}.tsv"):
        if path.is_file():
            return path
    splits = sorted((folder / QRELS).glob("*.tsv"))
    if len(splits) == 1:
        return splits[0]
    if splits:
        raise QuestionSetError(
            f"{folder / QRELS} has {', '.join(path.name for path in splits)}, but no test.tsv. "
            "Rename the one to use test.tsv."
        )
    raise QuestionSetError(f"{folder} has no judgements. Put them into {QRELS}/test.tsv.")


def _read_judgements(path: Path, problems: list[str]) -> dict[str, list[_Judgement]]:
    """The judgements of each query, in the file's order."""
    found: dict[str, list[_Judgement]] = {}
    for position, (number, raw) in enumerate(numbered_lines(read_text(path))):
        where = f"{path} line {number}"
        fields = [part.strip() for part in raw.split("\t")]
        score = _score(fields[-1])
        if position == 0 and score is None:
            continue  # the header
        if len(fields) != 3 or score is None:
            problems.append(f"{where}: it has not three fields, the last a number. {_JUDGEMENT}.")
        else:
            found.setdefault(fields[0], []).append(_Judgement(fields[1], score > 0, where))
    return found


def _score(words: str) -> float | None:
    try:
        return float(words)
    except ValueError:
        return None


def _read_corpus(path: Path, policy: str, problems: list[str]) -> _Corpus | None:
    if not path.is_file():
        return None
    corpus = _Corpus(policy)
    for number, raw in numbered_lines(read_text(path)):
        try:
            document = parsed_line(raw, _Document, _DOCUMENT)
            if str(document.id) in corpus.spans:
                raise BatchError(f"_id: {document.id} stands there already. Give each its own.")
            corpus.add(document)
        except BatchError as problem:
            problems.append(f"{path} line {number}: {problem}")
    return corpus


def _read_queries(path: Path, problems: list[str]) -> Iterator[tuple[_Query, str]]:
    for number, raw in numbered_lines(read_text(path)):
        where = f"{path} line {number}"
        try:
            yield parsed_line(raw, _Query, _QUERY), where
        except BatchError as problem:
            problems.append(f"{where}: {problem}")


# --- judgements ----------------------------------------------------------------------------------


def _of_no_query(
    judgements: Mapping[str, Sequence[_Judgement]], queries: Sequence[_Query]
) -> list[str]:
    known = {str(query.id) for query in queries}
    return [
        f"{of_query[0].where}: {QUERIES} has no query {query}. Add it, or take the line out."
        for query, of_query in judgements.items()
        if query not in known
    ]


def _is_unjudged(query: _Query, judgements: Mapping[str, Sequence[_Judgement]]) -> bool:
    return str(query.id) not in judgements and query.about.answerable is not False


def _questions(
    queries: Sequence[tuple[_Query, str]],
    judgements: Mapping[str, Sequence[_Judgement]],
    corpus: _Corpus | None,
    problems: list[str],
) -> Iterator[JudgedQuestion]:
    for query, where in queries:
        if _is_unjudged(query, judgements):
            continue
        passages: list[_Passage] = []
        relevant = [one for one in judgements.get(str(query.id), ()) if one.is_relevant]
        for judgement in relevant:
            try:
                passages.append(_passage(judgement.document, corpus))
            except BatchError as problem:
                problems.append(f"{judgement.where}: {problem}")
        if len(passages) < len(relevant):
            continue
        try:
            yield _judged(query, passages, corpus, where)
        except BatchError as problem:
            problems.append(f"{where}: {problem}")


def _passage(document: str, corpus: _Corpus | None) -> _Passage:
    if corpus is not None:
        return corpus.passage(document)
    match = _PLACE.fullmatch(document)
    if match is None:
        raise BatchError(
            f"there is no {CORPUS}, and {document} is not of the form POLICY/VERSION/START-END. "
            "Add the corpus."
        )
    start, end = int(match["start"]), int(match["end"])
    if end <= start:
        raise BatchError(f"span [{start}, {end}) ends before it starts. Swap the two.")
    return _Passage(match["policy"], match["version"], Span(start, end))


def _judged(
    query: _Query, passages: Sequence[_Passage], corpus: _Corpus | None, where: str
) -> JudgedQuestion:
    metadata = query.about
    if metadata.answerable is False and passages:
        raise BatchError(
            'metadata: "answerable" is false, and yet a document is judged above 0. Mend one of '
            "the two."
        )
    policy, version = _asked_of(passages, corpus, metadata)
    question = JudgedQuestion(
        id=str(query.id),
        question=query.text,
        policy=policy,
        version=version,
        history=(),
        answerable=bool(passages),
        kind=metadata.kind or (UNNAMED_KIND if passages else NEAR_MISS),
        verdict=None,
        evidence=tuple(Evidence(EvidenceKind.SPAN, span=passage.span) for passage in passages),
        where=where,
    )
    return checked_judgement(question)


def _asked_of(
    passages: Sequence[_Passage], corpus: _Corpus | None, metadata: _Metadata
) -> tuple[str | None, str | None]:
    """The policy and version that the judged passages are of."""
    if corpus is not None:
        return corpus.policy, None
    versions = list(dict.fromkeys((passage.policy, passage.version) for passage in passages))
    if len(versions) > 1:
        named = ", ".join(f"{policy} {version}" for policy, version in versions)
        raise BatchError(
            f"its passages are of several versions ({named}), and a question is asked of one. Make "
            "a query of each."
        )
    return versions[0] if versions else (metadata.policy, metadata.version)
