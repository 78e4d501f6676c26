"""Bars for CI: how they are written, and when a run falls short."""

from __future__ import annotations

import pytest

from assistant.evaluation.gate import (
    Bar,
    GateError,
    looks_like_bar,
    parse_bars,
    sets_and_bars,
    shortfalls,
)
from assistant.evaluation.intervals import Figure


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(["right=0.85"], [Bar("right", 0.85)], id="one"),
        pytest.param(["right=0.85,top1=.7"], [Bar("right", 0.85), Bar("top1", 0.7)], id="comma"),
        pytest.param(["recall@10=1"], [Bar("recall@10", 1.0)], id="cutoff"),
        pytest.param([], [], id="none"),
    ],
)
def test_bars_are_read(given: list[str], expected: list[Bar]) -> None:
    assert parse_bars(given) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param("right", "is no bar. Write MEASURE=NUMBER", id="no-number"),
        pytest.param("right=high", "is no bar", id="a-word"),
        pytest.param("right=nan", "is no bar", id="not-a-number"),
        pytest.param("rihgt=0.5", "no measure rihgt. Did you mean right?", id="typing-error"),
    ],
)
def test_what_is_no_bar_is_refused(given: str, message: str) -> None:
    with pytest.raises(GateError, match=message):
        parse_bars([given])


@pytest.mark.parametrize(
    ("value", "bar", "expected"),
    [
        pytest.param(0.85, Bar("right", 0.85), [], id="reached"),
        pytest.param(0.8, Bar("right", 0.85), ["right is 0.8000, below 0.85"], id="below"),
        pytest.param(0.1, Bar("right", 0.2, is_least=False), [], id="not-above"),
        pytest.param(
            0.3, Bar("right", 0.2, is_least=False), ["right is 0.3000, above 0.2"], id="above"
        ),
        pytest.param(
            None,
            Bar("right", 0.2),
            ["right has no value: no question of the set counts in it."],
            id="undefined",
        ),
    ],
)
def test_shortfalls(value: float | None, bar: Bar, expected: list[str]) -> None:
    assert shortfalls({"right": Figure(value, value, value, 10)}, [bar]) == expected


@pytest.mark.parametrize(
    ("words", "under", "over", "expected"),
    [
        pytest.param(
            ["sony", "top1=0.7"],
            ["right=0.8"],
            [],
            (["sony"], [Bar("right", 0.8), Bar("top1", 0.7)]),
            id="under",
        ),
        pytest.param(
            ["unclear=0.1"],
            [],
            ["brier=0.2"],
            ([], [Bar("brier", 0.2, is_least=False), Bar("unclear", 0.1, is_least=False)]),
            id="over",
        ),
        pytest.param(
            ["sony"],
            ["right=0.8"],
            ["brier=0.2"],
            (["sony"], [Bar("right", 0.8), Bar("brier", 0.2, is_least=False)]),
            id="both-with-one-each",
        ),
    ],
)
def test_bars_among_the_sets_belong_to_the_option_that_is_given(
    words: list[str], under: list[str], over: list[str], expected: tuple[list[str], list[Bar]]
) -> None:
    assert sets_and_bars(words, under, over) == expected


@pytest.mark.parametrize(
    ("under", "over"),
    [pytest.param([], [], id="neither"), pytest.param(["right=1"], ["brier=1"], id="both")],
)
def test_a_bar_of_unknown_side_is_refused(under: list[str], over: list[str]) -> None:
    with pytest.raises(GateError, match="a bar of --fail-under or of --fail-over"):
        sets_and_bars(["top1=0.7"], under, over)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("top1=0.7", True, id="bar"),
        pytest.param("sony-mobile", False, id="set"),
        pytest.param("sets/a=b/questions.jsonl", False, id="path-with-an-equals-sign"),
    ],
)
def test_a_bar_among_the_sets_is_seen(words: str, expected: bool) -> None:
    assert looks_like_bar(words) is expected
