"""The verdict model that is trained: a question and a passage read together (torch).

Source: Nogueira & Cho, Passage Re-ranking with BERT, 2019, for cross-encoders; Clark et al.,
BoolQ, NAACL 2019, for yes/no questions as a reading task.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

from index.verdicts import MAX_TOKENS, VERDICTS


class VerdictNetwork(nn.Module):
    """A transformer over question and passage, and what its first state says of the two.

    It also learns whether the passage answers at all: that teaches it to read, and is not served.
    """

    def __init__(self, transformer: nn.Module, tokenizer: object, dim: int) -> None:
        super().__init__()
        self.transformer = transformer
        self.tokenizer = tokenizer
        self.shared = nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.Dropout(0.1))
        self.verdict = nn.Linear(dim, len(VERDICTS))
        self.answers = nn.Linear(dim, 1)

    @classmethod
    def start(cls, folder: Path, attention: str = "sdpa") -> VerdictNetwork:
        """The weights of `folder`, whose embeddings are not trained."""
        transformer = AutoModel.from_pretrained(folder, attn_implementation=attention)
        transformer.embeddings.requires_grad_(False)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        return cls(transformer, tokenizer, transformer.config.hidden_size)

    def forward(self, questions: Sequence[str], passages: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Logits of VERDICTS, shape (n, 3), and of "the passage answers", shape (n,).

        The longer of question and passage is cut.
        """
        batch = self.tokenizer(  # type: ignore[operator]
            list(questions), list(passages), padding=True, truncation="longest_first",
            max_length=MAX_TOKENS, return_tensors="pt",
        )  # fmt: skip
        state = self.read(batch["input_ids"], batch["attention_mask"], batch["token_type_ids"])
        return self.verdict(state), self.answers(state).squeeze(-1)

    def read(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """The state of each pair of word pieces, (n, dim); each argument is (n, length)."""
        hidden = self.transformer(
            input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        state: Tensor = self.shared(hidden[:, 0])
        return state
