"""Two runs over the same questions to what got better and what got worse (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.evaluation.intervals import Difference, difference
from assistant.evaluation.measures import BY_NAME, MEASURES, Better, Measure
from assistant.evaluation.metrics import columns_of
from assistant.evaluation.questions import listed
from assistant.evaluation.run import (
    JudgedAnswer,
    Run,
    RunError,
    RunHeader,
    question_ids,
)

DIFFERENCES_SHOWN = 5  # questions of each kind of difference that a refusal names


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that one run got right and the other wrong."""

    a: JudgedAnswer
    b: JudgedAnswer

    @property
    def is_better(self) -> bool:
        """Whether B is the run that got it right."""
        return self.b.right


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side.

    Attributes:
        measures: by name, in the order of MEASURES; differences are B minus A.
        flips: in the order of the set.
        notes: what differs between the runs besides the answers, as the policies' texts.
    """

    a: RunHeader
    b: RunHeader
    questions: int
    measures: dict[str, Difference]
    flips: tuple[Flip, ...]
    notes: tuple[str, ...]

    @property
    def better(self) -> tuple[Flip, ...]:
        """Questions that B got right and A wrong."""
        return tuple(flip for flip in self.flips if flip.is_better)

    @property
    def worse(self) -> tuple[Flip, ...]:
        """Questions that A got right and B wrong."""
        return tuple(flip for flip in self.flips if not flip.is_better)

    def to_json(self) -> dict[str, Any]:
        """As compare.json has it: headers, measures, ids of the questions that flipped, notes."""
        return {
            "a": self.a.model_dump(mode="json"),
            "b": self.b.model_dump(mode="json"),
            "questions": self.questions,
            "measures": {name: asdict(value) for name, value in self.measures.items()},
            "better": [flip.b.id for flip in self.better],
            "worse": [flip.b.id for flip in self.worse],
            "notes": list(self.notes),
        }


def compare(a: Run, b: Run) -> Comparison:
    """What changed from run A to run B.

    Raises:
        RunError: they are over different questions; the message says how they differ.
    """
    pairs = paired(a, b)
    columns_a = columns_of([old for old, _ in pairs])
    columns_b = columns_of([new for _, new in pairs])
    measures = {measure.name: difference(measure, columns_a, columns_b) for measure in MEASURES}
    flips = tuple(Flip(old, new) for old, new in pairs if old.right != new.right)
    return Comparison(a.header, b.header, len(pairs), measures, flips, _notes(a.header, b.header))


def paired(a: Run, b: Run) -> list[tuple[JudgedAnswer, JudgedAnswer]]:
    """The answers of both runs to each question, in A's order.

    Raises:
        RunError: they are over different questions.
    """
    of_a, of_b = question_ids(a.answers), question_ids(b.answers)
    only_a = [str(key) for key in of_a if key not in of_b]
    only_b = [str(key) for key in of_b if key not in of_a]
    changed = [str(key) for key in of_a if key in of_b and of_a[key].content != of_b[key].content]
    if only_a or only_b or changed:
        raise RunError(
            "The runs are over different questions and cannot be compared:\n"
            + listed(
                [
                    *_named("only in the first", only_a),
                    *_named("only in the second", only_b),
                    *_named("with another question or other judgements", changed),
                ]
            )
            + "\nEvaluate the same set again with one of the two systems."
        )
    return [(answer, of_b[answer.id]) for answer in a.answers]


def worsened(comparison: Comparison, names: Sequence[str]) -> list[str]:
    """Those of the measures whose interval lies wholly on the worse side of zero."""
    return [name for name in names if is_worse(BY_NAME[name], comparison.measures[name])]


def is_worse(measure: Measure, change: Difference) -> bool:
    """Whether the measure got worse beyond what chance between questions explains."""
    if not change.is_sure or change.difference is None:
        return False
    return (change.difference < 0) == (measure.better is Better.HIGHER)


def _named(how: str, ids: Sequence[str]) -> list[str]:
    if not ids:
        return []
    shown = ", ".join(ids[:DIFFERENCES_SHOWN])
    more = f" and {len(ids) - DIFFERENCES_SHOWN} more" if len(ids) > DIFFERENCES_SHOWN else ""
    return [f"{len(ids)} {how}: {shown}{more}"]


def _notes(a: RunHeader, b: RunHeader) -> tuple[str, ...]:
    """What else differs: without a note, only chance and time can explain a difference."""
    notes = []
    if {one.sha256 for one in a.policies} != {one.sha256 for one in b.policies}:
        notes.append("The policies' texts differ.")
    if a.system != b.system:
        notes.append(f"The system differs: {_system(a)} and {_system(b)}.")
    if a.code != b.code:
        notes.append(f"The code differs: {_code(a)} and {_code(b)}.")
    if a.libraries != b.libraries:
        changed = [
            f"{name} {a.libraries.get(name)} and {b.libraries.get(name)}"
            for name in sorted({*a.libraries, *b.libraries})
            if a.libraries.get(name) != b.libraries.get(name)
        ]
        notes.append(f"Libraries differ: {', '.join(changed)}.")
    if a.workers != b.workers:
        notes.append(f"Processes differ ({a.workers} and {b.workers}): latency cannot be compared.")
    return tuple(notes)


def _system(header: RunHeader) -> str:
    return " ".join(filter(None, (header.system.name, header.system.id)))


def _code(header: RunHeader) -> str:
    return f"{header.code.get('version', '?')} ({header.code.get('sha256', '?')})"
