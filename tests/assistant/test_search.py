"""Searching several texts at once gives the scores that each of them gives alone."""

from __future__ import annotations

import pytest

from assistant import Assistant, Settings
from assistant.search import SearchableAssistant, completed
from index.retriever import encode_questions
from tests.conftest import CACHE


@pytest.fixture(scope="module")
def searchable() -> SearchableAssistant:
    return SearchableAssistant.open(Settings(cache=CACHE))


def test_scores_are_those_of_each_text_alone(
    searchable: SearchableAssistant, assistant: Assistant
) -> None:
    infos = [assistant.library.policy(p).versions[-1] for p in ("github", "sony-mobile")]
    versions = [assistant.library.version(info) for info in infos]
    found = searchable.search("Do you sell my data?", versions, limit=10)
    indexes = [assistant.index_of(version) for version in versions]
    (encoded,) = encode_questions(["Do you sell my data?"], assistant.encoder)
    alone = sorted(
        (
            (scored.score, index.version.info.policy_id, scored.passage.position)
            for index in indexes
            for scored in index.search(encoded, read=False).ranking
        ),
        key=lambda one: -one[0],
    )
    assert [(f.version.info.policy_id, f.passage.position) for f in found] == [
        one[1:] for one in alone[:10]
    ]
    assert [f.score for f in found] == pytest.approx([one[0] for one in alone[:10]], rel=1e-4)


def test_passages_of_another_region_make_room(searchable: SearchableAssistant) -> None:
    version = searchable.library.version(searchable.library.policy("sony-mobile").versions[-1])
    question = "What rights do residents of California have?"
    found = searchable.search(question, [version], region="Germany", limit=10)
    assert len(found) == 10
    assert not [f for f in found if f.limit and f.limit.region == "California"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("which cook", "which cookies", id="begun"),
        pytest.param("cookies", "cookies", id="whole"),
        pytest.param("cookies ", "cookies ", id="finished"),
        pytest.param("xyzzy", "xyzzy", id="unknown"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_word_that_is_only_begun_is_finished(
    searchable: SearchableAssistant, words: str, expected: str
) -> None:
    version = searchable.library.version(searchable.library.policy("sony-mobile").versions[-1])
    assert completed(words, (version.text,)) == expected


def test_no_text_gives_no_passage(searchable: SearchableAssistant) -> None:
    assert searchable.search("cookies", []) == []
