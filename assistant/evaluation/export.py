"""Located questions to the files that ragas, deepeval and we ourselves read.

Verified with ragas 0.4.3 (`EvaluationDataset.from_jsonl`) and deepeval 4.3.1
(`EvaluationDataset().add_goldens_from_json_file`). Both files are ASCII: ragas opens its own with
the encoding of the system.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from assistant.evaluation.locate import LocatedQuestion, places
from assistant.evaluation.questions import UNNAMED_KIND
from policy_text import PolicyVersion, Span

NOT_ANSWERED = "This policy does not say."


def export_ragas(located: Sequence[LocatedQuestion]) -> str:
    """JSON Lines, one SingleTurnSample each; ragas ignores the keys that it does not know.

    The contexts of a question that the policy does not answer are an empty list.
    """
    return _json_lines(
        {
            "user_input": _asked(one),
            "reference": _reference(one),
            "reference_contexts": _quotes(one),
            "reference_context_ids": [_place(one.version, span) for span in _outermost(one.gold)],
            "query_style": one.question.kind,
            **_origin(one),
        }
        for one in located
    )


def export_deepeval(located: Sequence[LocatedQuestion]) -> str:
    """A JSON array of Goldens, under the names that deepeval expects by default."""
    goldens = [
        {
            "name": str(one.question.id),
            "input": _asked(one),
            "expected_output": _reference(one),
            "context": _quotes(one),
            "source_file": f"{one.version.policy.id} {one.version.info.version}",
            "additional_metadata": {
                **_origin(one),
                "kind": one.question.kind,
                "answerable": one.question.answerable,
                "verdict": one.question.verdict,
                "history": list(one.question.history),
                "context_ids": [_place(one.version, span) for span in _outermost(one.gold)],
            },
        }
        for one in located
    ]
    return json.dumps(goldens, indent=1) + "\n"


def export_jsonl(located: Sequence[LocatedQuestion]) -> str:
    """JSON Lines with judgements, as this package reads them.

    Evidence is a quote where each place of the text at which it stands is gold, and otherwise its
    offsets. The version is named where the set names it, it is not the newest, or there are
    offsets.
    """
    return _json_lines((_own_line(one) for one in located), ensure_ascii=False)


EXPORTS: Mapping[str, Callable[[Sequence[LocatedQuestion]], str]] = MappingProxyType(
    {"ragas": export_ragas, "deepeval": export_deepeval, "jsonl": export_jsonl}
)


# --- what both evaluators want -------------------------------------------------------------------


def _asked(located: LocatedQuestion) -> str:
    """The question; of a follow-up the earlier ones too, without which it cannot be understood."""
    return "\n".join((*located.question.history, located.question.question))


def _reference(located: LocatedQuestion) -> str:
    """All that answers, in the policy's words, or the sentence that it does not say."""
    if not located.question.answerable:
        return NOT_ANSWERED
    verdict = {"yes": ["Yes."], "no": ["No."]}.get(located.question.verdict or "", [])
    return "\n".join([*verdict, *_quotes(located)])


def _quotes(located: LocatedQuestion) -> list[str]:
    """The words of the gold spans, each once, in the set's order."""
    quotes = (located.version.quote(span) for span in _outermost(located.gold))
    return list(dict.fromkeys(quotes))


def _outermost(gold: Sequence[Span]) -> list[Span]:
    """The spans that lie in no other."""
    return [
        span
        for span in gold
        if not any(
            other != span and other.start <= span.start and span.end <= other.end for other in gold
        )
    ]


def _origin(located: LocatedQuestion) -> dict[str, Any]:
    version = located.version
    return {
        "id": located.question.id,
        "policy": version.policy.id,
        "version": version.info.version,
    }


def _place(version: PolicyVersion, span: Span) -> str:
    """What a BEIR set without a corpus calls these characters."""
    return f"{version.policy.id}/{version.info.version}/{span.start}-{span.end}"


# --- our own form --------------------------------------------------------------------------------


def _own_line(located: LocatedQuestion) -> dict[str, Any]:
    question, version = located.question, located.version
    evidence = _evidence(located)
    has_offsets = any(isinstance(entry, dict) for entry in evidence)
    is_newest = version.info == version.policy.versions[-1]
    fields: dict[str, Any] = {"id": question.id}
    if question.kind != UNNAMED_KIND:
        fields["kind"] = question.kind
    fields["question"] = question.question
    if question.history:
        fields["history"] = list(question.history)
    fields["policy"] = version.policy.id
    if question.version or has_offsets or not is_newest:
        fields["version"] = version.info.version
    fields |= {"answerable": question.answerable, "verdict": question.verdict}
    return {**fields, "evidence": evidence}


def _evidence(located: LocatedQuestion) -> list[str | dict[str, int]]:
    gold = set(located.gold)
    found: dict[str | Span, None] = {}
    for span in located.gold:
        quote = located.version.quote(span)
        if quote.strip() and set(places(located.version.text, quote)) <= gold:
            found[quote] = None
        else:
            found[span] = None
    return [{"start": one.start, "end": one.end} if isinstance(one, Span) else one for one in found]


def _json_lines(objects: Iterable[Mapping[str, Any]], *, ensure_ascii: bool = True) -> str:
    return "".join(json.dumps(fields, ensure_ascii=ensure_ascii) + "\n" for fields in objects)
