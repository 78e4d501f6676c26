"""Measures an evaluation of 2,000 questions against the peer answering them one by one (I/O).

Both as whole processes, from start to end, in turns: ours asks, judges, measures and writes its
report, over all cores; the peer embeds the policy and answers, with one thread of torch and with
its own choice of threads, of which the faster counts. Linux only: memory is read from /proc.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from benchmarks.against_peer import (
    POLICY_FILE,
    QUESTION_FOLDER,
    Machine,
    describe_machine,
    draw_questions,
    find_assistant,
    write_whole,
)

RESULT_FILE = Path(__file__).parent / "results" / "evaluation.json"
POLICY = "sony-mobile"
QUESTIONS = 2000
TIME_BAR = 1.0  # ours / peer
MEMORY_BAR_MIB = 1536.0
SAMPLE_S = 0.1  # between two looks at the memory


@dataclass(frozen=True, slots=True)
class Whole:
    """A process with its children: seconds from start to end, and the most memory at one time.

    Attributes:
        peak_mib: resident memory summed over the processes, shared pages counted in each.
    """

    seconds: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Result:
    """One run of this benchmark, as written to results/evaluation.json."""

    date: str
    machine: Machine
    questions: int
    ours: list[Whole]
    peer_one_thread: list[Whole]
    peer_own_threads: list[Whole]
    ratio: float
    ours_seconds: float
    peer_seconds: float
    ours_peak_mib: float


def main() -> None:
    """Measures, writes the result and prints it; with --check exits 1 above a bar."""
    parser = argparse.ArgumentParser(description="Time an evaluation against the peer, in turns.")
    parser.add_argument("--count", type=int, default=QUESTIONS, help="distinct questions")
    parser.add_argument("--rounds", type=int, default=2, help="turns a side")
    parser.add_argument("--output", type=Path, default=RESULT_FILE)
    parser.add_argument("--check", action="store_true", help="exit 1 above a bar")
    options = parser.parse_args()
    result = measured(draw_questions(QUESTION_FOLDER, options.count), options.rounds)
    write_whole(options.output, json.dumps(asdict(result), indent=1) + "\n")
    print(f"{result.questions} questions: ours {result.ours_seconds:.1f} s, peer "
          f"{result.peer_seconds:.1f} s, ratio {result.ratio:.2f}; "
          f"ours at most {result.ours_peak_mib:.0f} MiB")  # fmt: skip
    if options.check and (result.ratio > TIME_BAR or result.ours_peak_mib > MEMORY_BAR_MIB):
        sys.exit(f"Above a bar: ratio {TIME_BAR:g}, {MEMORY_BAR_MIB:.0f} MiB.")


def measured(questions: Sequence[str], rounds: int) -> Result:
    """Both sides in turns, after an untimed start of ours that builds the index."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole(_ours(_written(folder / "warm-up.jsonl", questions[:1]), folder / "warm-up"))
        asked = _written(folder / "questions.jsonl", questions)
        ours, one, own = [], [], []
        for turn in range(rounds):
            ours.append(whole(_ours(asked, folder / f"run{turn}")))
            one.append(whole([*_peer(asked), "--threads", "1"]))
            own.append(whole(_peer(asked)))
    ours_seconds = statistics.median(side.seconds for side in ours)
    peer_seconds = min(statistics.median(s.seconds for s in side) for side in (one, own))
    return Result(
        date=date.today().isoformat(),
        machine=describe_machine(),
        questions=len(questions),
        ours=ours,
        peer_one_thread=one,
        peer_own_threads=own,
        ratio=round(ours_seconds / peer_seconds, 3),
        ours_seconds=ours_seconds,
        peer_seconds=peer_seconds,
        ours_peak_mib=max(side.peak_mib for side in ours),
    )


def whole(command: Sequence[str]) -> Whole:
    """Runs a command to its end.

    Raises:
        SystemExit: it failed.
    """
    started = time.perf_counter()
    peak = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, sum(map(_resident_mib, _family(process.pid))))
            time.sleep(SAMPLE_S)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed; its error stands above.")
    return Whole(round(time.perf_counter() - started, 2), round(peak, 1))


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        below = [int(p) for task in tasks for p in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return []
    return [pid, *(one for child in below for one in _family(child))]


def _resident_mib(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError, IndexError):  # it has just ended
        return 0.0
    return pages * 4096 / 2**20


def _ours(questions: Path, output: Path) -> list[str]:
    return [find_assistant(), "evaluate", str(questions), "--output", str(output)]


def _peer(questions: Path) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.peer", str(POLICY_FILE)]
    return [*command, "--questions", str(questions)]


def _written(path: Path, questions: Sequence[str]) -> Path:
    """The questions as a set; what they are judged to be does not matter for speed."""
    lines = (
        json.dumps({"id": n, "question": question, "policy": POLICY, "answerable": False})
        for n, question in enumerate(questions)
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
