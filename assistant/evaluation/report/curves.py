"""Points to the drawn curves of a run's plots.

Imports matplotlib, and so is imported only when a plot is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from assistant.evaluation.measures import FloatArray
from assistant.evaluation.metrics import RankingPoint, ReliabilityBin
from assistant.evaluation.report.display import milliseconds
from assistant.evaluation.report.drawing import Paint, drawing, inline_svg, percent_axis, plain_axes

RANK_TICKS = (1, 2, 3, 5, 10, 20, 50)
REFUSALS_SHOWN_MIN = 0.3  # of the answerable questions: nobody would decline more of them
THRESHOLDS_MARKED = 10  # every tenth point of the curve carries its threshold
CURVE_POINTS = 200  # of the latencies' distribution: more cannot be seen
LINES = {  # class in the stylesheet: colour, dashes, marker
    "first": (Paint.FIRST, (1, 0), "o"),
    "second": (Paint.SECOND, (1, 0), "o"),
    "second dashed": (Paint.SECOND, (4, 1.5), "o"),
    "third dashed": (Paint.THIRD, (4, 1.5), "D"),
}
TIME_TICKS = [base * 10.0**power for power in range(-3, 7) for base in (1, 2, 5)]  # milliseconds


@dataclass(frozen=True, slots=True)
class DeclinedGroup:
    """Questions that should be declined: the share that is, at each point and in fact.

    Attributes:
        style: the class of its line in the stylesheet, one of LINES.
    """

    name: str
    style: str
    refused: list[float]
    declined: list[float]
    actual: float


def ranking_svg(points: Sequence[RankingPoint]) -> Markup:
    """Success and recall over the number of passages."""
    with drawing() as figure:
        axes = figure.add_subplot()
        plain_axes(axes)
        k = [point.k for point in points]
        for shares, style in (
            ([point.success for point in points], "first"),
            ([point.recall for point in points], "second dashed"),
        ):
            paint, dashes, marker = LINES[style]
            axes.plot(k, shares, color=paint.value, dashes=dashes, marker=marker, markersize=4.5,
                      clip_on=False)  # fmt: skip
        axes.set_xscale("log")
        axes.set_xticks(RANK_TICKS, [str(tick) for tick in RANK_TICKS])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_ylim(0, 1)
        percent_axis(axes, "y")
        axes.set_xlabel("k, the first passages ranked")
        return inline_svg(figure, "ranking")


def declining_svg(groups: Sequence[DeclinedGroup], refused: float) -> Markup:
    """What is declined over what is refused, with thresholds, and where the system stands."""
    with drawing() as figure:
        axes = figure.add_subplot()
        plain_axes(axes)
        right = min(1.0, max(REFUSALS_SHOWN_MIN, 2 * refused))
        for group in groups:
            paint, dashes, marker = LINES[group.style]
            axes.plot(group.refused, group.declined, color=paint.value, dashes=dashes)
            axes.plot([refused], [group.actual], color=paint.value, marker=marker, markersize=11,
                      markeredgecolor=Paint.PAPER.value, markeredgewidth=2, clip_on=False,
                      zorder=4)  # fmt: skip
        _mark_thresholds(axes, groups[0], right)
        axes.set_xlim(0, right)
        axes.set_ylim(0, 1)
        percent_axis(axes, "x")
        percent_axis(axes, "y")
        axes.tick_params(axis="x", pad=10)  # or both zeros would touch
        axes.set_xlabel("refused, though the policy answers")
        axes.set_ylabel("rightly declined")
        return inline_svg(figure, "declining")


def _mark_thresholds(axes: Axes, group: DeclinedGroup, right: float) -> None:
    steps = len(group.declined) - 1
    paint, _, _ = LINES[group.style]
    for number in range(0, steps + 1, THRESHOLDS_MARKED):
        x, y = group.refused[number], group.declined[number]
        if 0 < x <= right:
            axes.plot([x], [y], color=paint.value, marker="o", markersize=4)
            axes.annotate(f"{number / steps:.1f}", (x, y), xytext=(5, -12), fontsize=11,
                          textcoords="offset points", color=Paint.SOFT.value)  # fmt: skip


def reliability_svg(bins: Sequence[ReliabilityBin]) -> Markup:
    """Observed over stated confidence, with counts below."""
    with drawing() as figure:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
        plain_axes(above)
        plain_axes(below)
        x, y = [one.mean_confidence for one in bins], [one.observed for one in bins]
        above.plot([0, 1], [0, 1], color=Paint.SOFT.value, linewidth=1.2, dashes=(1, 2))
        reach = [[o.observed - o.low for o in bins], [o.high - o.observed for o in bins]]
        above.errorbar(x, y, yerr=np.clip(reach, 0, 1), color=Paint.FIRST.value, fmt="o-",
                       markersize=6, linewidth=1.4, elinewidth=1.6, capsize=3,
                       clip_on=False)  # fmt: skip
        above.set_ylim(0, 1)
        percent_axis(above, "y")
        above.set_ylabel("first passage answers")
        middles = [(one.from_confidence + one.to_confidence) / 2 for one in bins]
        bars = below.bar(middles, [o.questions for o in bins], 0.085, color=Paint.RULE.value)
        below.bar_label(bars, [f"{o.questions:,}" for o in bins], fontsize=10, padding=2,
                        color=Paint.SOFT.value)  # fmt: skip
        below.set_yticks([])
        below.set_ylim(0, 1.7 * max(one.questions for one in bins))
        below.set_xlim(0, 1)
        percent_axis(below, "x")
        below.set_xlabel("confidence")
        return inline_svg(figure, "reliability")


def latency_svg(times: FloatArray, median: float, most: float) -> Markup:
    """The distribution of the times, on a logarithmic scale."""
    with drawing() as figure:
        axes = figure.add_subplot()
        plain_axes(axes)
        shares = np.linspace(0, 1, min(CURVE_POINTS, len(times)) + 1)
        values = np.maximum(np.quantile(times, shares), TIME_TICKS[0])
        axes.plot(values, shares, color=Paint.FIRST.value, clip_on=False)
        for share, time, name in ((0.5, median, "half"), (0.95, most, "95\u202f%")):
            time = max(time, TIME_TICKS[0])
            axes.plot([time], [share], color=Paint.FIRST.value, marker="o", markersize=8,
                      clip_on=False)  # fmt: skip
            axes.annotate(f"{name} within {milliseconds(time)}", (time, share), xytext=(10, -14),
                          textcoords="offset points")  # fmt: skip
        low, high = float(values.min()) / 1.15, float(values.max()) * 1.15
        axes.set_xscale("log")
        ticks = [tick for tick in TIME_TICKS if low <= tick <= high] or [median]
        axes.set_xticks(ticks, [f"{tick:,g}" for tick in ticks])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlim(low, high)
        axes.set_ylim(0, 1)
        percent_axis(axes, "y")
        axes.set_xlabel("milliseconds, each step the same factor")
        return inline_svg(figure, "latency")
