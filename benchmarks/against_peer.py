"""Measures ours against the peer in one run, in turns, and writes results/against_peer.json.

Three ratios, ours / peer, lower is better: the time of a question, the time from process start to
the first answer, and the peak memory of that process. Turns, because a shared machine changes its
speed from minute to minute. Linux only: os.wait4 gives memory in KiB there.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# Only the standard library and our own light modules: on Linux a child's ru_maxrss is never below
# what its parent held when it was started, so this process has to stay smaller than both sides.
from benchmarks.peer import read_questions

BENCHMARKS = Path(__file__).resolve().parent
REPOSITORY = BENCHMARKS.parent
POLICY_FILE = REPOSITORY / "policy_text" / "policies" / "sony-mobile" / "2020-01.txt"
QUESTION_FOLDER = REPOSITORY / "training" / "data" / "questions"
RESULT_FILE = BENCHMARKS / "results" / "against_peer.json"

SEED = 2020  # which questions are drawn, and in what order
WARM_UP = 5  # questions a side before the first block; they are asked nowhere else
COLD_START_QUESTION = "What information do I have to give when I create an account?"

LATENCY_BAR = 2.0  # ours / peer, mean and p50
COLD_START_BAR = 0.25  # ours / peer
MEMORY_BAR = 0.5  # ours / peer
CORES_SLACK = 0.15  # CPU time / wall-clock time may pass the threads by this, for clocks and ticks

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
PACKAGES = (
    "faiss-cpu",
    "langchain-core",
    "langchain-huggingface",
    "langchain-text-splitters",
    "numpy",
    "onnxruntime",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "transformers",
)


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """What one question took, in milliseconds, and how it ended."""

    wall_ms: float
    cpu_ms: float
    status: str


@dataclass(frozen=True, slots=True)
class Round:
    """The same block of questions, asked of one side and then of the other."""

    ours: tuple[AnswerTime, ...]
    peer: tuple[AnswerTime, ...]


@dataclass(frozen=True, slots=True)
class SideLatency:
    """One side over all rounds, in milliseconds a question; cores_used is CPU time / wall time."""

    wall_ms_p50: float
    wall_ms_mean: float
    cpu_ms_p50: float
    cpu_ms_mean: float
    cores_used: float
    statuses: dict[str, int]


@dataclass(frozen=True, slots=True)
class Latency:
    """Both sides, and ours / peer: the median of the rounds' ratios."""

    questions: int
    rounds: int
    ours: SideLatency
    peer: SideLatency
    ratio_p50: float
    ratio_mean: float
    cpu_ratio_p50: float
    cpu_ratio_mean: float
    ratio_p50_by_round: list[float]


@dataclass(frozen=True, slots=True)
class ColdStart:
    """One process, from its start to its first answer: seconds, peak memory in MiB, its output."""

    seconds: float
    peak_mib: float
    output: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A measure's medians on both sides, their ratio ours / peer, and every sample."""

    ours: float
    peer: float
    ratio: float
    ours_samples: list[float]
    peer_samples: list[float]


@dataclass(frozen=True, slots=True)
class ColdStarts:
    """Both sides' cold starts; what the peer takes to embed the policy is part of its seconds."""

    seconds: Comparison
    peak_mib: Comparison
    seconds_without_embedding: Comparison


