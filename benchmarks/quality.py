"""Answers the canonical questions and writes benchmarks/results/quality.json (I/O)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant import Assistant
from assistant.settings import from_environment
from benchmarks.measures import Ruling, rule, summary
from benchmarks.peer import Peer
from policy_text.library import SHIPPED

HERE = Path(__file__).parent
QUESTIONS = HERE.parent / "tests" / "canonical" / "sony_mobile.jsonl"
POLICY = SHIPPED / "sony-mobile" / "2020-01.txt"
RESULT = HERE / "results" / "quality.json"


def main() -> None:
    """Measures ours and the peer on the same questions, and writes both."""
    assistant = Assistant.open(from_environment())
    peer = Peer(POLICY)

    def ours(question: str) -> dict[str, Any]:
        return assistant.ask(question, policy="sony-mobile").to_json()

    def theirs(question: str) -> dict[str, Any]:
        sources = peer.answer(question).sources
        spans = [{"start": source.start, "end": source.end} for source in sources]
        return {"status": "answered", "citations": spans}

    result = {"set": "sony-mobile canonical", "ours": _measured(ours), "peer": _measured(theirs)}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


def _measured(answer: Callable[[str], dict[str, Any]]) -> dict[str, float]:
    text = POLICY.read_bytes().decode("utf-8")
    rulings: list[Ruling] = []
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        rulings.append(rule(question, answer(question["question"]), text))
    return {name: round(value, 3) for name, value in summary(rulings).items()}


if __name__ == "__main__":
    main()
