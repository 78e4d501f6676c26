"""Evaluates every set that ships into the baselines of tests/canonical/ (I/O).

With --must-pass it also chooses anew which questions must pass: of each kind in turn those that are
right with the most confidence (or declined with the least).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from assistant.evaluation.questions import shipped_sets
from assistant.evaluation.run import ANSWERS_FILE, HEADER_FILE, JudgedAnswer, as_json, read_run
from benchmarks.against_peer import find_assistant

CANONICAL = Path(__file__).parent.parent / "tests" / "canonical"
BASELINES = CANONICAL / "baselines"
MUST_PASS = 20  # a policy


def main() -> None:
    """Makes the baselines anew."""
    for name in shipped_sets():
        with tempfile.TemporaryDirectory() as folder:
            command = [find_assistant(), "evaluate", name, "--output", folder]
            subprocess.run(command, check=True)
            (BASELINES / name).mkdir(parents=True, exist_ok=True)
            for file in (HEADER_FILE, ANSWERS_FILE):
                shutil.copy(Path(folder) / file, BASELINES / name / file)
    if "--must-pass" in sys.argv:
        chosen = {name: chosen_ids(read_run(BASELINES / name).answers) for name in shipped_sets()}
        (CANONICAL / "must_pass.json").write_text(as_json(chosen), encoding="utf-8")


def chosen_ids(answers: tuple[JudgedAnswer, ...]) -> list[str]:
    """The surest right questions, one of each kind in turn, in the order of the set."""
    by_kind: dict[str, list[JudgedAnswer]] = defaultdict(list)
    for answer in sorted(answers, key=_doubt):
        if answer.right:
            by_kind[answer.kind].append(answer)
    chosen: set[str] = set()
    while len(chosen) < MUST_PASS and any(by_kind.values()):
        for kind in sorted(by_kind):
            if by_kind[kind] and len(chosen) < MUST_PASS:
                chosen.add(str(by_kind[kind].pop(0).id))
    return [str(answer.id) for answer in answers if str(answer.id) in chosen]


def _doubt(answer: JudgedAnswer) -> float:
    """How near the answer was to another outcome: low is sure."""
    confidence = answer.confidence or 0.0
    return 1 - confidence if answer.answerable else confidence


if __name__ == "__main__":
    main()