@dataclass(frozen=True, slots=True)
class Machine:
    """What the figures were measured on; cores are those that this process may use."""

    cores: int
    system: str
    python: str
    packages: dict[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """One run of this benchmark, as written to results/against_peer.json."""

    date: str
    machine: Machine
    threads: int
    seed: int
    latency: Latency
    cold_start: ColdStarts


Clock = Callable[[AnswerTime], float]
Average = Callable[[Iterable[float]], float]


class Worker:
    """A process that answers for one side and times itself; see worker.py."""

    def __init__(self, side: str, process: subprocess.Popen[str]) -> None:
        """Wrap a worker that was started with both pipes."""
        self._side = side
        self._process = process

    def ask(self, question: str) -> AnswerTime:
        """Return what the question took inside the worker.

        Raises:
            SystemExit: the worker ended instead of answering.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):  # it ended; the missing line below says so
            self._process.stdin.write(json.dumps({"question": question}) + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"The worker of {self._side} ended early. Its error stands above.")
        return AnswerTime(**json.loads(line))


@contextmanager
def start_worker(side: str, policy_file: Path, *, threads: int) -> Iterator[Worker]:
    """Start one side's worker, and end it with the block, by closing its standard input."""
    command = [sys.executable, "-m", "benchmarks.worker", side, str(policy_file)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env=side_environment(threads),
    ) as process:
        yield Worker(side, process)


def side_environment(threads: int) -> dict[str, str]:
    """Return the environment that both sides get: no network, the same number of threads."""
    quiet = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    return {**os.environ, **quiet, **dict.fromkeys(THREAD_VARIABLES, str(threads))}


def draw_questions(folder: Path, count: int) -> list[str]:
    """Return `count` distinct questions, drawn with the fixed seed from all files of a folder."""
    distinct: dict[str, str] = {}
    for question_file in sorted(folder.glob("*.jsonl")):
        for question in read_questions(question_file):
            distinct.setdefault(" ".join(question.text.casefold().split()), question.text)
    if len(distinct) < count:
        raise SystemExit(f"{folder} holds {len(distinct)} distinct questions, {count} are needed.")
    return random.Random(SEED).sample(list(distinct.values()), count)


def measure_rounds(
    questions: Sequence[str], policy_file: Path, *, rounds: int, threads: int
) -> list[Round]:
    """Ask both sides block by block, ours then peer; the first questions only warm them up."""
    warm_up, measured = questions[:WARM_UP], questions[WARM_UP:]
    blocks = [measured[start::rounds] for start in range(rounds)]
    with (
        start_worker("ours", policy_file, threads=threads) as ours,
        start_worker("peer", policy_file, threads=threads) as peer,
    ):
        for question in warm_up:
            ours.ask(question)
            peer.ask(question)
        return [
            Round(
                ours=tuple(ours.ask(question) for question in block),
                peer=tuple(peer.ask(question) for question in block),
            )
            for block in blocks
        ]


def compare_latency(rounds: Sequence[Round]) -> Latency:
    """Return both sides' times and the medians of the rounds' ratios."""
    wall_p50 = round_ratios(rounds, wall_ms, statistics.median)
    return Latency(
        questions=sum(len(round_.ours) for round_ in rounds),
        rounds=len(rounds),
        ours=summarise_side([time_ for round_ in rounds for time_ in round_.ours]),
        peer=summarise_side([time_ for round_ in rounds for time_ in round_.peer]),
        ratio_p50=statistics.median(wall_p50),
        ratio_mean=statistics.median(round_ratios(rounds, wall_ms, statistics.fmean)),
        cpu_ratio_p50=statistics.median(round_ratios(rounds, cpu_ms, statistics.median)),
        cpu_ratio_mean=statistics.median(round_ratios(rounds, cpu_ms, statistics.fmean)),
        ratio_p50_by_round=wall_p50,
    )


def summarise_side(times: Sequence[AnswerTime]) -> SideLatency:
    """Return one side's medians and means over all its questions."""
    wall, cpu = list(map(wall_ms, times)), list(map(cpu_ms, times))
    return SideLatency(
        wall_ms_p50=round(statistics.median(wall), 3),
        wall_ms_mean=round(statistics.fmean(wall), 3),
        cpu_ms_p50=round(statistics.median(cpu), 3),
        cpu_ms_mean=round(statistics.fmean(cpu), 3),
        cores_used=round(sum(cpu) / sum(wall), 3),
        statuses=dict(sorted(Counter(time_.status for time_ in times).items())),
    )


def wall_ms(time_: AnswerTime) -> float:
    """Return the wall-clock time of an answer."""
    return time_.wall_ms


def cpu_ms(time_: AnswerTime) -> float:
    """Return the CPU time of an answer, of all threads of its process."""
    return time_.cpu_ms


def round_ratios(rounds: Sequence[Round], clock: Clock, average: Average) -> list[float]:
    """Return ours / peer of each round's average time, in order."""
    return [
        round(average(map(clock, round_.ours)) / average(map(clock, round_.peer)), 3)
        for round_ in rounds
    ]


def measure_cold_starts(policy_file: Path, *, repetitions: int, threads: int) -> ColdStarts:
    """Start both sides in turn and return the seconds to a first answer and the peak MiB.

    One untimed start a side comes first: it builds our index where there is none, and brings both
    sides' files into the page cache.
    """
    with tempfile.TemporaryDirectory() as folder:
        question_file = Path(folder) / "question.jsonl"
        question_file.write_text(json.dumps({"question": COLD_START_QUESTION}), encoding="utf-8")
        ours = [find_assistant(), "ask", COLD_START_QUESTION, "--format", "json"]
        peer = [sys.executable, "-m", "benchmarks.peer", str(policy_file)]
        peer += ["--questions", str(question_file)]
        starts = [
            (start_cold(ours, threads=threads), start_cold(peer, threads=threads))
            for _ in range(1 + repetitions)
        ][1:]
    return compare_cold_starts([our for our, _ in starts], [their for _, their in starts])


def compare_cold_starts(ours: Sequence[ColdStart], peer: Sequence[ColdStart]) -> ColdStarts:
    """Return both sides' medians and ratios, with and without the embedding of the policy."""
    our_seconds = [start.seconds for start in ours]
    return ColdStarts(
        seconds=compare(our_seconds, [start.seconds for start in peer]),
        peak_mib=compare([start.peak_mib for start in ours], [start.peak_mib for start in peer]),
        seconds_without_embedding=compare(
            our_seconds, [start.seconds - seconds_to_embed(start) for start in peer]
        ),
    )


def seconds_to_embed(start: ColdStart) -> float:
    """Return what the peer reports for embedding the policy, which it does at every start."""
    return float(str(start.output["seconds_to_embed_policy"]))


def find_assistant() -> str:
    """Return the path of our command, first beside this Python, then on the PATH."""
    beside_python = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = shutil.which("policy-assistant", path=beside_python)
    if command is None:
        raise SystemExit("policy-assistant is not installed. Install it: pip install -e .")
    return command


def start_cold(command: Sequence[str], *, threads: int) -> ColdStart:
    """Run a command and return the time to its first byte of output, and its peak memory.

    Raises:
        SystemExit: the command failed, or its output is not JSON.
    """
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=REPOSITORY,
            env=side_environment(threads),
        )
        assert process.stdout is not None
        output = os.read(process.stdout.fileno(), 1)
        seconds = time.perf_counter() - started
        output += process.stdout.read()
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait again
        errors.seek(0)
        answer = read_output(command, process.returncode, output, errors.read())
    return ColdStart(seconds=seconds, peak_mib=usage.ru_maxrss / 1024, output=answer)


