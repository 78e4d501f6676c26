"""Labelled fields of our own forms as HTML (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.page.markup import Markup, element

Choice = tuple[str, str]  # what is shown, and the value


def select(label: str, name: str, choices: Iterable[Choice], *, chosen: str = "") -> Markup:
    """A list to choose one from."""
    options = [
        element("option", shown, value=value, selected=value == chosen) for shown, value in choices
    ]
    return _field(label, element("select", *options, name_=name))


def text(label: str, name: str, **attributes: str | int | bool | None) -> Markup:
    """A field of one line; `attributes` as for `element`, as `type` for a date."""
    given = {"type": "text", "autocomplete": "off", **attributes}
    return _field(label, element("input", name_=name, **given))


def area(label: str, name: str, **attributes: str | int | bool | None) -> Markup:
    """A field of several lines."""
    return _field(label, element("textarea", name_=name, **attributes))


def button(words: str, action: str, **attributes: str | int | bool | None) -> Markup:
    """A button that lookup.js knows by its action."""
    given = {"type": "button", "class_": "pa-l-button", "data_action": action, **attributes}
    return element("button", words, **given)


def _field(label: str, field: Markup) -> Markup:
    return element("label", element("span", label), field, class_="pa-l-field")
