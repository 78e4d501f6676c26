"""Trains the encoder: questions to the passages that answer them, wrong ones of the same policy.

    python -m training.encoder [--epochs 3] [--folder build/training/encoder]

Starts from all-MiniLM-L6-v2 and trains on the policies that are not HELD_APART, each batch on one
of them: its passages compete for its questions, the hardest wrong ones (found anew before every
epoch) first, and "no passage answers" competes with them. Batches of ToS;DR's quotes lie between.
Seeded; goes on after an interruption from the last whole epoch.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from index.encoder import minilm_folder
from index.retriever import READ
from training.batches import (
    QUESTIONS,
    TOSDR_BATCHES,
    Batch,
    encoder_off_topic,
    parts,
    policy_batch,
    tosdr_batch,
)
from training.data import DATA, HELD_APART, load_policies
from training.examples import Pool, pool_of
from training.looks import hard_wrong, held_apart_figures
from training.network import (
    SCALE,
    VERDICTS,
    Encoded,
    LateEncoder,
    late_scores,
    pooled_scores,
    read_scores,
)
from training.tosdr import load_tosdr

SEED = 20261124
RATE = 8e-5
HEAD_RATE = 1e-3  # of the few weights that are new
AVERAGE_DECAY = 0.99
WARM_UP = 0.1  # of all steps


def main() -> None:
    """Trains, prints the figures of every epoch on the policies held apart, and writes weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("build/training/encoder"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    pools = [pool_of(policy) for policy in load_policies()]
    trained = [pool for pool in pools if pool.name not in HELD_APART]
    apart = [pool for pool in pools if pool.name in HELD_APART]
    questions = sum(len(pool.examples) for pool in trained)
    print(f"{len(trained)} policies, {questions} questions; {len(apart)} policies held apart")
    model = LateEncoder.start(minilm_folder())
    model.fit_projection([text for pool in trained for text in pool.texts[::40]])
    Training(model, trained, apart, options.folder, options.epochs).run()


class Training:
    """The epochs, and what is kept between them."""

    def __init__(
        self,
        model: LateEncoder,
        pools: Sequence[Pool],
        apart: Sequence[Pool],
        folder: Path,
        epochs: int,
    ) -> None:
        self.model = model
        self.pools = pools
        self.apart = apart
        self.checkpoint = folder / "checkpoint.pt"
        self.epochs = epochs
        self.tosdr = load_tosdr(DATA / "tosdr")
        self.off_topic = encoder_off_topic()
        steps = epochs * (sum(-(-len(pool.examples) // QUESTIONS) for pool in pools))
        steps += epochs * TOSDR_BATCHES
        named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
        known = [p for n, p in named if n.startswith("transformer.")]
        new = [p for n, p in named if not n.startswith("transformer.")]
        groups = [
            {"params": known, "lr": RATE},
            {"params": new, "lr": HEAD_RATE, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
        # The mean over the last hundred or so steps ranks better than any one step.
        mean = get_ema_multi_avg_fn(AVERAGE_DECAY)  # type: ignore[no-untyped-call]
        self.average = AveragedModel(model, multi_avg_fn=mean)
        warm = max(1, round(WARM_UP * steps))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda n: min((n + 1) / warm, max(0.0, (steps - n) / (steps - warm)))
        )

    def run(self) -> None:
        """All epochs that are not done yet."""
        first = self._resume()
        if not first:
            self._report(0)
        for epoch in range(first, self.epochs):
            self._epoch(epoch)
            self._keep(epoch + 1)
            self._report(epoch + 1)

    def _epoch(self, epoch: int) -> None:
        draw = random.Random(SEED + epoch)
        started = time.monotonic()
        hardest = [hard_wrong(self.model, pool) for pool in self.pools]
        batches = [
            (pool, wrong, part)
            for pool, wrong in zip(self.pools, hardest, strict=True)
            for part in parts(draw, len(pool.examples))
        ]
        work: list[tuple[Pool, list[list[int]], list[int]] | None] = [*batches]
        work += [None] * TOSDR_BATCHES
        draw.shuffle(work)
        self.model.train()
        total = 0.0
        for number, one in enumerate(work, 1):
            batch = (
                tosdr_batch(draw, self.tosdr)
                if one is None
                else policy_batch(draw, *one, self.off_topic)
            )
            total += self._step(batch)
            if number % 20 == 0 or number == len(work):
                seconds = time.monotonic() - started
                left = seconds / number * (len(work) - number)
                print(
                    f"epoch {epoch + 1}: {number} of {len(work)}, loss {total / number:.3f}, "
                    f"{seconds:.0f} s, {left:.0f} s left",
                    flush=True,
                )

    def _step(self, batch: Batch) -> float:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            questions = self.model(batch.questions)
            passages = self.model(batch.texts)
        loss = self._reading_loss(batch, questions, passages)
        for scores, none in (
            (pooled_scores(questions, passages), self.model.none_pooled(questions.pooled)),
            (late_scores(questions, passages), self.model.none_late(questions.pooled)),
        ):
            loss = loss + listwise_loss(scores, none, batch.right, batch.unsure)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.schedule.step()
        self.average.update_parameters(self.model)
        return float(loss.detach())

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
        scores, verdicts = read_scores(self.model, questions, passages, rows, columns.reshape(-1))
        right = batch.right.gather(1, columns)
        unsure = batch.unsure.gather(1, columns)
        repeated = torch.zeros_like(unsure)
        repeated[:, 1:] = right[:, 1:] | (columns[:, 1:] == columns[:, :1])
        none = self.model.none_read(questions.pooled)
        loss = listwise_loss(
            scores.reshape(count, width), none, right & ~repeated, unsure | repeated
        )
        asked = [n for n, verdict in enumerate(batch.verdicts) if verdict and right[n, 0]]
        if asked:
            wanted = torch.tensor([VERDICTS.index(batch.verdicts[n] or "none") for n in asked])
            first = verdicts.reshape(count, width, -1)[asked, 0]
            loss = loss + functional.cross_entropy(first, wanted) * len(asked) / count
        return loss

    def _keep(self, epoch: int) -> None:
        state = {
            "epoch": epoch,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
        }
        beside = self.checkpoint.with_suffix(".part")
        torch.save(state, beside)
        beside.replace(self.checkpoint)

    def _resume(self) -> int:
        with suppress(FileNotFoundError):
            state = torch.load(self.checkpoint, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.schedule.load_state_dict(state["schedule"])
            print(f"going on after epoch {state['epoch']}")
            return int(state["epoch"])
        return 0

    def _report(self, epoch: int) -> None:
        averaged = self.average.module
        assert isinstance(averaged, LateEncoder)
        figures = held_apart_figures(averaged if epoch else self.model, self.apart)
        print(f"after epoch {epoch}, on policies held apart:", flush=True)
        for name, values in figures.items():
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
