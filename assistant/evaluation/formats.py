"""A question set by its name or path, told apart by suffix and content, to a QuestionSet (I/O)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.evaluation.beir import CORPUS, QUERIES, read_beir
from assistant.evaluation.legalbench import read_legalbench
from assistant.evaluation.questions import (
    ALL_SETS,
    SETS,
    JudgedLine,
    QuestionSet,
    QuestionSetError,
    judged_set,
    read_judged_lines,
    set_path,
    shipped_sets,
)
from assistant.evaluation.set_files import parsed_json, read_text
from assistant.evaluation.spreadsheet import read_spreadsheet
from assistant.evaluation.squad import read_squad
from assistant.question_lines import numbered_lines

ALIKE = 80  # of 100; "evidnce" for "evidence" scores 93, "answer" for "answerable" 75

_KEYS = tuple(JudgedLine.model_fields)
_Read = Callable[[Path, Path | None], QuestionSet]


def read_question_set(name: str, *, texts: Path | None = None) -> QuestionSet:
    """The set of that name that ships, or the one that a file or folder of that path holds.

    Args:
        name: the name or the path. A `.jsonl` file has judged lines; `.json` an array of the same,
            a LegalBench-RAG benchmark, or questions as SQuAD has them; `.csv`, `.tsv` and `.xlsx`
            are spreadsheets; a folder is a set as BEIR has them.
        texts: the folder of texts of a LegalBench-RAG benchmark, where it cannot be guessed.

    Returns:
        The set; what is wrong with single questions stands in its `problems`.

    Raises:
        QuestionSetError: there is no such set, it cannot be read, or nobody knows its format.
    """
    path = set_path(name)
    if texts is not None and not texts.is_dir():
        raise QuestionSetError(f"There is no folder {texts}. Check --texts.")
    found = read_beir(path) if path.is_dir() else _reader_of(path)(path, texts)
    if not found.questions and not found.problems:
        found = replace(found, problems=(f"{path} holds no question. Add at least one.",))
    return found


def named_sets(names: Sequence[str]) -> list[str]:
    """The names, with those of all sets that ship in the place of "all"."""
    found: list[str] = []
    for name in names:
        found += shipped_sets() if name == ALL_SETS else [name]
    return list(dict.fromkeys(found))


def _reader_of(path: Path) -> _Read:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise QuestionSetError(
            f"{path} is of no known format. Save it as one of {', '.join(_READERS)}, or give a "
            "folder as BEIR has it."
        )
    return reader


def _called(path: Path) -> str:
    """What messages call the file: a set that ships by its name, others by their path."""
    return path.name if path.parent == SETS else str(path)


# --- JSON and JSON Lines -------------------------------------------------------------------------


def _read_lines(path: Path, _: Path | None) -> QuestionSet:
    name = _called(path)
    text = read_text(path, name)
    if text.lstrip().startswith("["):
        return _read_array(parsed_json(text, name), path)
    lines = [(f"{name} line {number}", raw) for number, raw in numbered_lines(text)]
    if path.name in (QUERIES, CORPUS) and '"_id"' in text:
        raise QuestionSetError(
            f"{path} is one file of a set as BEIR has them. Give its folder: {path.parent}"
        )
    return replace(read_judged_lines(text, name), notes=tuple(_misspelt(lines)))


def _read_json(path: Path, texts: Path | None) -> QuestionSet:
    text = read_text(path)
    if _is_json_lines(text):
        return _read_lines(path, texts)
    content = parsed_json(text, str(path))
    if isinstance(content, list):
        return _read_array(content, path)
    if isinstance(content, dict) and isinstance(content.get("tests"), list):
        return read_legalbench(content, path, texts)
    if isinstance(content, dict) and isinstance(content.get("data"), list):
        return read_squad(content, str(path))
    raise QuestionSetError(
        f"{path} is none of the formats that are known. JSON holds a list of questions, a "
        'LegalBench-RAG benchmark with its list "tests", or questions as SQuAD has them, with '
        'their list "data". Bring it into one of these.'
    )


def _read_array(items: Sequence[Any], path: Path) -> QuestionSet:
    written = [
        (f"{_called(path)} item {number}", json.dumps(item)) for number, item in enumerate(items, 1)
    ]
    return replace(judged_set(path.stem, written), notes=tuple(_misspelt(written)))


def _is_json_lines(text: str) -> bool:
    """Whether there are several lines, the first of which is an object by itself."""
    lines = [raw for _, raw in numbered_lines(text, limit=2)]
    if len(lines) < 2:
        return False
    with suppress(ValueError, RecursionError):
        return isinstance(json.loads(lines[0]), dict)
    return False


def _misspelt(lines: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A note for each key that looks like a known one, at the first line that has it."""
    from rapidfuzz import fuzz, process

    seen: set[str] = set(_KEYS)
    for where, raw in lines:
        with suppress(ValueError, RecursionError):
            fields = json.loads(raw)
            for key in fields if isinstance(fields, Mapping) else ():
                if key not in seen:
                    seen.add(key)
                    close = process.extractOne(
                        key, _KEYS, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=ALIKE
                    )
                    if close is not None:
                        yield f'{where}: the key "{key}" is not read. Is it "{close[0]}"?'


def _read_sheet(path: Path, _: Path | None) -> QuestionSet:
    return read_spreadsheet(path)


_READERS: Mapping[str, _Read] = {
    ".jsonl": _read_lines,
    ".ndjson": _read_lines,
    ".json": _read_json,
    ".csv": _read_sheet,
    ".tsv": _read_sheet,
    ".xlsx": _read_sheet,
    ".xlsm": _read_sheet,
}
