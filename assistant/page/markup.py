"""Text to escaped HTML on a single line, as Gradio's Markdown leaves it alone."""

from __future__ import annotations

import html

_VOID = frozenset(("br", "hr", "input", "wbr"))


class Markup(str):
    """HTML whose every piece of text is escaped already."""

    __slots__ = ()


def escaped(words: str) -> Markup:
    """`words` as text: no tag, no entity, no line end is left in them.

    A line end would let Markdown begin anew and read what follows as its own.
    """
    safe = html.escape(words, quote=True)
    return Markup(safe.replace("\r", "&#13;").replace("\n", "&#10;"))


def element(name: str, *children: str | None, **attributes: str | int | bool | None) -> Markup:
    """An element; children that are no Markup are escaped, and None is left out.

    Attribute names are written with "_" for "-" ("data_start"), and "class_" for "class". True
    gives an attribute without value; None and False leave it out.
    """
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{joined(*children)}</{name}>")


def joined(*children: str | None) -> Markup:
    """The children one after the other, escaped where they are no Markup."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else escaped(child)
            for child in children
            if child is not None
        )
    )


def _attribute(key: str, value: str | int | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escaped(str(value))}"'
