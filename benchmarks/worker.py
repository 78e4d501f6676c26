"""Turns questions on standard input into timed answers on standard output, one JSON line each.

One process a side, so that a benchmark can ask the two sides in turn. In: `{"question"}`. Out:
`{"wall_ms", "cpu_ms", "status"}`, measured around the one call that answers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

Answerer = Callable[[str], str]  # a question → the answer's status


def open_ours() -> Answerer:
    """Return our assistant's answerer, on the index that is built."""
    from assistant import Assistant
    from assistant.settings import from_environment

    assistant = Assistant.open(from_environment())
    return lambda question: assistant.ask(question, policy="sony-mobile").status.value


def open_peer(policy_file: Path) -> Answerer:
    """Return the peer's answerer; the peer never declines."""
    from benchmarks.peer import Peer

    peer = Peer(policy_file)

    def answer(question: str) -> str:
        peer.answer(question)
        return "answered"

    return answer


def answer_line(line: str, answer: Answerer) -> str:
    """Return the measurements of one question as a JSON line."""
    question = json.loads(line)["question"]
    wall_start, cpu_start = time.perf_counter(), time.process_time()
    status = answer(question)
    cpu_end, wall_end = time.process_time(), time.perf_counter()
    return json.dumps(
        {
            "wall_ms": (wall_end - wall_start) * 1000,
            "cpu_ms": (cpu_end - cpu_start) * 1000,
            "status": status,
        }
    )


def claim_standard_output() -> TextIO:
    """Return standard output for our lines alone; what libraries print goes to standard error."""
    sys.stdout.flush()
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return lines


def main() -> None:
    """Answer until standard input ends."""
    parser = argparse.ArgumentParser(description="One side of against_peer.py.")
    parser.add_argument("side", choices=["ours", "peer"])
    parser.add_argument("policy_file", type=Path)
    options = parser.parse_args()
    lines = claim_standard_output()
    answer = open_ours() if options.side == "ours" else open_peer(options.policy_file)
    for line in sys.stdin:
        print(answer_line(line, answer), file=lines, flush=True)


if __name__ == "__main__":
    main()
