"""Texts that a question set brings along to a folder of policies that a Library reads (I/O)."""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path

from assistant.evaluation.questions import QuestionSet, QuestionSetError
from policy_text.library import Library
from policy_text.read import MAX_BYTES, write_whole
from policy_text.sections import slug

# The version of texts that a set brings: they have no date, and runs of one set shall be the same.
UNDATED = "1970-01-01"

_LAID_DOWN = re.compile(r"(?P<policy>.+)__\d{4}-\d\d-\d\d\.txt")


def library_of(questions: QuestionSet, policies: Path, folder: Path) -> Library:
    """The policies that a set is asked of: those of `policies`, or the texts that it brings.

    Args:
        questions: the set.
        policies: the folder of policies for a set that brings no texts.
        folder: where texts that it brings are laid down as ID__DATE.txt, character for
            character; nothing else may stand there but older texts of the set.

    Raises:
        QuestionSetError: a text is too large for a policy, or the folder cannot be written or
            holds other files.
    """
    if not questions.texts:
        return Library(policies)
    files = {f"{policy}__{UNDATED}.txt": text for policy, text in questions.texts.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make_room(folder, questions, files)
        for name, text in files.items():
            _refuse_large(questions, name, text)
            write_whole(folder / name, text)
    except OSError as error:
        raise QuestionSetError(
            f"Cannot write the texts of {questions.name} to {folder}: {error.strerror}. Free some "
            "space, or give another folder."
        ) from error
    return Library(folder)


def new_policy_id(words: str, taken: Container[str]) -> str:
    """A policy's id made of words, with a number where it is taken already."""
    wanted = slug(words)
    unique, number = wanted, 2
    while unique in taken:
        unique, number = f"{wanted}-{number}", number + 1
    return unique


def _make_room(folder: Path, questions: QuestionSet, names: Container[str]) -> None:
    """Takes older texts of the set away: they would be other versions, and could be asked.

    Raises:
        QuestionSetError: the folder holds something else.
    """
    others = [p for p in sorted(folder.iterdir()) if p.name not in names and p.name[0] != "."]
    for path in others:
        older = _LAID_DOWN.fullmatch(path.name)
        if older is None or older["policy"] not in questions.texts:
            raise QuestionSetError(
                f"{folder} holds {path.name}, which is no text of {questions.name}. Take it away, "
                "or give another folder."
            )
        path.unlink()


def _refuse_large(questions: QuestionSet, name: str, text: str) -> None:
    size = len(text.encode("utf-8"))
    if size > MAX_BYTES:
        raise QuestionSetError(
            f"{questions.name} brings a text of {size / 2**20:.1f} MB ({name}); a policy may have "
            f"{MAX_BYTES // 2**20} MB. Take part of it, or split it into several texts."
        )
