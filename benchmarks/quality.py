"""Answers the sets that ship with ours and with the peer, and writes results/quality.json (I/O)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant import Assistant
from assistant.evaluation.formats import read_question_set
from assistant.evaluation.judged import judged_answers
from assistant.evaluation.locate import LocatedQuestion, locate, versions_of
from assistant.evaluation.measures import HEADLINE
from assistant.evaluation.metrics import Metrics, metrics
from assistant.evaluation.questions import shipped_sets
from assistant.evaluation.run import JudgedAnswer
from assistant.settings import from_environment
from benchmarks.peer import Peer
from policy_text import PolicyVersion
from policy_text.library import Library

SEEN = ("37signals", "github")  # later versions of them were trained on
ALSO = ("top3", "auc_near_miss", "auc_off_topic", "unclear", "verdict_precision",
        "verdict_coverage")  # fmt: skip
RESULT = Path(__file__).parent / "results" / "quality.json"


def main() -> None:
    """Measures both on the same questions, over all sets and on each, and writes the figures."""
    assistant = Assistant.open(from_environment())
    result: dict[str, Any] = {"ours": {}, "peer": {}}
    groups: dict[str, dict[str, list[JudgedAnswer]]] = {
        side: {"unseen": [], "seen": []} for side in result
    }
    for name in shipped_sets():
        located = _located(name)
        sides = {"ours": _ours(assistant, located), "peer": _peers(located)}
        for side, answers in sides.items():
            judged = judged_answers(located, answers)
            groups[side]["seen" if name in SEEN else "unseen"] += judged
            result[side][name] = _figures(metrics(judged))
    for side, of_side in groups.items():
        for group, judged in of_side.items():
            result[side][group] = _figures(metrics(judged))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


def _located(name: str) -> list[LocatedQuestion]:
    return locate(read_question_set(name).checked(), Library())


def _ours(assistant: Assistant, located: Sequence[LocatedQuestion]) -> list[dict[str, Any]]:
    return [
        assistant.ask(
            asked.question.question,
            policy=asked.version.policy.id,
            version=asked.version.info.version,
            history=asked.question.history,
        ).to_json()
        for asked in located
    ]


def _peers(located: Sequence[LocatedQuestion]) -> list[dict[str, Any]]:
    """The peer's four chunks as citations and as its ranking; it knows no earlier questions."""
    peers = {version.policy.id: _peer(version) for version in versions_of(located)}
    return [_answer(peers[asked.version.policy.id], asked.question.question) for asked in located]


def _peer(version: PolicyVersion) -> Peer:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.txt"
        path.write_bytes(version.text.encode("utf-8"))
        return Peer(path)


def _answer(peer: Peer, question: str) -> dict[str, Any]:
    answer = peer.answer(question)
    chunks = [{"start": s.start, "end": s.end, "quote": s.quote} for s in answer.sources]
    return {"status": "answered", "answer": answer.text, "citations": chunks, "passages": chunks}


def _figures(found: Metrics) -> dict[str, Any]:
    names = dict.fromkeys((*HEADLINE, *ALSO))
    figures = {name: asdict(found.measures[name]) for name in names}
    return {"questions": found.questions, "measures": figures}


if __name__ == "__main__":
    main()
