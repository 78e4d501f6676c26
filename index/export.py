"""all-MiniLM-L6-v2 from its torch weights to one ONNX file. Imports torch: never while serving."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from transformers import AutoModel, PreTrainedModel
from transformers.utils import logging

OPSET = 17


class _WithPooling(torch.nn.Module):
    """The transformer, mean pooling and normalisation, as sentence-transformers applies them."""

    def __init__(self, transformer: PreTrainedModel) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = self.transformer(input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
        pooled = (tokens * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(pooled, dim=-1), tokens


def export_minilm(folder: Path, target: Path) -> None:
    """Writes `target`, which takes word-piece ids and gives the vectors of texts and tokens.

    Inputs: input_ids and attention_mask, int64 (n, length). Outputs: sentences, float32 (n, dim),
    unit rows; tokens, float32 (n, length, dim).
    """
    # Loading takes a second; transformers leaves this function without annotations.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model = _WithPooling(AutoModel.from_pretrained(folder, attn_implementation="eager")).eval()
    example = (torch.ones(2, 8, dtype=torch.long), torch.ones(2, 8, dtype=torch.long))
    axes = {0: "n", 1: "length"}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the tracer warns of constants that are constant
        torch.onnx.export(
            model,
            example,
            str(target),
            input_names=["input_ids", "attention_mask"],
            output_names=["sentences", "tokens"],
            dynamic_axes={
                "input_ids": axes,
                "attention_mask": axes,
                "sentences": {0: "n"},
                "tokens": axes,
            },
            opset_version=OPSET,
            dynamo=False,
        )
