"""The Gradio page of Evaluate: a set to evaluate, the kept runs, and the place to see one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assistant.page.desk import Desk
from assistant.page.evaluate.routes import ASKED_OF_PARTS
from assistant.page.evaluate.sets import set_choices
from assistant.page.markup import Markup, element
from assistant.page.parts import html_part
from assistant.page.quiet import gradio as gr
from assistant.regions import REGIONS
from assistant.settings import Settings
from assistant.wording import dated
from policy_text.library import Library

ENDINGS = ".jsonl,.ndjson,.json,.csv,.tsv,.xlsx,.xlsm"


def build_blocks(desk: Desk) -> gr.Blocks:
    """The page over what the desk has; what changes comes over plain HTTP, as in Look up."""
    page: gr.Blocks
    with gr.Blocks(analytics_enabled=False, title="Evaluate", fill_width=True, mode="page") as page:
        html_part(_top(), elem_id="pa-e-top")
        html_part(_home(desk), elem_id="pa-e-home")
        html_part(element("section", id="pa-e-view", hidden=True), elem_id="pa-e-opened")
    return page


def _top() -> Markup:
    return element(
        "header",
        element("h1", "Evaluate"),
        element("a", "‹ All runs", href="#", id="pa-e-back", hidden=True),
        element("p", id="pa-e-said", role="status"),
        class_="pa-e-head",
    )


def _home(desk: Desk) -> Markup:
    return element(
        "div",
        element(
            "section",
            element("h2", "A new run", id="pa-e-new"),
            element("form", *_fields(desk), id="pa-e-form"),
            _running(),
            aria_labelledby="pa-e-new",
            class_="pa-e-card",
        ),
        element(
            "section",
            element("h2", "Kept runs", id="pa-e-kept", tabindex="-1"),
            element("div", id="pa-e-list"),
            _button("Compare the two chosen", "compare", id="pa-e-compare", disabled=True),
            aria_labelledby="pa-e-kept",
        ),
        id="pa-e-all",
    )


def _fields(desk: Desk) -> Iterator[Markup]:
    library, settings = desk.assistant.library, desk.settings
    yield _select("Question set", "name", set_choices())
    yield element(
        "p",
        element(
            "label",
            "Choose a file",
            element("input", type="file", id="pa-e-file", accept=ENDINGS),
            class_="pa-e-button pa-e-choose",
        ),
        element("span", " or drop it here: JSON Lines, JSON, SQuAD, CSV, TSV or XLSX, up to 10 MB"),
        id="pa-e-drop",
    )
    yield element("div", id="pa-e-preview", aria_live="polite")
    yield element(
        "details",
        element("summary", "Policy and region"),
        _select("Questions that name no policy", "asked_of", _policies(library)),
        _select("Whose rules apply", "region", _regions(settings)),
    )
    yield _button("Evaluate", "evaluate", id="pa-e-start", class_="pa-e-button pa-e-main")


def _running() -> Markup:
    return element(
        "div",
        element("p", id="pa-e-words"),
        element("progress", id="pa-e-bar", aria_label="Questions answered", max=1, value=0),
        _button("Cancel", "cancel", id="pa-e-cancel"),
        id="pa-e-running",
        hidden=True,
    )


def _policies(library: Library) -> Iterator[tuple[str, str]]:
    """Every version that the command line's --policy and --version can name."""
    yield "The one they mean, or the usual one", ""
    for policy in library.policies:
        yield f"{policy.title}, the newest", policy.id
        if len(policy.versions) > 1:
            for info in reversed(policy.versions):
                yield f"{policy.title}, {dated(info)}", f"{policy.id}{ASKED_OF_PARTS}{info.version}"


def _regions(settings: Settings) -> list[tuple[str, str]]:
    """Every region; everybody's rules only where no setting says another region."""
    usual = settings.region
    first = [(f"{usual}, as the settings say", usual)] if usual else [("Everybody’s", "")]
    return [*first, *((region, region) for region in REGIONS if region != usual)]


def _select(label: str, name: str, choices: Iterable[tuple[str, str]]) -> Markup:
    options = [element("option", shown, value=value) for shown, value in choices]
    return element(
        "label",
        element("span", label),
        element("select", *options, name_=name, autocomplete="off"),
        class_="pa-e-field",
    )


def _button(words: str, action: str, **attributes: str | bool) -> Markup:
    given = {"type": "button", "class_": "pa-e-button", "data_action": action, **attributes}
    return element("button", words, **given)
