"""Trains the encoder: questions to the passages that answer them, wrong ones of the same policy.

    python -m training.encoder [--epochs 2] [--folder build/training/encoder]

Starts from all-MiniLM-L6-v2 and trains on the policies that are not HELD_APART, each batch on one
of them: its passages compete for its questions, the hardest wrong ones (found anew before every
epoch) first, and "no passage answers" competes with them. Between them lie batches of ToS;DR's
quotes and of questions that were written for one passage each.
Seeded; goes on after an interruption from the last whole epoch. Writes what it learnt to
training/models/policy-minilm.safetensors.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from index.encoder import minilm_folder
from index.retriever import READ
from training.batches import (
    QUESTIONS,
    TOSDR_BATCHES,
    WRITTEN_BATCHES,
    Batch,
    WrittenPairs,
    encoder_off_topic,
    parts,
    policy_batch,
    tosdr_batch,
    written_batch,
)
from training.data import DATA, HELD_APART, load_policies
from training.examples import Pair, Pool, pairs_of, pool_of
from training.kept import ENCODER, save
from training.looks import encode_all, hard_wrong, held_apart_figures
from training.network import (
    SCALE,
    Encoded,
    LateEncoder,
    late_scores,
    pooled_scores,
    read_scores,
)
from training.steps import Steps
from training.tosdr import Tosdr, load_tosdr

SEED = 20261124
RATE = 8e-5


def main() -> None:
    """Trains, prints the figures of every epoch on the policies held apart, and writes weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("build/training/encoder"))
    options = parser.parse_args()
    torch.manual_seed(SEED)
    data = load_data()
    questions = sum(len(pool.examples) for pool in data.pools)
    print(
        f"{len(data.pools)} policies, {questions} questions; {len(data.written)} questions written "
        f"for one passage; {len(data.tosdr.quotes)} quotes; {len(data.apart)} policies held apart"
    )
    model = LateEncoder.start(minilm_folder())
    model.fit_projection([text for pool in data.pools for text in pool.texts[::40]])
    Training(model, data, options.folder, options.epochs).run()


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """What the encoder learns from, and the policies that it is looked at with."""

    pools: Sequence[Pool]
    apart: Sequence[Pool]
    written: Sequence[Pair]
    tosdr: Tosdr


def load_data() -> TrainingData:
    """All of it; nothing that stands in a policy held apart is learnt from."""
    policies = load_policies()
    trained = [policy for policy in policies if policy.name not in HELD_APART]
    apart = [policy for policy in policies if policy.name in HELD_APART]
    written = [
        pair
        for policy in trained
        for pair in pairs_of(policy)
        if pair.is_written and pair.verdict != "none"
    ]
    return TrainingData(
        [pool_of(policy) for policy in trained],
        [pool_of(policy) for policy in apart],
        written,
        load_tosdr(DATA / "tosdr", without=[policy.version.text for policy in apart]),
    )


