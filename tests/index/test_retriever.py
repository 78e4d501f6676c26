"""A question to a ranking: worked out by hand, the same after saving, never in hash order."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.build import build_index
from index.retriever import (
    CANDIDATES,
    LEXICAL_CANDIDATES,
    PassageIndex,
    Retrieval,
    encode_questions,
)
from index.scoring import FEATURES, RankingWeights
from index.store import DamagedIndexError, Store
from policy_text import PolicyVersion
from policy_text.library import Library

REPOSITORY = Path(__file__).parents[2]
TEXT = """# Acme privacy policy

## Selling

We sell email.

We never sell.

## Cookies

We use cookies.

We use them well.
"""


def only(*features: str) -> RankingWeights:
    values = [1.0 if name in features else 0.0 for name in FEATURES]
    return RankingWeights(np.array(values, dtype=np.float32))


def version_of(folder: Path, text: str = TEXT) -> PolicyVersion:
    folder.mkdir(exist_ok=True)
    (folder / "acme__2024-01-01.md").write_text(text, encoding="utf-8")
    library = Library(folder)
    return library.version(library.version_info(library.policy("acme")))


def opened(
    tmp_path: Path, encoder: Any, *, text: str = TEXT, weights: RankingWeights | None = None
) -> PassageIndex:
    version = version_of(tmp_path / "policies", text)
    store = Store(tmp_path / "index")
    build_index(Library(tmp_path / "policies"), encoder, store)
    return PassageIndex.open(version, store, encoder, weights=weights)


def quotes(index: PassageIndex, retrieval: Retrieval) -> list[str]:
    return [index.version.quote(scored.passage.span) for scored in retrieval.ranking]


def rows_in_policy_order(retrieval: Retrieval, feature: str) -> list[float]:
    order = np.argsort([scored.passage.position for scored in retrieval.ranking])
    column: list[float] = retrieval.features[order, FEATURES.index(feature)].tolist()
    return column


# In the order of the policy; "Selling: We sell email." has "sell" twice and "email" once.
@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        pytest.param("headed", [2 / 5**0.5, 1, 0, 0], id="headed"),
        pytest.param("introduced", [2 / 5**0.5, 1, 0, 0], id="introduced"),
        pytest.param("neighbourhood", [2 / 5**0.5, 2 / 5**0.5, 0, 0], id="neighbourhood"),
        pytest.param("section", [1, 1, 0, 0], id="section"),
        pytest.param("late", [1, 1, 0, 0], id="late"),
        pytest.param("late_reverse", [2 / 4, 2 / 4, 0, 0], id="late_reverse"),
        pytest.param("length", np.log([14, 14, 15, 17]).tolist(), id="length"),
        pytest.param("announces", [0, 0, 0, 0], id="announces"),
    ],
)
def test_features_of_a_question(
    tmp_path: Path, fake_encoder: Any, feature: str, expected: list[float]
) -> None:
    retrieval = opened(tmp_path, fake_encoder).retrieve("sell")

    assert rows_in_policy_order(retrieval, feature) == pytest.approx(expected, abs=1e-6)


def test_lexical_finds_the_words_of_the_question(tmp_path: Path, fake_encoder: Any) -> None:
    scores = rows_in_policy_order(opened(tmp_path, fake_encoder).retrieve("cookies"), "lexical")

    assert scores[:2] == [0, 0]
    assert scores[2] > scores[3] > 0  # the second has it only from its heading


def test_the_best_passage_comes_first(tmp_path: Path, fake_encoder: Any) -> None:
    index = opened(tmp_path, fake_encoder, weights=only("introduced"))

    assert quotes(index, index.retrieve("sell"))[:2] == ["We never sell.", "We sell email."]


def test_the_own_words_of_a_follow_up_count_as_much_as_its_topic(
    tmp_path: Path, fake_encoder: Any
) -> None:
    index = opened(tmp_path, fake_encoder, weights=only("introduced"))
    topic, own = encode_questions(["sell", "cookies"], fake_encoder)

    both = index.search(topic, alone=own)

    # of each passage half its cosine with "sell" and half that with "cookies"
    assert rows_in_policy_order(both, "introduced") == pytest.approx(
        [1 / 5**0.5, 1 / 2, 1 / 2, 1 / 2], abs=1e-6
    )
    assert both.looked_for == "sell"


def test_ties_stay_in_the_order_of_the_policy(tmp_path: Path, fake_encoder: Any) -> None:
    retrieval = opened(tmp_path, fake_encoder, weights=only("announces")).retrieve("sell")

    assert [scored.passage.position for scored in retrieval.ranking] == [0, 1, 2, 3]
    assert {scored.score for scored in retrieval.ranking} == {0.0}


def test_a_saved_index_ranks_as_before(tmp_path: Path, fake_encoder: Any) -> None:
    first = opened(tmp_path, fake_encoder)
    again = PassageIndex.open(first.version, Store(tmp_path / "index"), fake_encoder)

    for question in ("sell", "cookies of children?", "…"):
        assert first.retrieve(question).ranking == again.retrieve(question).ranking


def test_a_question_is_cleaned_before_it_is_looked_for(tmp_path: Path, fake_encoder: Any) -> None:
    retrieval = opened(tmp_path, fake_encoder).retrieve("Consider Acme's privacy policy; u sell?")

    assert retrieval.looked_for == "you sell?"


def test_an_index_of_other_passages_is_refused(tmp_path: Path, fake_encoder: Any) -> None:
    opened(tmp_path, fake_encoder)
    changed = version_of(tmp_path / "policies", TEXT.replace("email", "e-mail"))

    with pytest.raises(DamagedIndexError, match=r"acme__2024-01-01\. Rebuild it: .*--rebuild"):
        PassageIndex.open(changed, Store(tmp_path / "index"), fake_encoder)


def test_an_index_of_another_encoder_is_refused(tmp_path: Path, fake_encoder: Any) -> None:
    index = opened(tmp_path, fake_encoder)

    with pytest.raises(DamagedIndexError, match="--rebuild"):
        PassageIndex.open(index.version, Store(tmp_path / "index"), type(fake_encoder)("other"))


def test_a_version_that_is_not_indexed_is_a_key_error(tmp_path: Path, fake_encoder: Any) -> None:
    with pytest.raises(KeyError):
        PassageIndex.open(version_of(tmp_path / "p"), Store(tmp_path / "none"), fake_encoder)


# --- a policy of more passages than get all features ----------------------------------------------


def test_a_large_version_is_searched_among_candidates(tmp_path: Path, fake_encoder: Any) -> None:
    filler = [f"Record {number} has email in it." for number in range(CANDIDATES + 400)]
    filler[700] = "We show cookies to nobody."
    filler[-1] = "A quokka wrote this email to us."  # no word of FakeEncoder's but "email"
    text = "# Acme\n\n" + "\n\n".join(filler)
    index = opened(tmp_path, fake_encoder, text=text, weights=only("introduced", "lexical"))

    by_vector, by_words = index.retrieve("cookies"), index.retrieve("cookies quokka")

    assert len(index.version.passages) == CANDIDATES + 400
    assert CANDIDATES <= len(by_vector.ranking) <= CANDIDATES + LEXICAL_CANDIDATES
    assert by_vector.features.shape == (len(by_vector.ranking), len(FEATURES))
    assert quotes(index, by_vector)[0] == filler[700]
    assert quotes(index, by_words)[:2] == [filler[700], filler[-1]]
    # What a candidate's features are does not depend on who else is a candidate.
    late = by_vector.features[0, FEATURES.index("late")]
    reverse = by_vector.features[0, FEATURES.index("late_reverse")]
    assert late == 1
    assert reverse == pytest.approx(1 / 6)  # "Acme: We show cookies to nobody."


# --- the same in every process --------------------------------------------------------------------


def print_ranking(folder: str) -> None:
    """Run in a process of its own: prints a ranking with ties."""
    from conftest import FakeEncoder

    index = opened(Path(folder), FakeEncoder(), text=TEXT + "\nWe use cookies.\n" * 5)
    for question in ("cokies and chidren", "sell", "nothing"):
        retrieval = index.retrieve(question)
        print(retrieval.looked_for, [(s.passage.position, s.score) for s in retrieval.ranking])


def test_the_ranking_is_the_same_under_two_hash_seeds(tmp_path: Path) -> None:
    folders = [REPOSITORY, REPOSITORY / "tests", REPOSITORY / "tests" / "index"]
    path = os.pathsep.join(map(str, folders))
    call = "import sys, test_retriever; test_retriever.print_ranking(sys.argv[1])"
    processes = []
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        processes.append(
            subprocess.Popen(
                [sys.executable, "-c", call, str(tmp_path / seed)],
                env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed},
                stdout=subprocess.PIPE,
                text=True,
            )
        )
    first, second = (process.communicate(timeout=120)[0] for process in processes)

    assert first.count("\n") == 3
    assert first == second
