"""The trained weights as they are kept: in sixteen bits, without what stays MiniLM's own (I/O)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from index.encoder import POLICY_MINILM, minilm_folder
from training.network import LateEncoder
from training.verdict_network import VerdictNetwork

MODELS = Path(__file__).parent / "models"
ENCODER = MODELS / f"{POLICY_MINILM}.safetensors"
EMBEDDINGS = "transformer.embeddings."  # frozen in training


def save(model: nn.Module, path: Path) -> None:
    """Writes what training changed."""
    changed = {
        name: weight.half().contiguous()
        for name, weight in model.state_dict().items()
        if not name.startswith(EMBEDDINGS)
    }
    _write(changed, path)


def save_mean(files: Sequence[Path], path: Path) -> None:
    """Writes the mean of weights that trainings kept which began with the same ones."""
    runs = [load_file(file) for file in files]
    mean = {
        name: torch.stack([run[name].float() for run in runs]).mean(0).half() for name in runs[0]
    }
    _write(mean, path)


def _write(weights: dict[str, Tensor], path: Path) -> None:
    """A whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file(weights, part)
    part.replace(path)


def trained_encoder() -> LateEncoder:
    """The encoder and the reranker: the reference of their export."""
    model = LateEncoder.start(minilm_folder(), attention="eager")  # which the tracer follows
    _load(model, ENCODER)
    return model.eval()


def verdict_file(folder: Path) -> Path:
    """Where a training of the verdict model in `folder` keeps its weights; they do not ship."""
    return folder / "verdict.safetensors"


def trained_verdict_network(folder: Path) -> VerdictNetwork:
    """The verdict model that was trained in `folder`."""
    model = VerdictNetwork.start(minilm_folder(), attention="eager")
    _load(model, verdict_file(folder))
    return model.eval()


def _load(model: nn.Module, path: Path) -> None:
    kept = {name: weight.float() for name, weight in load_file(path).items()}
    missing, unexpected = model.load_state_dict(kept, strict=False)
    if unexpected or any(not name.startswith(EMBEDDINGS) for name in missing):
        raise ValueError(f"{path} does not fit the network: {missing} {unexpected}")
