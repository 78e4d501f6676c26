"""What every training here does alike: optimizer, schedule, mean of the weights, checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

HEAD_RATE = 1e-3  # of the few weights that are new
AVERAGE_DECAY = 0.99
WARM_UP = 0.1  # of all steps
SHOWN_EVERY = 20  # steps

Work = TypeVar("Work")


class Steps:
    """The steps of one training, linear up and down again, whole epochs of which are kept."""

    def __init__(self, model: nn.Module, count: int, rate: float, file: Path) -> None:
        """`count` steps at most `rate`; `file` is what an interrupted training goes on from."""
        self.model = model
        named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
        known = [p for n, p in named if n.startswith("transformer.")]
        new = [p for n, p in named if not n.startswith("transformer.")]
        groups = [
            {"params": known, "lr": rate},
            {"params": new, "lr": HEAD_RATE, "weight_decay": 0.0},
        ]
        self._optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
        # The mean over the last hundred or so steps ranks better than any one step.
        mean = get_ema_multi_avg_fn(AVERAGE_DECAY)  # type: ignore[no-untyped-call]
        self._average = AveragedModel(model, multi_avg_fn=mean)
        warm = max(1, round(WARM_UP * count))
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda n: min((n + 1) / warm, max(0.0, (count - n) / (count - warm)))
        )
        self._count = count
        self._file = file

    @property
    def averaged(self) -> nn.Module:
        """The model with the mean of its weights."""
        return self._average.module

    def step(self, loss: Tensor) -> float:
        """Learns from a loss, and says how large it was."""
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad()
        self._schedule.step()
        self._average.update_parameters(self.model)
        return float(loss.detach())

    def epoch(self, number: int, work: Sequence[Work], loss_of: Callable[[Work], Tensor]) -> None:
        """One step for each piece of work, with progress."""
        started = time.monotonic()
        self.model.train()
        total = 0.0
        for done, piece in enumerate(work, 1):
            total += self.step(loss_of(piece))
            if done % SHOWN_EVERY == 0 or done == len(work):
                seconds = time.monotonic() - started
                left = seconds / done * (len(work) - done)
                print(
                    f"epoch {number}: {done} of {len(work)}, loss {total / done:.3f}, "
                    f"{seconds:.0f} s, {left:.0f} s left",
                    flush=True,
                )

    def keep(self, epoch: int) -> None:
        """Writes down where training stands after so many epochs, whole or not at all."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "epoch": epoch,
            "count": self._count,
            "model": self.model.state_dict(),
            "average": self._average.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "random": torch.get_rng_state(),
        }
        beside = self._file.with_suffix(".part")
        torch.save(state, beside)
        beside.replace(self._file)

    def resume(self) -> int:
        """How many epochs an interrupted run has done, whose state is taken over; 0 if none has.

        A run of another number of steps, which other data or epochs have, is begun anew.
        """
        with suppress(FileNotFoundError):
            state = torch.load(self._file, weights_only=True)
            if state["count"] != self._count:
                print(f"{self._file} is of another training: starting anew")
                return 0
            self.model.load_state_dict(state["model"])
            self._average.load_state_dict(state["average"])
            self._optimizer.load_state_dict(state["optimizer"])
            self._schedule.load_state_dict(state["schedule"])
            torch.set_rng_state(state["random"])
            print(f"going on after epoch {state['epoch']}")
            return int(state["epoch"])
        return 0

    def finish(self) -> None:
        """Takes away what an interrupted run would go on from."""
        self._file.unlink(missing_ok=True)
