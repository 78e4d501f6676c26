"""The training data: policies with questions and the passages that answer them (I/O)."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy_text import PolicyVersion, Span
from policy_text.library import Library

DATA = Path(__file__).parent / "data"

# Policies that repeat each other's sentences must lie on one side of a split.
FAMILIES = {
    "basecamp_ccpa": "basecamp",
    "firefox_privacy_notice": "mozilla",
    "focus_privacy_notice": "mozilla",
    "formulaic_privacy_notice": "mozilla",
    "mozilla_accounts_privacy_notice": "mozilla",
    "pocket_privacy_policy": "mozilla",
    "subscription_services_privacy_notice": "mozilla",
    "thunderbird_privacy_policy": "mozilla",
    "websites_privacy_notice": "mozilla",
}
# What decides over scores (weights, calibration, verdicts) is fitted on these: the encoder is
# trained on the others only, so scores here are as they are on a policy that nobody saw.
HELD_APART = frozenset(
    "automattic fic_bank fic_genetics fic_messenger tosdr_500px tosdr_betterhelp tosdr_duckduckgo "
    "tosdr_enpass tosdr_feedly tosdr_honeypot tosdr_itch-io tosdr_jetbrains tosdr_jstor "
    "tosdr_keybase tosdr_letterboxd tosdr_lydia tosdr_metacafe tosdr_nabu-casa tosdr_newgrounds "
    "tosdr_nordvpn tosdr_nvidia tosdr_paper-li tosdr_patook tosdr_pexgle tosdr_posteo "
    "tosdr_pythonanywhere tosdr_shapeshift tosdr_signal tosdr_sync tosdr_wemod "
    "tosdr_whatsapp".split()
)
# Later versions of policies that ship: reported apart, as seen.
SEEN = ("github", "basecamp", "basecamp_ccpa")

_HIDDEN = re.compile(r"\]\((?:[^()\s]|\([^()]*\))*\)|<[^>]+>|\{[:#][^}]*\}")


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """A question, the spans that answer it, and those that only help (neither right nor wrong)."""

    question: str
    kind: str
    gold: tuple[Span, ...]
    partial: tuple[Span, ...]
    verdict: str | None
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PassageVerdict:
    """What one passage says to a question that asks yes or no.

    Attributes:
        question: as a person would type it.
        passage: where what is quoted stands.
        verdict: "yes", "no", or "none" where the passage leaves it open.
        history: the questions before it.
        is_written: whether the question was written for this passage, by somebody who did not look
            at the others: they may answer it too.
    """

    question: str
    passage: Span
    verdict: str
    history: tuple[str, ...]
    is_written: bool


@dataclass(frozen=True, slots=True)
class TrainingPolicy:
    """A policy with its questions; `family` names what it must not be split from."""

    name: str
    family: str
    version: PolicyVersion
    questions: tuple[TrainingQuestion, ...]
    verdicts: tuple[PassageVerdict, ...]


def load_policies(folder: Path = DATA) -> list[TrainingPolicy]:
    """All training policies, by name."""
    library = Library(folder / "policies")
    return [_load(folder, library, policy.id) for policy in library.policies]


def load_lines(path: Path, key: str) -> list[str]:
    """One field of a JSON Lines file, distinct values in order."""
    return list(dict.fromkeys(row[key] for row in _rows(path)))


def outside_questions() -> list[str]:
    """Questions and orders that are none for a privacy policy; the encoder learns every other."""
    others = (DATA / "out_of_scope.txt").read_text(encoding="utf-8").splitlines()
    return load_lines(DATA / "offtopic.jsonl", "q") + others


def inside_questions() -> list[str]:
    """More questions for a privacy policy, without labels of what answers them.

    PrivacyQA's that were filed under none of its topics are left out: some are product help.
    """
    with (DATA / "privacyqa_questions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "1" in row.values()]
    more = (DATA / "in_scope.txt").read_text(encoding="utf-8").splitlines()
    return list(dict.fromkeys([row["question"] for row in rows] + more))


def outside_of_training() -> list[str]:
    """Questions and orders of that kind that the encoder was not trained on."""
    more = (DATA / "out_of_scope_apart.txt").read_text(encoding="utf-8").splitlines()
    return outside_questions()[1::2] + more


def outside_asked_of(name: str) -> list[str]:
    """Such questions and orders on the service of one policy, which the encoder never saw."""
    rows = _rows(DATA / "out_of_scope_asked.jsonl")
    return [row["q"] for row in rows if row["policy"] == name]


def _load(folder: Path, library: Library, name: str) -> TrainingPolicy:
    version = library.version(library.policy(name).versions[-1])
    units = _unit_spans(version.text, folder / "units" / f"{name}.tsv")
    return TrainingPolicy(
        name,
        FAMILIES.get(name, name),
        version,
        tuple(_questions(folder / "questions" / f"{name}.jsonl", units)),
        tuple(_verdicts(folder / "verdicts" / f"{name}.jsonl", units)),
    )


def _questions(path: Path, units: Mapping[int, Span]) -> Iterator[TrainingQuestion]:
    for row in _rows(path):
        gold = tuple(units[u] for u in row["u"] if u in units)
        if row["u"] and not gold:
            continue
        partial = tuple(units[u] for u in row["p"] if u in units)
        yield TrainingQuestion(row["q"], row["k"], gold, partial, row["v"], _history(row))


def _verdicts(path: Path, units: Mapping[int, Span]) -> Iterator[PassageVerdict]:
    for row in _rows(path) if path.exists() else ():
        if row["u"] in units:
            span = units[row["u"]]
            yield PassageVerdict(row["q"], span, row["v"], _history(row), row.get("w", False))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _history(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["h"],) if "h" in row else ()


def _unit_spans(text: str, path: Path) -> dict[int, Span]:
    """Where each numbered unit stands in the text; markup and punctuation are seen through."""
    offsets = _visible_offsets(text)
    visible = "".join(text[i].casefold()[0] for i in offsets)
    spans: dict[int, Span] = {}
    position = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        number, _, words = line.split("\t", 2)
        letters = "".join(c.casefold()[0] for c in words if c.isalnum())
        at = visible.find(letters, position) if letters else -1
        at = visible.find(letters) if letters and at < 0 else at
        if at >= 0:
            spans[int(number)] = Span(offsets[at], offsets[at + len(letters) - 1] + 1)
            position = at
    return spans


def _visible_offsets(text: str) -> list[int]:
    hidden = bytearray(len(text))
    for match in _HIDDEN.finditer(text):
        hidden[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    return [i for i, c in enumerate(text) if c.isalnum() and not hidden[i]]
