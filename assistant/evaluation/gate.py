"""`right=0.85` to whether a run's figures reach it: a gate for CI (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process

from assistant.evaluation.intervals import Figure
from assistant.evaluation.measures import BY_NAME
from policy_text import UserError

_BAR = re.compile(r"(?P<name>[a-z_]\w*(?:@\d+)?)=(?P<value>[^=]*)")


class GateError(UserError):
    """A bar that cannot be checked, or figures that fall short of one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A measure and the figure that it must reach, or with `is_least` False must not exceed."""

    measure: str
    value: float
    is_least: bool = True


def looks_like_bar(words: str) -> bool:
    """Whether an argument is a bar, as in `--fail-under right=0.85 top1=0.7`."""
    return bool(_BAR.fullmatch(words))


def sets_and_bars(
    words: Sequence[str], fail_under: Sequence[str], fail_over: Sequence[str]
) -> tuple[list[str], list[Bar]]:
    """The names of sets among the words of a command, and the bars of both options.

    `--fail-under right=0.85 top1=0.7`: all bars but the first arrive among the sets. They belong
    to the one option that was given.

    Raises:
        GateError: both options were given, or neither; or what is given is no bar.
    """
    names = [word for word in words if not looks_like_bar(word)]
    more = [word for word in words if looks_like_bar(word)]
    if more and bool(fail_under) == bool(fail_over):
        raise GateError(
            f"Is {more[0]} a bar of --fail-under or of --fail-over? Say the option before each "
            "bar, or part the bars of one option by commas."
        )
    bars = parse_bars([*fail_under, *(more if fail_under else [])])
    return names, bars + parse_bars([*fail_over, *(more if fail_over else [])], is_least=False)


def parse_bars(given: Sequence[str], *, is_least: bool = True) -> list[Bar]:
    """Bars as they are given: `right=0.85`, several parted by commas too.

    Raises:
        GateError: one is not of that form, or names no measure.
    """
    pieces = [piece.strip() for words in given for piece in words.split(",") if piece.strip()]
    return [_bar(piece, is_least) for piece in pieces]


def shortfalls(measures: Mapping[str, Figure], bars: Sequence[Bar]) -> list[str]:
    """What falls short, a message each; a measure without a value reaches no bar."""
    return [message for bar in bars if (message := _shortfall(measures[bar.measure], bar))]


def known_measure(name: str) -> str:
    """The name of a measure, as it was given.

    Raises:
        GateError: there is no such measure.
    """
    if name in BY_NAME:
        return name
    close = process.extractOne(name, list(BY_NAME), score_cutoff=60)
    hint = f" Did you mean {close[0]}?" if close else ""
    raise GateError(f"There is no measure {name}.{hint} Measures: {', '.join(BY_NAME)}.")


def _bar(piece: str, is_least: bool) -> Bar:
    match = _BAR.fullmatch(piece)
    try:
        value = float(match["value"]) if match else math.nan
    except ValueError:
        value = math.nan
    if match is None or math.isnan(value):
        raise GateError(f"{piece!r} is no bar. Write MEASURE=NUMBER, as in right=0.85.")
    return Bar(known_measure(match["name"]), value, is_least)


def _shortfall(figure: Figure, bar: Bar) -> str | None:
    if figure.value is None:
        return f"{bar.measure} has no value: no question of the set counts in it."
    if bar.is_least and figure.value < bar.value:
        return f"{bar.measure} is {figure.value:.4f}, below {bar.value:g}"
    if not bar.is_least and figure.value > bar.value:
        return f"{bar.measure} is {figure.value:.4f}, above {bar.value:g}"
    return None
