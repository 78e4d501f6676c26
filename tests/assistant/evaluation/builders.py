"""What tests of evaluation are made of: a small policy, questions on it, answers, runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.evaluation.judged import judged_answers
from assistant.evaluation.locate import LocatedQuestion
from assistant.evaluation.questions import Evidence, EvidenceKind, JudgedQuestion
from assistant.evaluation.run import (
    JudgedAnswer,
    PolicyRecord,
    Run,
    RunHeader,
    SetRecord,
    SystemRecord,
)
from policy_text import DateKind, Policy, PolicyVersion, Span, VersionInfo
from policy_text.parse import parse_version

#        [0, 28)                       [29, 53)                  [54, 91)
TEXT = (
    "We keep logs for six months. We never sell your data. Write to us at any time that you like."
)
KEEP, SELL, WRITE = (0, 28), (29, 53), (54, 92)


def version_of(text: str, *, policy: str = "acme", version: str = "2024-01-01") -> PolicyVersion:
    info = VersionInfo(policy, version, DateKind.EFFECTIVE, "own", "own")
    whole = Policy(policy, "Acme privacy policy", "Acme", "en", ("Acme",), (info,))
    return parse_version(whole, info, text, is_markdown=True)


def question(
    *gold: tuple[int, int],
    id: int | str = "q1",
    kind: str = "direct",
    verdict: str | None = None,
    text: str = TEXT,
) -> LocatedQuestion:
    """A question whose gold spans are given; without any the policy does not answer it."""
    spans = tuple(Span(*pair) for pair in gold)
    judged = JudgedQuestion(
        id=id,
        question="Do you sell my data?",
        policy=None,
        version=None,
        history=(),
        answerable=bool(gold),
        kind=kind,
        verdict=verdict,
        evidence=tuple(Evidence(EvidenceKind.SPAN, span=span) for span in spans),
        where=f"questions.jsonl line {id}",
    )
    return LocatedQuestion(judged, version_of(text), spans)


def answer(
    *cited: tuple[int, int],
    status: str | None = None,
    ranked: Sequence[tuple[int, int]] = (),
    text: str = TEXT,
    **fields: Any,
) -> dict[str, Any]:
    """An answer that cites the spans; without any it is declined."""
    citations = [{"start": a, "end": b, "quote": text[a:b]} for a, b in cited]
    return {
        "id": "q1",
        "status": status or ("answered" if cited else "silent"),
        "reason": None if cited else "no_evidence",
        "answer": " ".join(text[a:b] for a, b in cited),
        "verdict": None,
        "citations": citations,
        "passages": [{"start": a, "end": b, "score": -n} for n, (a, b) in enumerate(ranked)],
        "confidence": 0.5,
        "latency_ms": 10.0,
        **fields,
    }


def judged(asked: LocatedQuestion, answered: dict[str, Any] | None = None) -> JudgedAnswer:
    """One question and its answer, judged; without one it is declined."""
    return judged_answers([asked], [answered or answer()])[0]


def header(**fields: Any) -> RunHeader:
    """What was run: the set "acme" asked of the policy acme."""
    known: dict[str, Any] = {
        "sets": (SetRecord(name="acme", sha256="0" * 64, questions=1),),
        "policies": (PolicyRecord(policy="acme", version="2024-01-01", sha256="1" * 64),),
        "system": SystemRecord(name="policy-assistant", id="model/1", model="MiniLM", region=None),
        "code": {"version": "0.1.0", "sha256": "abc"},
        "libraries": {"numpy": "2.4.6"},
        "workers": 1,
        "started": "2026-01-01T00:00:00+00:00",
        "seconds": 1.0,
    }
    return RunHeader(**{**known, **fields})


def run(*answers: JudgedAnswer, **fields: Any) -> Run:
    """A run of these answers; ids are given in their order."""
    numbered = [a.model_copy(update={"id": n}) for n, a in enumerate(answers, 1)]
    return Run(header(**fields), tuple(numbered))