class Training:
    """The epochs, and what is kept between them."""

    def __init__(self, model: LateEncoder, data: TrainingData, folder: Path, epochs: int) -> None:
        self.model = model
        self.data = data
        self.epochs = epochs
        texts = [pair.text for pair in data.written]
        parts_of_them = [texts[n : n + 500] for n in range(0, len(texts), 500)]
        vectors = torch.cat([encode_all(model, part).pooled for part in parts_of_them])
        self.written = WrittenPairs(data.written, vectors)
        self.off_topic = encoder_off_topic()
        batches = sum(-(-len(pool.examples) // QUESTIONS) for pool in data.pools)
        batches += TOSDR_BATCHES + WRITTEN_BATCHES
        self.steps = Steps(model, epochs * batches, RATE, folder / "checkpoint.pt")

    def run(self) -> None:
        """All epochs that are not done yet."""
        first = self.steps.resume()
        if not first:
            _report(0, self.model, self.data.apart)
        averaged = self.steps.averaged
        assert isinstance(averaged, LateEncoder)
        for epoch in range(first, self.epochs):
            self._epoch(epoch)
            self.steps.keep(epoch + 1)
            _report(epoch + 1, averaged, self.data.apart)
        save(averaged, ENCODER)
        self.steps.finish()

    def _epoch(self, epoch: int) -> None:
        draw = random.Random(SEED + epoch)
        hardest = [hard_wrong(self.model, pool) for pool in self.data.pools]
        work: list[Callable[[], Batch]] = [
            partial(policy_batch, draw, pool, wrong, part, self.off_topic)
            for pool, wrong in zip(self.data.pools, hardest, strict=True)
            for part in parts(draw, len(pool.examples))
        ]
        work += [partial(tosdr_batch, draw, self.data.tosdr)] * TOSDR_BATCHES
        work += [partial(written_batch, draw, self.written)] * WRITTEN_BATCHES
        draw.shuffle(work)
        self.steps.epoch(epoch + 1, work, lambda make_batch: self._loss(make_batch()))

    def _loss(self, batch: Batch) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            questions = self.model(batch.questions)
            passages = self.model(batch.texts)
        loss = self._reading_loss(batch, questions, passages)
        for scores, none in (
            (pooled_scores(questions, passages), self.model.none_pooled(questions.pooled)),
            (late_scores(questions, passages), self.model.none_late(questions.pooled)),
        ):
            loss = loss + listwise_loss(scores, none, batch.right, batch.unsure)
        return loss

    def _reading_loss(self, batch: Batch, questions: Encoded, passages: Encoded) -> Tensor:
        """The reranker's: over the best wrong passages and a right one of each question."""
        with torch.no_grad():
            late = late_scores(questions, passages)
            chance = torch.rand_like(late) * batch.right
            best_right = chance.argmax(1, keepdim=True)
            wrong = late.masked_fill(batch.right | batch.unsure, -2.0)
            columns = torch.cat([best_right, wrong.topk(min(READ - 1, wrong.shape[1])).indices], 1)
        count, width = columns.shape
        rows = torch.arange(count).repeat_interleave(width)
        scores = read_scores(self.model, questions, passages, rows, columns.reshape(-1))
        right = batch.right.gather(1, columns)
        unsure = batch.unsure.gather(1, columns)
        repeated = torch.zeros_like(unsure)
        repeated[:, 1:] = right[:, 1:] | (columns[:, 1:] == columns[:, :1])
        none = self.model.none_read(questions.pooled)
        return listwise_loss(
            scores.reshape(count, width), none, right & ~repeated, unsure | repeated
        )


def _report(epoch: int, model: LateEncoder, apart: Sequence[Pool]) -> None:
    print(f"after epoch {epoch}, on policies held apart:", flush=True)
    for name, values in held_apart_figures(model, apart).items():
        print(f"  {name:12}" + "".join(f"  {k} {v:.3f}" for k, v in values.items()), flush=True)


def listwise_loss(scores: Tensor, none: Tensor, right: Tensor, unsure: Tensor) -> Tensor:
    """Softmax over the texts and "no text answers"; the likelihood of what is right.

    Args:
        scores: cosines, shape (n_questions, n_texts).
        none: the score of "no text answers", shape (n_questions, 1).
        right: bool, as `scores`; a question with none right is one that no text answers.
        unsure: bool, as `scores`; left out.
    """
    lowest = torch.finfo(scores.dtype).min
    logits = SCALE * torch.cat([none, scores], dim=1)
    has_none = ~right.any(dim=1, keepdim=True)
    wanted = torch.cat([has_none, right], dim=1)
    left_out = torch.cat([torch.zeros_like(has_none), unsure], dim=1)
    everything = torch.logsumexp(logits.masked_fill(left_out, lowest), dim=1)
    return (everything - torch.logsumexp(logits.masked_fill(~wanted, lowest), dim=1)).mean()


if __name__ == "__main__":
    main()
