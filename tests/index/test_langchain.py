"""The index as a LangChain retriever; and what must not be imported for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document

from index.build import build_index
from index.langchain import PolicyRetriever
from index.retriever import PassageIndex
from index.store import Store
from policy_text.library import Library

TEXT = """# Acme privacy policy

## Selling

We sell email 🙂 to partners.

## Cookies

- **Ours:** We use cookies.
- **Theirs:** So do they.
"""


@pytest.fixture
def passage_index(tmp_path: Path, fake_encoder: Any) -> PassageIndex:
    (tmp_path / "acme__2024-01-01.md").write_text(TEXT, encoding="utf-8")
    library, store = Library(tmp_path), Store(tmp_path / "index")
    build_index(library, fake_encoder, store)
    version = library.version(library.version_info(library.policy("acme")))
    return PassageIndex.open(version, store, fake_encoder)


def test_a_document_is_a_passage_with_its_place_in_the_policy(passage_index: PassageIndex) -> None:
    documents = PolicyRetriever(index=passage_index, k=3).invoke("Who gets my email?")

    assert len(documents) == 3
    for document in documents:
        metadata = document.metadata
        assert isinstance(document, Document)
        assert document.page_content == TEXT[metadata["start"] : metadata["end"]]
        assert (metadata["policy"], metadata["version"]) == ("acme", "2024-01-01")
        assert (metadata["section"], metadata["section_id"]) in (
            ("Selling", "selling"),
            ("Cookies", "cookies"),
        )


def test_documents_come_best_first_and_as_ranked(passage_index: PassageIndex) -> None:
    documents = PolicyRetriever(index=passage_index).invoke("cookies")
    ranking = passage_index.retrieve("cookies").ranking

    scores = [document.metadata["score"] for document in documents]
    assert scores == sorted(scores, reverse=True)
    starts = [document.metadata["start"] for document in documents]
    assert starts == [scored.passage.span.start for scored in ranking[:4]]


def test_k_is_how_many(passage_index: PassageIndex) -> None:
    assert len(PolicyRetriever(index=passage_index, k=1).invoke("cookies")) == 1


@pytest.mark.parametrize("module", ["assistant.cli", "assistant.ask", "index.langchain"])
def test_importing_loads_no_model_library(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(sys.modules))"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    loaded = set(printed.split())
    assert module in loaded
    assert not loaded & {"torch", "transformers", "sentence_transformers"}
