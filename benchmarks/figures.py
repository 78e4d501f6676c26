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
        "first citation right, answerable questions": "first_right",
        "citation precision": "citation_precision",
        "false refusals": "false_refusals",
        "declined where the policy does not answer": "declined_rightly",
    }
    ours, peer = result["ours"], result["peer"]
    lines = [
        f"On the {ours['questions']} canonical questions on the Sony Mobile policy "
        "(`tests/canonical/`), on which no weight and no threshold was fitted. The peer is the "
        "retriever of LangChain's RAG tutorial on the same model; its chunks are mostly longer "
        "than the 600 characters that a citation may have, and it never declines.",
        "",
        "| | ours | peer |",
        "|---|---|---|",
    ]
    lines += [f"| {label} | {ours[key]:.2f} | {peer[key]:.2f} |" for label, key in rows.items()]
    return "\n".join(lines)


def _speed_table() -> str:
    result = _result("against_peer.json")
    rows = {
        "time of a question, median": result["latency"]["ratio_p50"],
        "process start to first answer, index built": result["cold_start"]["seconds"]["ratio"],
        "peak memory": result["cold_start"]["peak_mib"]["ratio"],
    }
    lines = [
        "Speed and memory in one run with the peer, one thread each, ours / peer:",
        "",
        "| | ratio |",
        "|---|---|",
    ]
    return "\n".join([*lines, *(f"| {label} | {ratio:.2f} |" for label, ratio in rows.items())])


def _result(name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((HERE / "results" / name).read_text(encoding="utf-8"))
    return result


if __name__ == "__main__":
    main()
