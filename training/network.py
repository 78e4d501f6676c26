"""The encoder that is trained: MiniLM, and what late interaction adds to it (torch).

Sources: Reimers & Gurevych, Sentence-BERT, EMNLP 2019, for pooled vectors; Khattab & Zaharia,
ColBERT, SIGIR 2020, for late interaction over projected token vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

TOKEN_DIM = 128
MAX_TOKENS = 128  # in training; a passage has 45 on average
HEADS = 4
LAYERS = 2
WIDENED = 256  # of the reranker's feed-forward layers
SCALE = 20.0  # of a cosine before softmax, as in sentence-transformers' ranking losses


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """What one pass gives for n texts of at most `length` pieces.

    Attributes:
        pooled: (n, dim), unit rows.
        tokens: (n, length, TOKEN_DIM), unit rows.
        weights: (n, length); what each piece counts in a question, summing to 1.
        mask: (n, length), bool; True for pieces of words, [CLS], [SEP] and padding left out.
        length: texts are padded to so many pieces.
    """

    pooled: Tensor
    tokens: Tensor
    weights: Tensor
    mask: Tensor


class ReadingLayer(nn.Module):
    """Attention and a feed-forward layer, each over normalised input and added to it."""

    def __init__(self) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(TOKEN_DIM)
        self.query = nn.Linear(TOKEN_DIM, TOKEN_DIM)
        self.key_value = nn.Linear(TOKEN_DIM, 2 * TOKEN_DIM)
        self.out = nn.Linear(TOKEN_DIM, TOKEN_DIM)
        self.widen = nn.Sequential(
            nn.LayerNorm(TOKEN_DIM),
            nn.Linear(TOKEN_DIM, WIDENED),
            nn.GELU(),
            nn.Linear(WIDENED, TOKEN_DIM),
        )
        self.dropout = nn.Dropout(0.1)

    def forward(self, states: Tensor, mask: Tensor, *, first_only: bool) -> Tensor:
        """New states: (n, length, dim), or with `first_only` of the first alone, (n, 1, dim).

        `mask` is (n, length), bool; what is False is not looked at.
        """
        normal: Tensor = self.before_attention(states)
        asking = normal[:, :1] if first_only else normal
        keys, values = self.key_value(normal).chunk(2, dim=-1)
        query, keys, values = (_by_head(x) for x in (self.query(asking), keys, values))
        likeness = query @ keys.transpose(-1, -2) * (HEADS / TOKEN_DIM) ** 0.5
        likeness = likeness.masked_fill(~mask[:, None, None, :], -1e4)
        seen = (likeness.softmax(-1) @ values).transpose(1, 2).flatten(2)
        states = states[:, :1] if first_only else states
        states = states + self.dropout(self.out(seen))
        states = states + self.dropout(self.widen(states))
        return states


def _by_head(states: Tensor) -> Tensor:
    return torch.unflatten(states, -1, (HEADS, TOKEN_DIM // HEADS)).transpose(1, 2)


class Reranker(nn.Module):
    """Reads the token vectors of a question and a passage together; two thin layers.

    The vectors are the encoder's, so that those of passages can be kept and nothing but these
    layers is run for a pair. Source of the split: MacAvaney et al., PreTTR, SIGIR 2020.
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.zeros(1, 1, TOKEN_DIM))
        self.segment = nn.Embedding(2, TOKEN_DIM)
        self.likeness = nn.Linear(2, TOKEN_DIM)  # of a token to its best match; its weight
        self.whole = nn.Linear(2, TOKEN_DIM)  # pooled and late scores
        self.layers = nn.ModuleList([ReadingLayer() for _ in range(LAYERS)])
        self.norm = nn.LayerNorm(TOKEN_DIM)
        self.score = nn.Linear(TOKEN_DIM, 1)
        nn.init.zeros_(self.score.weight)
        nn.init.zeros_(self.score.bias)

    def forward(
        self,
        question: Tensor,
        question_mask: Tensor,
        weights: Tensor,
        passage: Tensor,
        passage_mask: Tensor,
        whole: Tensor,
    ) -> Tensor:
        """What to add to a late score, (n,).

        Args:
            question: (n, q, TOKEN_DIM), unit rows.
            question_mask: (n, q), bool.
            weights: (n, q), what each token of the question counts.
            passage: (n, p, TOKEN_DIM), unit rows.
            passage_mask: (n, p), bool.
            whole: (n, 2): pooled and late scores.
        """
        like = question @ passage.transpose(1, 2)
        of_question = like.masked_fill(~passage_mask.unsqueeze(1), -1.0).amax(2)
        of_passage = like.masked_fill(~question_mask.unsqueeze(2), -1.0).amax(1)
        of_question = torch.stack([of_question, weights * 10], dim=-1)
        of_passage = torch.stack([of_passage, torch.zeros_like(of_passage)], dim=-1)
        root = TOKEN_DIM**0.5
        parts = [
            self.first + self.whole(whole).unsqueeze(1),
            question * root + self.segment.weight[0] + self.likeness(of_question),
            passage * root + self.segment.weight[1] + self.likeness(of_passage),
        ]
        mask = torch.cat([torch.ones_like(question_mask[:, :1]), question_mask, passage_mask], 1)
        states = torch.cat(parts, dim=1)
        for n, layer in enumerate(self.layers):
            states = layer(states, mask, first_only=n == LAYERS - 1)
        score: Tensor = self.score(self.norm(states[:, 0]))
        return score.squeeze(-1)


