"""How the encoder ranks: its hardest mistakes, and its figures on policies held apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor

from index.retriever import READ
from training.examples import Pool
from training.network import (
    Encoded,
    LateEncoder,
    joined,
    late_scores,
    pooled_scores,
    read_scores,
)

TOGETHER = 32  # texts that are encoded at a time when no gradient is wanted
HARDEST = 15  # wrong passages are drawn from so many


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How one kind of score ranks the passages for a question.

    Attributes:
        right: whether each of the first three passages answers.
        margin: how far the first is above "no passage answers".
    """

    is_answerable: bool
    right: list[bool]
    margin: float


@torch.no_grad()
def held_apart_figures(model: LateEncoder, pools: Sequence[Pool]) -> dict[str, dict[str, float]]:
    """First right, one of three right, and AUC of answerable questions, by kind of score."""
    looks: dict[str, list[Look]] = {"pooled": [], "late": [], "read": []}
    for pool in pools:
        passages = encode_all(model, pool.texts)
        questions = encode_all(model, [example.question for example in pool.examples])
        pooled, late = pooled_scores(questions, passages), late_scores(questions, passages)
        read = reread(model, questions, passages, late)
        nones = (model.none_pooled, model.none_late, model.none_read)
        for name, scores, none in zip(looks, (pooled, late, read), nones, strict=True):
            margins = scores.amax(1) - none(questions.pooled).squeeze(1)
            top = scores.argsort(dim=1, descending=True)[:, :3].tolist()
            for example, row, margin in zip(pool.examples, top, margins.tolist(), strict=True):
                right = [t in example.right for t in row]
                looks[name].append(Look(bool(example.right), right, margin))
    return {name: _figures(of_name) for name, of_name in looks.items()}


@torch.no_grad()
def reread(model: LateEncoder, questions: Encoded, passages: Encoded, late: Tensor) -> Tensor:
    """Scores after the best READ of each question were read: (n_questions, n_passages).

    Those that were not read stay below those that were.
    """
    columns = late.topk(min(READ, late.shape[1]), dim=1).indices
    count, width = columns.shape
    rows = torch.arange(count).repeat_interleave(width)
    read = read_scores(model, questions, passages, rows, columns.reshape(-1))
    return (late - 2.0).scatter(1, columns, read.reshape(count, width))


def _figures(looks: Sequence[Look]) -> dict[str, float]:
    answerable = [look for look in looks if look.is_answerable]
    return {
        "first": float(np.mean([look.right[0] for look in answerable])),
        "of three": float(np.mean([any(look.right) for look in answerable])),
        "AUC": float(
            roc_auc_score([look.is_answerable for look in looks], [look.margin for look in looks])
        ),
    }


def hard_wrong(model: LateEncoder, pool: Pool) -> list[list[int]]:
    """For each question of a pool its HARDEST wrong texts, the hardest first."""
    passages = encode_all(model, pool.texts)
    questions = encode_all(model, [example.question for example in pool.examples])
    scores = pooled_scores(questions, passages) + late_scores(questions, passages)
    result: list[list[int]] = []
    for example, row in zip(
        pool.examples, scores.argsort(dim=1, descending=True).tolist(), strict=True
    ):
        left_out = set(example.right) | example.unsure
        result.append([t for t in row if t not in left_out][:HARDEST])
    return result


@torch.no_grad()
def encode_all(model: LateEncoder, texts: Sequence[str], *, autocast: bool = True) -> Encoded:
    """Texts in their order, encoded in batches of like length, in sixteen bits if `autocast`."""
    model.eval()
    order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), i))
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        parts = [
            model([texts[i] for i in order[n : n + TOGETHER]])
            for n in range(0, len(order), TOGETHER)
        ]
    return joined(parts, order)
