"""Asks this page and the peer's page over HTTP with 1, 8 and 32 clients, in one run, in turns.

    python -m benchmarks.page_load [--check] [--answers 10000]

Writes results/page_load.json: answers a second, p50, p95, errors and memory of both, and how rate
and memory of ours change over 10,000 answers in a row. Every question is asked once. Ours gets
the very event that its browser sends; the peer only the one event that answers, though its
browser sends seven. Linux only: /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import httpx

from benchmarks.against_peer import POLICY_FILE, QUESTION_FOLDER, RESULT_FILE
from benchmarks.peer import read_questions

RESULTS = RESULT_FILE.with_name("page_load.json")
CLIENTS = (1, 8, 32)
ANSWERS = {1: 100, 8: 240, 32: 320}  # a round
ROUNDS = 3
ROW = 1000  # answers; the long run is looked at in rows of so many
ROW_CLIENTS = 8
START_WITHIN_S = 240.0
ANSWER_WITHIN_S = 60.0

FACTOR_BAR = 2.0  # ours / the peer at its default, 32 clients, answers a second
SECONDS_BAR = 0.3  # seconds; p95 of one client
SLOWER_BAR = 1.2  # CPU time an answer, the last row / the first
GROWTH_BAR = 64.0  # MiB between the second row and the last


@dataclass(frozen=True, slots=True)
class Load:
    """What one server did under one number of clients; seconds, and MiB after it.

    `cpu_ms` is the server's CPU time an answer: it suffers less from neighbours than the rate.
    """

    clients: int
    answers_per_second: float
    p50: float
    p95: float
    errors: int
    memory_mib: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Server:
    """A page that is up."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    event: int
    more_data: tuple[object, ...]  # what goes along with the question

    @property
    def memory_mib(self) -> float:
        """Resident memory now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    @property
    def cpu_s(self) -> float:
        """Seconds of CPU time so far; proc(5), fields 14 and 15."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        after_name = fields.rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def start(
    name: str, command: Sequence[str], answering: str, more_data: tuple[object, ...]
) -> Server:
    """Starts a page and waits until it can be asked."""
    port = _free_port()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    html = _when_up(url, process)
    config = json.JSONDecoder().raw_decode(html.split("window.gradio_config = ", 1)[1])[0]
    event = next(d["id"] for d in config["dependencies"] if d["api_name"] == answering)
    return Server(name, url, process, event, more_data)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _when_up(url: str, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return httpx.get(url, timeout=START_WITHIN_S).text
        except httpx.TransportError:
            time.sleep(0.2)
    raise SystemExit(f"{url} did not come up. Start it by hand to see why.")


async def load(server: Server, clients: int, questions: Sequence[str]) -> Load:
    """The questions, asked by so many clients at once, each waiting for its answer."""
    waiting = iter(questions)
    seconds: list[float] = []
    failed: list[str] = []

    async def ask_on(number: int) -> None:
        async with httpx.AsyncClient(base_url=server.url, timeout=ANSWER_WITHIN_S) as client:
            for count, question in enumerate(waiting):
                started = time.perf_counter()
                if await _ask(client, server, question, f"c{number}x{count}"):
                    seconds.append(time.perf_counter() - started)
                else:
                    failed.append(question)

    started, cpu_before = time.perf_counter(), server.cpu_s
    await asyncio.gather(*(ask_on(number) for number in range(clients)))
    elapsed = time.perf_counter() - started
    cuts = statistics.quantiles(seconds or [0.0, 0.0], n=20)
    return Load(
        clients=clients,
        answers_per_second=len(seconds) / elapsed,
        p50=cuts[9],
        p95=cuts[18],
        errors=len(failed),
        memory_mib=server.memory_mib,
        cpu_ms=(server.cpu_s - cpu_before) * 1000 / max(1, len(seconds)),
    )


async def _ask(client: httpx.AsyncClient, server: Server, question: str, session: str) -> bool:
    """Whether an answer came back."""
    event = {
        "data": [question, *server.more_data],
        "fn_index": server.event,
        "session_hash": session,
        "trigger_id": None,
        "event_data": None,
    }
    try:
        joined = await client.post("/gradio_api/queue/join", json=event)
        if joined.status_code != 200:
            return False
        address = f"/gradio_api/queue/data?session_hash={session}"
        async with client.stream("GET", address) as messages:
            async for line in messages.aiter_lines():
                if '"process_completed"' in line:
                    return bool(json.loads(line.removeprefix("data: "))["success"])
    except httpx.TransportError:
        return False
    return False


def distinct_questions() -> Iterator[str]:
    """Questions, no two alike: those of the training set, then the same with a number."""
    files = sorted(QUESTION_FOLDER.glob("*.jsonl"))
    asked = list(dict.fromkeys(q.text for file in files for q in read_questions(file)))
    yield from asked
    for number in itertools.count(2):
        yield from (f"{question.rstrip('?')} (case {number})?" for question in asked)


def servers(stack: ExitStack) -> list[Server]:
    """Ours, the peer at its default, and the peer at concurrency 8."""
    peer = ("benchmarks.peer_page", str(POLICY_FILE))
    ours = ("sony-mobile", "2020-01", "{}")
    started = [
        start("ours", ("assistant.cli", "serve"), "turns", ours),
        start("peer", peer, "respond", (None,)),
        start("peer at concurrency 8", (*peer, "--concurrency", "8"), "respond", (None,)),
    ]
    for server in started:
        stack.callback(server.process.wait)
        stack.callback(server.process.terminate)
    return started


def compare(started: Sequence[Server], questions: Iterator[str]) -> dict[str, list[Load]]:
    """Every server under every number of clients; the median of the rounds by its rate."""
    rounds: dict[tuple[str, int], list[Load]] = {}
    for server in started:
        asyncio.run(load(server, 2, list(itertools.islice(questions, 20))))  # warm-up
    for _ in range(ROUNDS):
        for clients, server in itertools.product(CLIENTS, started):
            asked = list(itertools.islice(questions, ANSWERS[clients]))
            found = asyncio.run(load(server, clients, asked))
            rounds.setdefault((server.name, clients), []).append(found)
            print(server.name, found, flush=True)
    return {
        server.name: [_median(rounds[server.name, clients]) for clients in CLIENTS]
        for server in started
    }


def _median(loads: Sequence[Load]) -> Load:
    middle = sorted(loads, key=lambda one: one.answers_per_second)[len(loads) // 2]
    return replace(middle, errors=sum(one.errors for one in loads))


def long_run(server: Server, questions: Iterator[str], answers: int) -> list[Load]:
    """Many answers in a row, a Load for every ROW of them."""
    rows = []
    for _ in range(answers // ROW):
        asked = list(itertools.islice(questions, ROW))
        rows.append(asyncio.run(load(server, ROW_CLIENTS, asked)))
        print("row", rows[-1], flush=True)
    return rows


def problems(loads: dict[str, list[Load]], rows: Sequence[Load]) -> list[str]:
    """Which bars were missed, in words."""
    ours, peer, peer_8 = loads.values()
    one, _, many = ours
    growth = rows[-1].memory_mib - rows[1].memory_mib if len(rows) > 1 else 0.0
    slower = rows[-1].cpu_ms / rows[0].cpu_ms if rows else 1.0
    checks = {
        f"errors: {[one.errors for one in (*ours, *rows)]}": any(x.errors for x in (*ours, *rows)),
        f"32 clients: under {FACTOR_BAR} times the peer": many.answers_per_second
        < FACTOR_BAR * peer[-1].answers_per_second,
        "32 clients: behind the peer at concurrency 8": many.answers_per_second
        <= peer_8[-1].answers_per_second,
        f"one client: p95 of {one.p95:.3f} s": one.p95 > SECONDS_BAR or one.p95 > peer[0].p95,
        f"an answer takes {slower:.2f} times the CPU time": slower > SLOWER_BAR,
        f"memory grew by {growth:.0f} MiB": growth > GROWTH_BAR,
    }
    return [words for words, is_missed in checks.items() if is_missed]


def main() -> None:
    """Measures, writes the results, and with --check fails where a bar is missed."""
    parser = argparse.ArgumentParser(description="Load this page and the peer's, in turns.")
    parser.add_argument("--check", action="store_true", help="exit 1 where a bar is missed")
    parser.add_argument("--answers", type=int, default=10_000, help="of the long run")
    options = parser.parse_args()
    questions = distinct_questions()
    with ExitStack() as stack:
        started = servers(stack)
        loads = compare(started, questions)
        rows = long_run(started[0], questions, options.answers)
    result = {
        "servers": {name: [asdict(one) for one in found] for name, found in loads.items()},
        "long_run": [asdict(row) for row in rows],
    }
    RESULTS.write_text(json.dumps(_rounded(result), indent=1) + "\n", encoding="utf-8")
    missed = problems(loads, rows)
    print("\n".join(missed) or "All bars are met.")
    if options.check and missed:
        sys.exit(1)


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
