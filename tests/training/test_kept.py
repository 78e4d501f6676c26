"""What is kept of a training."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from training.kept import save, save_mean


def _filled(value: float) -> nn.Linear:
    layer = nn.Linear(2, 1)
    nn.init.constant_(layer.weight, value)
    nn.init.constant_(layer.bias, -value)
    return layer


def test_the_mean_of_two_trainings_is_kept(tmp_path: Path) -> None:
    files = [tmp_path / "one.safetensors", tmp_path / "two.safetensors"]
    for file, value in zip(files, (1.0, 2.0), strict=True):
        save(_filled(value), file)

    save_mean(files, tmp_path / "kept" / "mean.safetensors")

    mean = load_file(tmp_path / "kept" / "mean.safetensors")
    assert mean["weight"].tolist() == [[1.5, 1.5]]
    assert mean["bias"].tolist() == [-1.5]
    assert mean["weight"].dtype == torch.float16
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["mean.safetensors"]
