"""An interrupted training goes on as if it had not been."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from training.steps import Steps

EPOCHS, STEPS = 3, 4


class Line(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.transformer = nn.Linear(2, 2)
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.dropout(self.transformer(x)))


def train(file: Path, epochs: int) -> Line:
    torch.manual_seed(0)
    model = Line()
    steps = Steps(model, EPOCHS * STEPS, 0.1, file)
    for epoch in range(steps.resume(), epochs):
        for _ in range(STEPS):
            steps.step(model(torch.ones(1, 2)).square().sum())
        steps.keep(epoch + 1)
    averaged = steps.averaged
    assert isinstance(averaged, Line)
    return averaged


def test_resumed_training_gives_the_same_weights(tmp_path: Path) -> None:
    whole = train(tmp_path / "whole.pt", EPOCHS)
    train(tmp_path / "halves.pt", 1)
    resumed = train(tmp_path / "halves.pt", EPOCHS)

    for name, weight in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], weight, msg=name)
    assert not list(tmp_path.glob("*.part"))


def test_a_training_that_is_through_learns_nothing_more(tmp_path: Path) -> None:
    once = train(tmp_path / "once.pt", EPOCHS)
    again = train(tmp_path / "once.pt", EPOCHS)

    for name, weight in once.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], weight, msg=name)
