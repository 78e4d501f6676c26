"""Trains the verdict model: does a passage say yes, no or neither to a question?

    python -m training.verdicts [--epochs 2] [--folder build/training/verdicts]

Starts from the trained encoder (training/models/), and learns from policies that are not
HELD_APART: passages that somebody judged, those that three questions each were written for, those
that come near a question or that the encoder mistakes for its answer; between them, which of four
passages answers. Seeded; goes on after an interruption from the last whole epoch. Writes what it
learnt to verdict.safetensors in the folder, where training.export finds it.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from assistant.verdict import asks_yes_or_no
from index.encoder import minilm_folder
from index.verdicts import VERDICTS
from training.data import HELD_APART, load_policies
from training.examples import Example, Pair, Pool, pairs_of, pool_of
from training.kept import save, trained_encoder, verdict_file
from training.looks import hard_wrong
from training.network import LateEncoder
from training.steps import Steps
from training.verdict_network import VerdictNetwork

SEED = 20261124
RATE = 1e-4
PAIRS = 32  # a batch
SORTED_TOGETHER = 20  # batches whose pairs are sorted by length
SMOOTHING = 0.05  # of the labels, which one person each gave
CHOICES = 4  # passages of which one answers or none
CHOOSING = 8  # such questions a batch …
CHOSEN = 0.25  # … and how many of all an epoch
OPEN = 0.5  # of the found passages that leave a question open, how many an epoch
SHARES = (0.2, 0.3, 0.5)  # of the pairs with a yes or no that figures are given for


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A question, and the texts that answer it or are mistaken for its answer."""

    example: Example
    texts: Sequence[str]
    wrong: Sequence[int]