def read_output(
    command: Sequence[str], exit_code: int, output: bytes, errors: bytes
) -> Mapping[str, object]:
    """Return the JSON object that a start printed; without one its time would mean nothing."""
    try:
        answer = json.loads(output)
    except ValueError:
        answer = None
    if exit_code or not isinstance(answer, dict):
        reason = (errors or output).decode(errors="replace").strip()
        raise SystemExit(f"{Path(command[0]).name} {command[1]} did not give an answer: {reason}")
    return answer


def compare(ours: Sequence[float], peer: Sequence[float]) -> Comparison:
    """Return both medians and their ratio, ours / peer."""
    our_median, peer_median = statistics.median(ours), statistics.median(peer)
    return Comparison(
        ours=round(our_median, 3),
        peer=round(peer_median, 3),
        ratio=round(our_median / peer_median, 3),
        ours_samples=[round(value, 3) for value in ours],
        peer_samples=[round(value, 3) for value in peer],
    )


def describe_machine() -> Machine:
    """Return what the figures depend on, without anything that names the machine."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        packages=dict(installed_versions()),
    )


def installed_versions() -> Iterator[tuple[str, str]]:
    """Yield the name and version of each package of interest that is installed."""
    for package in PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue


def find_failures(result: Result) -> list[str]:
    """Return what is above its bar, or makes the comparison uneven; empty when all is well."""
    bars = (
        ("latency ratio, p50", result.latency.ratio_p50, LATENCY_BAR),
        ("latency ratio, mean", result.latency.ratio_mean, LATENCY_BAR),
        ("cold start ratio", result.cold_start.seconds.ratio, COLD_START_BAR),
        ("memory ratio", result.cold_start.peak_mib.ratio, MEMORY_BAR),
        ("cores used by ours", result.latency.ours.cores_used, result.threads + CORES_SLACK),
        ("cores used by the peer", result.latency.peer.cores_used, result.threads + CORES_SLACK),
    )
    return [f"{name} is {value:.3f}, above {bar:g}" for name, value, bar in bars if value > bar]


def format_table(result: Result) -> str:
    """Return the measures as a small table, one line each."""
    latency = result.latency
    ours, peer = latency.ours, latency.peer
    seconds, memory = result.cold_start.seconds, result.cold_start.peak_mib
    without = result.cold_start.seconds_without_embedding
    rows = (
        ("ms a question, p50", ours.wall_ms_p50, peer.wall_ms_p50, latency.ratio_p50),
        ("ms a question, mean", ours.wall_ms_mean, peer.wall_ms_mean, latency.ratio_mean),
        ("CPU ms a question, p50", ours.cpu_ms_p50, peer.cpu_ms_p50, latency.cpu_ratio_p50),
        ("CPU ms a question, mean", ours.cpu_ms_mean, peer.cpu_ms_mean, latency.cpu_ratio_mean),
        ("seconds to first answer", seconds.ours, seconds.peer, seconds.ratio),
        ("… peer's index aside", without.ours, without.peer, without.ratio),
        ("peak MiB", memory.ours, memory.peer, memory.ratio),
    )
    lines = [f"{'':<24}{'ours':>10}{'peer':>10}{'ours / peer':>13}"]
    lines += [f"{name:<24}{a:>10.2f}{b:>10.2f}{ratio:>13.3f}" for name, a, b, ratio in rows]
    return "\n".join(lines)


def write_whole(file: Path, text: str) -> None:
    """Write a file so that it is there as a whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.partial")
    with beside.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    beside.replace(file)


