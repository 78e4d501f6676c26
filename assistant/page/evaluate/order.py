"""What is to be evaluated: a set that ships or a dropped file, and of what it is asked (I/O)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from assistant.evaluation.evaluate import merged
from assistant.evaluation.formats import named_sets, read_question_set
from assistant.evaluation.locate import AskedOf
from assistant.evaluation.questions import ALL_SETS, QuestionSet, QuestionSetError, shipped_sets

DROPPED = "dropped"  # the folder of a dropped file, so that it has no neighbours
MAX_NAME = 120  # characters of a dropped file's name; file systems take 255 bytes
# Messages that name a folder, which a browser does not send.
_WANTS_FOLDER = ("--texts", "Give its folder")


@dataclass(frozen=True, slots=True)
class Order:
    """One evaluation that somebody wants.

    Attributes:
        name: of a set that ships, or "all"; of a dropped file its name.
        data: what the dropped file holds; None for a set that ships.
        asked_of: what questions are asked of that name no policy.
        region: whose residents' rules apply.
    """

    name: str
    data: bytes | None = None
    asked_of: AskedOf = field(default_factory=AskedOf)
    region: str | None = None

    def arguments(self, folder: Path) -> list[str]:
        """What the command line calls the sets; a dropped file is laid down below `folder`.

        Raises:
            QuestionSetError: there is no such set, or the file cannot be laid down.
        """
        if self.data is None:
            if self.name not in (ALL_SETS, *shipped_sets()):  # a path would read any file here
                raise QuestionSetError(
                    f"There is no question set {self.name} that ships. Choose one from the list."
                )
            return named_sets([self.name])
        path = folder / DROPPED / _file_name(self.name)
        try:
            path.parent.mkdir()
            path.write_bytes(self.data)
        except OSError as error:
            raise QuestionSetError(
                f"{path.name} cannot be laid down to be read: {error.strerror}. Free some space, "
                "or give the file a shorter name."
            ) from error
        return [str(path)]


def questions_of(names: Sequence[str]) -> QuestionSet:
    """The questions that these arguments of the command line stand for.

    Raises:
        QuestionSetError: a set cannot be read, or something is wrong in it.
    """
    return merged([read_question_set(name) for name in names])


@contextmanager
def told_plainly(folder: Path) -> Iterator[None]:
    """Lets messages name a dropped file by its name alone, as the command line would beside it."""
    try:
        yield
    except QuestionSetError as problem:
        raise QuestionSetError(as_dropped(str(problem), folder)) from problem


def as_dropped(words: str, folder: Path) -> str:
    """A message without the folder that a dropped file was laid down in."""
    told = words.replace(f"{folder / DROPPED}/", "").replace(f"{folder}/", "")
    if any(wanted in words for wanted in _WANTS_FOLDER):
        told += "\nA set that needs a folder can be evaluated on the command line only."
    return told


def _file_name(name: str) -> str:
    """The name without what no file's name can have; its ending says what the file holds."""
    plain = re.sub(r"[\x00-\x1f\x7f/\\]", "_", name)[-MAX_NAME:]
    return plain if plain.strip(".") else "file"
