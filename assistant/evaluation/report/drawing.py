"""Matplotlib figures to SVG that stands in a page and has the page's colours and fonts.

Imports matplotlib, and so is imported only when a plot is drawn.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from xml.etree import ElementTree

from markupsafe import Markup
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from assistant.evaluation.report.display import percent

WIDTH, HEIGHT = 440, 300  # points; a phone shows them at about four fifths, a desktop at one to one
FONT_SIZE = 13  # points, so that a phone shows 10 pixels
POINTS_PER_INCH = 72

_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_COLOUR = re.compile(r"#0([1-7])(?:0\1){2}\b")
_FONT_FAMILY = re.compile(r"font-family:[^;]*;?\s*")


class Paint(Enum):
    """A colour of the page; while matplotlib draws it is a grey that nothing else has."""

    INK = "#010101"
    SOFT = "#020202"
    RULE = "#030303"
    FIRST = "#040404"
    SECOND = "#050505"
    THIRD = "#060606"
    PAPER = "#070707"


_VARIABLES = {str(number): f"var(--{paint.name.lower()})" for number, paint in enumerate(Paint, 1)}


@contextmanager
def drawing() -> Iterator[Figure]:
    """A figure to draw on, whatever a user's matplotlibrc says; nothing global stays changed."""
    ours = {
        "svg.fonttype": "none",
        "svg.hashsalt": "policy-assistant",
        "font.size": FONT_SIZE,
        "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: everywhere the same layout
        "text.color": Paint.INK.value,
        "axes.edgecolor": Paint.RULE.value,
        "axes.labelcolor": Paint.SOFT.value,
        "xtick.color": Paint.RULE.value,
        "ytick.color": Paint.RULE.value,
        "xtick.labelcolor": Paint.SOFT.value,
        "ytick.labelcolor": Paint.SOFT.value,
        "grid.color": Paint.RULE.value,
        "lines.linewidth": 2.2,
    }
    with style.context(["default", ours]):
        size = (WIDTH / POINTS_PER_INCH, HEIGHT / POINTS_PER_INCH)
        figure = Figure(figsize=size, dpi=POINTS_PER_INCH, layout="constrained")
        figure.patch.set_visible(False)
        FigureCanvasSVG(figure)
        yield figure


def plain_axes(axes: Axes) -> None:
    """Axes with horizontal rules only, on no ground."""
    axes.patch.set_visible(False)
    axes.grid(axis="y", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, pad=6)


def percent_axis(axes: Axes, which: str) -> None:
    """Writes the numbers of an axis as percent."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_formatter(FuncFormatter(lambda value, _: percent(value)))


def inline_svg(figure: Figure, name: str) -> Markup:
    """The figure as an svg element whose ids begin with `name`, so that those of plots differ."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    root = ElementTree.fromstring(buffer.getvalue())
    _drop(root)
    for element in root.iter():
        element.tag = _local(element.tag)
        element.attrib = {
            _local(key): _value(key, value, name) for key, value in element.attrib.items()
        }
    _drop_idle_ids(root)
    root.attrib = {"viewBox": root.attrib["viewBox"], "aria-hidden": "true", "focusable": "false"}
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=False))


def _drop(root: ElementTree.Element) -> None:
    """Takes out the metadata, and the style element, which would hold for the whole page."""
    for parent in list(root.iter()):
        parent.tail = None
        if not (parent.text or "").strip():
            parent.text = None
        for child in list(parent):
            if _local(child.tag) in ("metadata", "style"):
                parent.remove(child)


def _drop_idle_ids(root: ElementTree.Element) -> None:
    values = [value for element in root.iter() for value in element.attrib.values()]
    used = {value[1:] for value in values if value.startswith("#")}
    used |= {match for value in values for match in _REFERENCE.findall(value)}
    for element in root.iter():
        if element.attrib.get("id") not in used:
            element.attrib.pop("id", None)


def _value(key: str, value: str, name: str) -> str:
    local = _local(key)
    if local == "id":
        return f"{name}-{value}"
    if local == "href":
        return f"#{name}-{value[1:]}"
    value = _REFERENCE.sub(rf"url(#{name}-\1)", value)
    if local == "d":
        return value.replace("\n", "").strip()
    value = _FONT_FAMILY.sub("", value)
    return _COLOUR.sub(lambda match: _VARIABLES[match[1]], value)


def _local(name: str) -> str:
    return name.rpartition("}")[2]