class LateEncoder(nn.Module):
    """A transformer whose pooled vectors and whose token vectors both rank passages."""

    def __init__(self, transformer: nn.Module, tokenizer: object, dim: int) -> None:
        super().__init__()
        self.transformer = transformer
        self.tokenizer = tokenizer
        self.project = nn.Linear(dim, TOKEN_DIM, bias=False)
        self.weigh = nn.Linear(dim, 1)
        self.none_pooled = nn.Linear(dim, 1)  # the score of "no passage answers"
        self.none_late = nn.Linear(dim, 1)
        self.none_read = nn.Linear(dim, 1)
        self.reranker = Reranker()
        nn.init.zeros_(self.weigh.weight)
        nn.init.ones_(self.weigh.bias)
        for layer in (self.none_pooled, self.none_late, self.none_read):
            nn.init.zeros_(layer.weight)
            nn.init.constant_(layer.bias, 0.5)

    @classmethod
    def start(cls, folder: Path, attention: str = "sdpa") -> LateEncoder:
        """The weights of `folder`; token vectors projected on their principal directions."""
        transformer = AutoModel.from_pretrained(folder, attn_implementation=attention)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = cls(transformer, tokenizer, transformer.config.hidden_size)
        transformer.embeddings.requires_grad_(False)  # 12 of 23 million weights, seldom touched
        return model

    @torch.no_grad()
    def fit_projection(self, texts: Sequence[str]) -> None:
        """Sets the projection to the principal directions of the tokens of `texts`."""
        hidden, _, words = self._hidden(texts, MAX_TOKENS)
        rows = functional.normalize(hidden[words].float(), dim=-1)
        _, _, directions = torch.linalg.svd(rows, full_matrices=False)
        self.project.weight.copy_(directions[:TOKEN_DIM])

    def forward(self, texts: Sequence[str], max_tokens: int = MAX_TOKENS) -> Encoded:
        """Texts to vectors."""
        return self.encoded(*self._hidden(texts, max_tokens))

    def encoded(self, hidden: Tensor, mask: Tensor, words: Tensor) -> Encoded:
        """The transformer's states to vectors.

        Args:
            hidden: (n, length, dim).
            mask: (n, length); 0 for padding.
            words: (n, length), bool; False also for [CLS] and [SEP].
        """
        kept = mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * kept).sum(1) / kept.sum(1)
        raw = functional.softplus(self.weigh(hidden)).squeeze(-1).float() * words
        return Encoded(
            functional.normalize(pooled.float(), dim=-1),
            functional.normalize(self.project(hidden).float(), dim=-1),
            raw / raw.sum(1, keepdim=True).clamp(min=1e-6),
            words,
        )

    def _hidden(self, texts: Sequence[str], max_tokens: int) -> tuple[Tensor, Tensor, Tensor]:
        batch = self.tokenizer(  # type: ignore[operator]
            list(texts), padding=True, truncation=True, max_length=max_tokens, return_tensors="pt"
        )
        hidden = self.transformer(**batch).last_hidden_state
        mask = batch["attention_mask"]
        special = torch.tensor(self.tokenizer.all_special_ids)  # type: ignore[attr-defined]
        return hidden, mask, mask.bool() & ~torch.isin(batch["input_ids"], special)


def joined(parts: Sequence[Encoded], order: Sequence[int]) -> Encoded:
    """Several encodings as one; row i of `parts`, one below the other, becomes row order[i]."""
    longest = max(part.mask.shape[1] for part in parts)
    rows = torch.tensor(order).argsort()

    def stacked(name: str) -> Tensor:
        padded: list[Tensor] = []
        for part in parts:
            values: Tensor = getattr(part, name)
            if name != "pooled":
                missing = longest - values.shape[1]
                ends = (0, missing) if values.dim() == 2 else (0, 0, 0, missing)
                values = functional.pad(values, ends)
            padded.append(values)
        return torch.cat(padded)[rows]

    return Encoded(stacked("pooled"), stacked("tokens"), stacked("weights"), stacked("mask"))


def pooled_scores(questions: Encoded, passages: Encoded) -> Tensor:
    """Cosines, shape (n_questions, n_passages)."""
    return questions.pooled @ passages.pooled.T


def late_scores(questions: Encoded, passages: Encoded) -> Tensor:
    """Weighted MaxSim, shape (n_questions, n_passages), in [-1, 1]."""
    n, length, dim = passages.tokens.shape
    flat = questions.tokens.reshape(-1, dim) @ passages.tokens.reshape(-1, dim).T
    flat = flat.masked_fill(~passages.mask.reshape(-1), -1.0)
    best = flat.reshape(-1, n, length).amax(-1)
    best = best.reshape(len(questions.tokens), -1, n)
    return (best * questions.weights.unsqueeze(-1)).sum(1)


def read_scores(
    model: LateEncoder, questions: Encoded, passages: Encoded, rows: Tensor, columns: Tensor
) -> Tensor:
    """The reranker's scores, (n,), of pairs of a question and a passage.

    Args:
        model: whose reranker reads.
        questions: encoded.
        passages: encoded.
        rows: (n,), the question of each pair.
        columns: (n,), the passage of each pair.
    """
    pooled = pooled_scores(questions, passages)[rows, columns]
    late = late_scores(questions, passages)[rows, columns]
    added: Tensor = model.reranker(
        questions.tokens[rows],
        questions.mask[rows],
        questions.weights[rows],
        passages.tokens[columns],
        passages.mask[columns],
        torch.stack([pooled, late], dim=1).detach(),
    )
    return late + added / SCALE
