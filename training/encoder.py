"""Trains the encoder: questions to the passages that answer them, wrong ones of the same policy.

    python -m training.encoder [--epochs 2] [--folder build/training/encoder]

Starts from all-MiniLM-L6-v2 and trains on the policies that are not HELD_APART, each batch on one
of them: its passages compete for its questions, the hardest wrong ones (found anew before every
epoch) first, and "no passage answers" competes with them. Between them lie batches of ToS;DR's
quotes and of questions that were written for one passage each.
Trains so twice, with other seeds: the mean of both ranks better than either. Goes on after an
interruption from the last whole epoch. Writes what it learnt to
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
from training.kept import ENCODER, save, save_mean, trained_encoder
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

SEEDS = (20261124, 20261125)  # the mean of their weights is kept
RATE = 8e-5


def main() -> None:
    """Trains, prints the figures of every epoch on the policies held apart, and writes weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("build/training/encoder"))
    options = parser.parse_args()
    data = load_data()
    questions = sum(len(pool.examples) for pool in data.pools)
    print(
        f"{len(data.pools)} policies, {questions} questions; {len(data.written)} questions written "
        f"for one passage; {len(data.tosdr.quotes)} quotes; {len(data.apart)} policies held apart"
    )
    runs = [Training(seed, data, options.folder, options.epochs).run() for seed in SEEDS]
    save_mean(runs, ENCODER)
    for file in runs:
        file.unlink()
    print("the mean of all:")
    _report(options.epochs, trained_encoder(), data.apart)


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
    """The epochs of one seed, and what is kept between them."""

    def __init__(self, seed: int, data: TrainingData, folder: Path, epochs: int) -> None:
        torch.manual_seed(SEEDS[0])  # all start with the same weights: others have no mean
        self.model = model = LateEncoder.start(minilm_folder())
        model.fit_projection([text for pool in data.pools for text in pool.texts[::40]])
        torch.manual_seed(seed)
        self.seed = seed
        self.data = data
        self.epochs = epochs
        texts = [pair.text for pair in data.written]
        parts_of_them = [texts[n : n + 500] for n in range(0, len(texts), 500)]
        vectors = torch.cat([encode_all(model, part).pooled for part in parts_of_them])
        self.written = WrittenPairs(data.written, vectors)
        self.off_topic = encoder_off_topic()
        batches = sum(-(-len(pool.examples) // QUESTIONS) for pool in data.pools)
        batches += TOSDR_BATCHES + WRITTEN_BATCHES
        count = epochs * batches
        self.steps = Steps(model, count, RATE, folder / f"checkpoint-{seed}.pt")
        self.file = folder / f"{seed}-{count}.safetensors"  # more questions have another count

    def run(self) -> Path:
        """All epochs that are not done yet; the file of what was learnt."""
        if self.file.exists():
            print(f"{self.file} is there: trained already")
            self.steps.finish()
            return self.file
        first = self.steps.resume()
        if not first:
            _report(0, self.model, self.data.apart)
        averaged = self.steps.averaged
        assert isinstance(averaged, LateEncoder)
        for epoch in range(first, self.epochs):
            self._epoch(epoch)
            self.steps.keep(epoch + 1)
            _report(epoch + 1, averaged, self.data.apart)
        save(averaged, self.file)
        self.steps.finish()
        return self.file

    def _epoch(self, epoch: int) -> None:
        draw = random.Random(f"{self.seed}, {epoch}")
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
