"""Writes the example and the figures of README.md from the committed results (I/O)."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
EXAMPLE = HERE / "results" / "example.txt"


def main() -> None:
    """Rewrites the generated parts of the README; with --check exits 1 if they are out of date."""
    text = README.read_text(encoding="utf-8")
    if "--check" in sys.argv:
        sys.exit(text != generated(text))
    README.write_text(generated(text), encoding="utf-8")


def generated(text: str) -> str:
    """The README's text with its generated parts made anew."""
    text = _replaced(text, "example", f"```\n{EXAMPLE.read_text(encoding='utf-8').strip()}\n```")
    return _replaced(text, "figures", "\n\n".join([_quality_table(), _speed_table()]))


def _replaced(text: str, name: str, content: str) -> str:
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    return pattern.sub(lambda match: f"{match[1]}{content}\n{match[2]}", text)


def _quality_table() -> str:
    result = _result("quality.json")
    rows = {
        "right (one of three citations answers, or rightly declined)": "right",
        "first citation right, answerable questions": "top1",
        "one of three right, answerable questions": "top3",
        "citation precision": "citation_precision",
        "false refusals": "false_refusals",
        "near misses declined": "near_misses_declined",
        "off-topic questions and orders declined": "off_topic_declined",
        "AUC of confidence against near misses": "auc_near_miss",
        "AUC of confidence against off-topic": "auc_off_topic",
        "Brier score of confidence": "brier",
        "verdicts that are right": "verdict_precision",
        "yes/no questions with a verdict": "verdict_coverage",
    }
    ours, peer = result["ours"], result["peer"]
    lines = [
        f"On the {ours['unseen']['questions']} questions of the four sets whose policies no model, "
        f"weight or threshold has seen, with 95 % intervals; beside them the "
        f"{ours['seen']['questions']} on 37signals and GitHub, later versions of which were "
        "trained on. The peer is the retriever of LangChain's RAG tutorial on all-MiniLM-L6-v2: "
        "four chunks a question, mostly longer than the 600 characters that a citation may have; "
        "it knows no earlier questions and never declines.",
        "",
        "| | unseen policies | seen | peer, unseen |",
        "|---|---|---|---|",
    ]
    for label, name in rows.items():
        cells = (_figure(ours["unseen"], name), _figure(ours["seen"], name))
        lines.append(f"| {label} | {' | '.join(cells)} | {_figure(peer['unseen'], name)} |")
    return "\n".join([*lines, "", *_policy_rows(ours)])


def _policy_rows(ours: dict[str, Any]) -> list[str]:
    names = ("right", "top1", "citation_precision", "near_misses_declined")
    lines = [
        "| ours, by policy | questions | right | first citation | precision | near misses |",
        "|---|---|---|---|---|---|",
    ]
    for policy, found in ours.items():
        if policy not in ("unseen", "seen"):
            values = [f"{found['measures'][name]['value']:.2f}" for name in names]
            lines.append(f"| {policy} | {found['questions']} | {' | '.join(values)} |")
    return lines


def _figure(found: dict[str, Any], name: str) -> str:
    figure = found["measures"][name]
    if figure["value"] is None:
        return "–"
    if figure["low"] is None:
        return f"{figure['value']:.2f}"
    return f"{figure['value']:.2f} ({figure['low']:.2f}–{figure['high']:.2f})"


def _speed_table() -> str:
    result, evaluation = _result("against_peer.json"), _result("evaluation.json")
    rows = {
        "time of a question, median": result["latency"]["ratio_p50"],
        "process start to first answer, index built": result["cold_start"]["seconds"]["ratio"],
        "peak memory": result["cold_start"]["peak_mib"]["ratio"],
        f"evaluating {evaluation['questions']} questions, all cores": evaluation["ratio"],
        "an answer on the page, one client, median": _page_ratio("peer", 0),
        "an answer on the page, 32 clients, median": _page_ratio("peer", -1),
        "the same, the peer at concurrency 8": _page_ratio("peer at concurrency 8", -1),
    }
    lines = [
        "Speed and memory in one run with the peer, ours / peer; one thread each unless said:",
        "",
        "| | ratio |",
        "|---|---|",
    ]
    return "\n".join([*lines, *(f"| {label} | {ratio:.2f} |" for label, ratio in rows.items())])


def _page_ratio(peer: str, clients: int) -> float:
    """The median time of an answer on our page over that on the peer's."""
    servers = _result("page_load.json")["servers"]
    ratio: float = servers["ours"][clients]["p50"] / servers[peer][clients]["p50"]
    return ratio


def _result(name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((HERE / "results" / name).read_text(encoding="utf-8"))
    return result


if __name__ == "__main__":
    main()
