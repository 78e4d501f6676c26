"""BM25 over stems; stop words say nothing, alone or together."""

from __future__ import annotations

import pytest

from index.lexical import LexicalIndex

TEXTS = ("We delete cookies.", "We sell cookies and cookies.", "You may write to us.")


@pytest.mark.parametrize(
    ("texts", "question"),
    [
        pytest.param(("and of the", "to a"), "the cookies", id="corpus-of-stop-words"),
        pytest.param(TEXTS, "the and of", id="question-of-stop-words"),
        pytest.param(TEXTS, "helicopter", id="unknown-word"),
        pytest.param(TEXTS, "", id="empty-question"),
        pytest.param(TEXTS, "?!", id="signs"),
        pytest.param(("🙂", "…"), "cookies", id="corpus-of-signs"),
        pytest.param((), "cookies", id="empty-corpus"),
    ],
)
def test_nothing_shared_scores_zero(texts: tuple[str, ...], question: str) -> None:
    assert LexicalIndex(texts).scores(question).tolist() == [0.0] * len(texts)


def test_a_passage_scores_where_it_shares_a_word() -> None:
    scores = LexicalIndex(TEXTS).scores("selling")

    assert scores[0] == scores[2] == 0
    assert 0 < scores[1] < 1


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    index = LexicalIndex(TEXTS)

    assert index.scores("delete")[0] > index.scores("cookie")[0] > 0


def test_an_unknown_word_changes_nothing() -> None:
    index = LexicalIndex(TEXTS)

    assert index.scores("delete helicopter").tolist() == index.scores("delete").tolist()


def test_scores_stay_below_one() -> None:
    rare = "zebra yak xerus walrus vole urial tapir " * 20
    texts = [rare, *["dog"] * 500]

    assert 0.9 < LexicalIndex(texts).scores(rare)[0] < 1