def main() -> None:
    """Trains, prints the figures of every epoch on policies held apart, and writes the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("build/training/verdicts"))
    options = parser.parse_args()
    torch.manual_seed(SEED)
    encoder = trained_encoder()
    policies = load_policies()
    trained = [policy for policy in policies if policy.name not in HELD_APART]
    choices = [c for policy in trained for c in _choices(encoder, pool_of(policy))]
    pairs = [pair for policy in trained for pair in pairs_of(policy)]
    pairs += _mistaken(choices, judged={(pair.question, pair.text) for pair in pairs})
    apart = [p for policy in policies if policy.name in HELD_APART for p in pairs_of(policy)]
    counts = Counter(pair.verdict for pair in pairs)
    print(f"{len(pairs)} pairs, {dict(counts)}; {len(choices)} questions; {len(apart)} held apart")
    model = VerdictNetwork.start(minilm_folder())
    model.transformer.load_state_dict(encoder.transformer.state_dict())
    batches = -(-len(_of_epoch(random.Random(SEED), pairs)) // PAIRS)  # as many every epoch
    batches += -(-int(CHOSEN * len(choices)) // CHOOSING)
    steps = Steps(model, options.epochs * batches, RATE, options.folder / "checkpoint.pt")
    averaged = steps.averaged
    assert isinstance(averaged, VerdictNetwork)
    for epoch in range(steps.resume(), options.epochs):
        _epoch(epoch, steps, model, pairs, choices)
        steps.keep(epoch + 1)
        print(f"after epoch {epoch + 1}, on policies held apart: {_figures(averaged, apart)}")
    save(averaged, verdict_file(options.folder))
    steps.finish()


def _choices(encoder: LateEncoder, pool: Pool) -> Iterator[Choice]:
    for example, wrong in zip(pool.examples, hard_wrong(encoder, pool), strict=True):
        if len(wrong) >= CHOICES:
            yield Choice(example, pool.texts, wrong)


def _mistaken(choices: Sequence[Choice], judged: Set[tuple[str, str]]) -> Iterator[Pair]:
    """Yes/no questions, each with the passage that the encoder mistakes most for an answer.

    Those that are `judged` already (question and text) are left out.
    """
    for choice in choices:
        example = choice.example
        if example.right and example.kind != "followup" and asks_yes_or_no(example.question):
            mistaken = choice.texts[choice.wrong[0]]
            if (example.question, mistaken) not in judged:
                yield Pair(example.question, mistaken, "none", False)


def _epoch(
    epoch: int,
    steps: Steps,
    model: VerdictNetwork,
    pairs: Sequence[Pair],
    choices: Sequence[Choice],
) -> None:
    draw = random.Random(SEED + epoch)
    some = draw.sample(choices, int(CHOSEN * len(choices)))
    work: list[list[Pair] | list[Choice]] = [*_batches(draw, _of_epoch(draw, pairs))]
    work += [some[n : n + CHOOSING] for n in range(0, len(some), CHOOSING)]
    draw.shuffle(work)

    def loss_of(batch: list[Pair] | list[Choice]) -> Tensor:
        pairs_of_it = [one for one in batch if isinstance(one, Pair)]
        if pairs_of_it:
            return _pair_loss(model, pairs_of_it)
        return _choice_loss(draw, model, [one for one in batch if isinstance(one, Choice)])

    steps.epoch(epoch + 1, work, loss_of)


def _of_epoch(draw: random.Random, pairs: Sequence[Pair]) -> list[Pair]:
    """All that say yes or no or were written for a passage, and OPEN of the others."""
    is_open = [pair.verdict == "none" and not pair.is_written for pair in pairs]
    others = [pair for pair, one in zip(pairs, is_open, strict=True) if one]
    kept = [pair for pair, one in zip(pairs, is_open, strict=True) if not one]
    return kept + draw.sample(others, int(OPEN * len(others)))


def _batches(draw: random.Random, pairs: Sequence[Pair]) -> list[list[Pair]]:
    """All pairs in batches of like length."""
    shuffled = draw.sample(pairs, len(pairs))
    batches: list[list[Pair]] = []
    together = PAIRS * SORTED_TOGETHER
    for start in range(0, len(shuffled), together):
        part = sorted(shuffled[start : start + together], key=_length)
        batches += [part[n : n + PAIRS] for n in range(0, len(part), PAIRS)]
    return batches


def _length(pair: Pair) -> int:
    return len(pair.question) + len(pair.text)


def _pair_loss(model: VerdictNetwork, batch: Sequence[Pair]) -> Tensor:
    wanted = torch.tensor([VERDICTS.index(pair.verdict) for pair in batch])
    return functional.cross_entropy(_verdicts(model, batch), wanted, label_smoothing=SMOOTHING)


def _choice_loss(draw: random.Random, model: VerdictNetwork, batch: Sequence[Choice]) -> Tensor:
    """The likelihood of a right passage, or of none, among CHOICES."""
    questions: list[str] = []
    texts: list[str] = []
    for choice in batch:
        right = [draw.choice(choice.example.right)] if choice.example.right else []
        shown = [*right, *draw.sample(choice.wrong, CHOICES - len(right))]
        questions += [choice.example.question] * CHOICES
        texts += [choice.texts[t] for t in shown]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        _, answers = model(questions, texts)
    scores = answers.float().reshape(len(batch), CHOICES)
    wanted = torch.tensor([1 if choice.example.right else 0 for choice in batch])
    none = torch.zeros(len(batch), 1)
    return functional.cross_entropy(torch.cat([none, scores], dim=1), wanted)


def _verdicts(model: VerdictNetwork, batch: Sequence[Pair]) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        verdicts, _ = model([pair.question for pair in batch], [pair.text for pair in batch])
    logits: Tensor = verdicts.float()
    return logits


@torch.no_grad()
def _figures(model: VerdictNetwork, pairs: Sequence[Pair]) -> str:
    """How many of the surest verdicts are right, at some shares of those that want one."""
    model.eval()
    in_order = sorted(pairs, key=_length)
    parts = [in_order[n : n + PAIRS] for n in range(0, len(in_order), PAIRS)]
    chances = torch.cat([_verdicts(model, part) for part in parts]).softmax(1)
    wanted = torch.tensor([VERDICTS.index(pair.verdict) for pair in in_order])
    right_at_all = float((chances.argmax(1) == wanted).float().mean())
    sure, said = chances[:, 1:].max(1)
    right = (said + 1 == wanted)[sure.argsort(descending=True)].float()
    decided = int((wanted > 0).sum())
    precision = [f"{float(right[: int(s * decided)].mean()):.3f} at {s}" for s in SHARES]
    return f"right {right_at_all:.3f}; precision {', '.join(precision)}"


if __name__ == "__main__":
    main()
