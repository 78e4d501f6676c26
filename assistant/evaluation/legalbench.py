"""A LegalBench-RAG benchmark with its folder of texts to a QuestionSet that brings those texts.

Spans count characters of a text as Python reads it, with every line end as one character.
Source: Pipitone & Alami, "LegalBench-RAG", 2024; github.com/zeroentropy-ai/legalbenchrag.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field

from assistant.evaluation.questions import (
    UNNAMED_KIND,
    Evidence,
    EvidenceKind,
    JudgedQuestion,
    QuestionSet,
    QuestionSetError,
    checked_judgement,
    without_duplicates,
)
from assistant.evaluation.set_files import Fields, Text, read_bytes, validated
from assistant.evaluation.texts import new_policy_id
from assistant.question_lines import BatchError, NonBlank
from policy_text import Span

CORPUS = "corpus"  # the folder of texts in the benchmark as it is published, beside "benchmarks"

_TEST = 'A test is {"query": "…", "snippets": [{"file_path": "…", "span": [0, 10]}]}'
_LINE_END = re.compile("\r\n?")


class _Snippet(Fields):
    file_path: NonBlank
    span: Annotated[list[int], Field(min_length=2, max_length=2)]
    answer: Text | None = None


class _Test(Fields):
    query: Text
    snippets: list[_Snippet]


@dataclass(frozen=True)
class _Document:
    """A text of the corpus: as it stands in its file, and as spans count it."""

    policy: str
    text: str

    @property
    def has_other_line_ends(self) -> bool:
        """Whether spans have to be shifted."""
        return "\r" in self.text

    @cached_property
    def counted(self) -> str:
        """The text with every line end as one character, as `open()` reads it."""
        return _LINE_END.sub("\n", self.text)

    @cached_property
    def _double_ends(self) -> list[int]:
        """Where in `counted` the line ends stand that are two characters in the file."""
        ends = re.finditer("\r\n", self.text)
        return [end.start() - number for number, end in enumerate(ends)]

    def in_file(self, offset: int) -> int:
        """Where a character of `counted` stands in the text itself."""
        return offset + bisect_left(self._double_ends, offset)


@dataclass
class _Corpus:
    """The folder of texts, and those of them that were read."""

    folder: Path
    documents: dict[str, _Document] = field(default_factory=dict)  # by file_path

    def document(self, file_path: str) -> _Document:
        """The text of that path.

        Raises:
            BatchError: it is missing, not UTF-8 or not below the folder.
        """
        if file_path not in self.documents:
            taken = {document.policy for document in self.documents.values()}
            policy = new_policy_id(PurePosixPath(file_path).stem, taken)
            self.documents[file_path] = _Document(policy, self._text(file_path))
        return self.documents[file_path]

    def _text(self, file_path: str) -> str:
        path = _existing(self.folder, file_path)
        if path is None:
            raise BatchError(
                f"snippets: there is no text {file_path} in {self.folder}. Put it there, or name "
                "the folder of texts with --texts."
            )
        try:
            return read_bytes(path).decode("utf-8")
        except UnicodeDecodeError as error:
            raise BatchError(
                f"snippets: {path} is not UTF-8 (byte {error.start}). Save it as UTF-8."
            ) from error
        except QuestionSetError as problem:
            raise BatchError(f"snippets: {problem}") from problem


def read_legalbench(fields: dict[str, Any], path: Path, texts: Path | None = None) -> QuestionSet:
    """The set that a benchmark file holds, parsed already; ids are "test-1", "test-2", ….

    Args:
        fields: what the file holds.
        path: the file.
        texts: its folder of texts; None for `corpus` beside the file's folder or beside the file,
            or the file's own folder, whichever has the first text.

    Raises:
        QuestionSetError: the folder of texts cannot be found.
    """
    corpus = _Corpus(texts or _folder_of_texts(fields["tests"], path))
    questions: list[JudgedQuestion] = []
    problems: list[str] = []
    for number, test in enumerate(fields["tests"], 1):
        where = f"{path} test {number}"
        try:
            questions.append(_judged(test, corpus, number, where))
        except BatchError as problem:
            problems.append(f"{where}: {problem}")
    found = QuestionSet(path.stem, *without_duplicates(questions, problems))
    documents = corpus.documents.values()
    asked = MappingProxyType({document.policy: document.text for document in documents})
    return replace(found, texts=asked, notes=tuple(_notes(corpus, path)))


def _folder_of_texts(tests: Sequence[Any], path: Path) -> Path:
    """The first folder that has the first text that a snippet names."""
    candidates = [path.parent.parent / CORPUS, path.parent / CORPUS, path.parent]
    file_path = next(_file_paths(tests), None)
    if file_path is None:
        return candidates[-1]
    for folder in candidates:
        if _existing(folder, file_path) is not None:
            return folder
    raise QuestionSetError(
        f"{path}: its text {file_path} is in none of {', '.join(map(str, candidates))}. Say where "
        "the texts are with --texts."
    )


def _file_paths(tests: Sequence[Any]) -> Iterator[str]:
    for test in tests:
        try:
            yield from (snippet.file_path for snippet in validated(test, _Test, _TEST).snippets)
        except BatchError:
            continue  # what is wrong with it is said when it is read


def _existing(folder: Path, file_path: str) -> Path | None:
    """The file, if there is one below the folder; some systems write its name decomposed."""
    parts = PurePosixPath(file_path).parts
    if PurePosixPath(file_path).is_absolute() or ".." in parts or "\0" in file_path:
        return None
    for form in (file_path, *(unicodedata.normalize(form, file_path) for form in ("NFC", "NFD"))):
        if (folder / form).is_file():
            return folder / form
    return None


def _judged(fields: object, corpus: _Corpus, number: int, where: str) -> JudgedQuestion:
    test = validated(fields, _Test, _TEST)
    paths = list(dict.fromkeys(snippet.file_path for snippet in test.snippets))
    if not paths:
        raise BatchError(
            "snippets: there is none, so that nothing says which text is asked. Take the test out, "
            "or write the question in a set of JSON Lines with its policy."
        )
    if len(paths) > 1:
        raise BatchError(
            f"snippets: they stand in {len(paths)} texts ({', '.join(paths[:3])}), and a question "
            "is asked of one. Make a test of each."
        )
    document = corpus.document(paths[0])
    spans = dict.fromkeys(_span(document, snippet) for snippet in test.snippets)
    question = JudgedQuestion(
        id=f"test-{number}",
        question=test.query,
        policy=document.policy,
        version=None,
        history=(),
        answerable=True,
        kind=UNNAMED_KIND,
        verdict=None,
        evidence=tuple(Evidence(EvidenceKind.SPAN, span=span) for span in spans),
        where=where,
    )
    return checked_judgement(question)


def _span(document: _Document, snippet: _Snippet) -> Span:
    """The span in the file's own text.

    Raises:
        BatchError: it is no span of the text, or its words are not the snippet's answer.
    """
    start, end = snippet.span
    text = document.counted
    if start < 0 or end <= start:
        raise BatchError(
            f"snippets: span [{start}, {end}) ends before it starts, or starts before the text. "
            "Count from 0, the end after the last character."
        )
    if end > len(text):
        raise BatchError(
            f"snippets: span [{start}, {end}) ends after the text {snippet.file_path}, which has "
            f"{len(text)} characters. Check that this is the text it was made of."
        )
    if snippet.answer is not None and _LINE_END.sub("\n", snippet.answer) != text[start:end]:
        raise BatchError(
            f"snippets: the answer “{snippet.answer[:60]}” is not what stands at [{start}, {end}) "
            f"of {snippet.file_path}: “{text[start:end][:60]}”. Check that this is the text it was "
            "made of."
        )
    return Span(document.in_file(start), document.in_file(end))


def _notes(corpus: _Corpus, path: Path) -> Iterator[str]:
    shifted = [p for p, document in corpus.documents.items() if document.has_other_line_ends]
    if shifted:
        yield (
            f"{path}: {len(shifted)} texts have line ends of two characters, as {shifted[0]}; the "
            "spans, which count one, were shifted."
        )
