"""The export gives the vectors of the trained model, and reads texts of 256 tokens."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant import Assistant
from index.encoder import (
    FUNCTION_WORD_WEIGHT,
    MAX_TOKENS,
    MINILM,
    MODELS,
    POLICY_MINILM,
    Encoder,
    EncoderError,
    OnnxEncoder,
    SentenceTransformerEncoder,
    serving_encoder,
    token_weights,
)

REPOSITORY = Path(__file__).parents[2]

LONG = "We keep your location for as long as it is needed. " * 18  # 200 tokens or so
TEXTS = (
    "Do you sell my data?",
    "We do not sell your personal information.",
    "Cookies are small files that your browser keeps.",
    "You may ask us to delete your account at any time.",
    "Wir verkaufen Ihre Daten nicht – niemals 🙂.",
    "Children under 13 may not use the service.",
    "?",
    LONG,
)


@pytest.fixture(scope="module")
def onnx() -> Encoder:
    return serving_encoder(POLICY_MINILM)


@pytest.fixture(scope="module")
def plain() -> Encoder:
    return serving_encoder(MINILM)


def test_what_ships_is_served_by_onnx(onnx: Encoder) -> None:
    assert isinstance(onnx, OnnxEncoder)


@pytest.mark.parametrize(
    "name", ["encoder.onnx", "reranker.onnx", "verdict.onnx", "tokenizer.json"]
)
def test_the_files_that_ship_are_those_of_the_export(name: str) -> None:
    folder = MODELS / POLICY_MINILM
    sums = json.loads((folder / "sums.json").read_text(encoding="utf-8"))

    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sums[name]


def test_the_files_that_ship_stay_small() -> None:
    folders = (MODELS, REPOSITORY / "training" / "models")
    size = sum(file.stat().st_size for folder in folders for file in folder.rglob("*.*"))

    assert size < 80e6


def test_any_model_of_sentence_transformers_encodes(plain: Encoder, onnx: Encoder) -> None:
    encoding = plain.encode(TEXTS)

    assert isinstance(plain, SentenceTransformerEncoder)
    assert plain.reranker is None
    assert plain.verdicts is None
    np.testing.assert_allclose(np.linalg.norm(encoding.sentences, axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(encoding.tokens.offsets, onnx.encode(TEXTS).tokens.offsets)
    assert len(encoding.weights) == len(encoding.tokens.vectors)
    assert not encoding.none.any()
    assert [onnx.pieces(text) for text in TEXTS] == [plain.pieces(text) for text in TEXTS]
    assert [onnx.is_word(w) for w in ("cookies", "cokies")] == [True, False]
    assert [plain.is_word(w) for w in ("cookies", "cokies")] == [True, False]
    nothing = plain.encode([])  # here, since loading takes seconds
    assert nothing.sentences.shape == nothing.tokens.vectors.shape == (0, 384)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        pytest.param(["cookies"], [1.0], id="one-word"),
        pytest.param(["sell", "data"], [1 / 2, 1 / 2], id="two-words"),
        pytest.param(["my", "data"], [0.3 / 1.3, 1 / 1.3], id="function-words-count-less"),
        pytest.param(["data", "?"], [1.0, 0.0], id="signs-count-next-to-nothing"),
        pytest.param(["?", "!"], [1 / 2, 1 / 2], id="unless-there-is-nothing-else"),
        pytest.param([], [], id="no-words"),
    ],
)
def test_token_weights_sum_to_one(pieces: list[str], expected: list[float]) -> None:
    weights = token_weights(pieces)

    assert FUNCTION_WORD_WEIGHT == 0.3
    np.testing.assert_allclose(weights, expected, atol=1e-5)
    assert float(weights.sum()) == pytest.approx(1.0 if pieces else 0.0)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Don't you sell e-mail-addresses?", id="signs"),
        pytest.param("", id="empty"),
        pytest.param("🙂 مرحبا", id="emoji-and-right-to-left"),
        pytest.param("data " * 1000, id="longer-than-the-model-reads"),
    ],
)
def test_there_is_one_token_vector_for_each_word_piece(onnx: Encoder, text: str) -> None:
    encoding = onnx.encode(["Hello there.", text])

    count = int(encoding.tokens.offsets[2] - encoding.tokens.offsets[1])
    assert count == len(onnx.pieces(text))


def test_a_text_is_cut_at_256_tokens_and_not_at_128(onnx: Encoder) -> None:
    kept, cut = "data " * 150, "data " * 1000
    base = onnx.encode([kept, kept + "children"]).sentences

    assert len(onnx.pieces(kept)) == 150
    assert len(onnx.pieces(cut)) == MAX_TOKENS - 2  # without [CLS] and [SEP]
    assert base[0] @ base[1] < 1 - 1e-4


def test_padding_does_not_change_a_vector(onnx: Encoder) -> None:
    together, alone = onnx.encode(TEXTS), onnx.encode(TEXTS[:1])

    np.testing.assert_allclose(together.sentences[0], alone.sentences[0], atol=1e-5)
    count = int(alone.tokens.offsets[1])
    np.testing.assert_allclose(
        together.tokens.vectors[:count], alone.tokens.vectors[:count], atol=1e-5
    )


def test_the_rows_are_unit_vectors_in_the_order_of_the_texts(onnx: Encoder) -> None:
    texts = [*TEXTS * 5]  # several batches, sorted by length inside
    encoding = onnx.encode(texts)

    assert encoding.sentences.dtype == encoding.tokens.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(encoding.sentences, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(encoding.tokens.vectors, axis=1), 1.0, atol=1e-5)
    for number in range(len(TEXTS)):
        cosine = encoding.sentences[number] @ encoding.sentences[number + len(TEXTS)]
        assert cosine == pytest.approx(1.0, abs=1e-4)


def test_progress_counts_every_text_once(onnx: Encoder) -> None:
    heard: list[int] = []
    onnx.encode(TEXTS * 5, progress=heard.append)

    assert sum(heard) == 5 * len(TEXTS)


def test_no_texts_give_no_vectors(onnx: Encoder) -> None:
    encoding = onnx.encode([])

    assert len(encoding.sentences) == len(encoding.tokens.vectors) == 0
    assert encoding.tokens.offsets.tolist() == [0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("sums.json", None, id="no-sums"),
        pytest.param("tokenizer.json", None, id="no-tokenizer"),
        pytest.param("tokenizer.json", b"{", id="half-a-tokenizer"),
        pytest.param("tokenizer.json", b"{}", id="another-tokenizer"),
        pytest.param("encoder.onnx", None, id="no-encoder"),
        pytest.param("encoder.onnx", b"", id="empty-encoder"),
        pytest.param("encoder.onnx", b"version https://git-lfs\n", id="pointer-to-an-encoder"),
        pytest.param("reranker.onnx", None, id="no-reranker"),
        pytest.param("reranker.onnx", b"\0" * 999, id="damaged-reranker"),
        pytest.param("verdict.onnx", None, id="no-verdict-model"),
    ],
)
def test_a_damaged_model_is_named(tmp_path: Path, name: str, content: bytes | None) -> None:
    folder = tmp_path / POLICY_MINILM
    shutil.copytree(MODELS / POLICY_MINILM, folder)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)

    with pytest.raises(EncoderError, match=rf"{name} is missing or damaged\. Install"):
        use_all_of(OnnxEncoder(folder))


def use_all_of(encoder: OnnxEncoder) -> None:
    assert encoder.id
    vectors = encoder.encode(["Do you sell data?"]).tokens.vectors
    weights = np.full(len(vectors), 1 / len(vectors), dtype=np.float32)
    encoder.reranker.read(vectors, weights, [vectors], np.zeros((1, 2), np.float32))
    encoder.verdicts.read("Do you sell data?", "We never sell data.")


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    encoder = serving_encoder(str(tmp_path / "gone"))

    with pytest.raises(EncoderError, match=r"gone cannot be loaded: .*--model"):
        encoder.encode(["x"])


def test_the_runtime_leaves_no_telemetry_on_disk(tmp_path: Path, assistant: Assistant) -> None:
    subprocess.run(
        [sys.executable, "-m", "assistant.cli", "ask", "Do you sell my data?"],
        env={**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        check=True,
        capture_output=True,
    )
    assert not [path for path in tmp_path.rglob("*") if "onnxruntime" in path.name]