def parse_arguments(arguments: Iterable[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description="Measure ours against the peer, in turns.")
    parser.add_argument("--policy-file", type=Path, default=POLICY_FILE)
    parser.add_argument("--questions", type=Path, default=QUESTION_FOLDER, metavar="FOLDER")
    parser.add_argument("--count", type=int, default=200, help="distinct questions")
    parser.add_argument("--rounds", type=int, default=5, help="blocks a side")
    parser.add_argument("--repetitions", type=int, default=5, help="cold starts a side")
    parser.add_argument("--threads", type=int, default=1, help="of both sides")
    parser.add_argument("--output", type=Path, default=RESULT_FILE)
    parser.add_argument("--check", action="store_true", help="exit 1 above a bar")
    options = parser.parse_args(None if arguments is None else list(arguments))
    if not 1 <= options.rounds <= options.count or options.repetitions < 1:
        parser.error("need 1 <= rounds <= count, and at least one repetition")
    return options


def measure(options: argparse.Namespace) -> Result:
    """Measure all three ratios, in turns."""
    questions = draw_questions(options.questions, WARM_UP + options.count)
    rounds = measure_rounds(
        questions, options.policy_file, rounds=options.rounds, threads=options.threads
    )
    cold_start = measure_cold_starts(
        options.policy_file, repetitions=options.repetitions, threads=options.threads
    )
    return Result(
        date=datetime.date.today().isoformat(),
        machine=describe_machine(),
        threads=options.threads,
        seed=SEED,
        latency=compare_latency(rounds),
        cold_start=cold_start,
    )


def main() -> None:
    """Measure, write the result, print a table; with --check, exit 1 above a bar."""
    options = parse_arguments()
    result = measure(options)
    write_whole(options.output, json.dumps(asdict(result), indent=2) + "\n")
    print(format_table(result))
    failures = find_failures(result)
    for failure in failures:
        print(failure, file=sys.stderr)
    if options.check and failures:
        sys.exit(1)


if __name__ == "__main__":
    main()
