"""Kept runs to a table to choose from, the view of one, and of two compared, as HTML (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.evaluation.report.display import (
    UNDEFINED,
    ShownFigure,
    counted,
    moment,
    shown_figure,
)
from assistant.evaluation.report.provenance import run_name, set_names
from assistant.evaluation.run import RunHeader
from assistant.page.markup import Markup, element, joined
from assistant.page.tabs import EVALUATE
from assistant.stores.runs import DamagedRun, KeptRun

COLUMNS = (  # measures that tell most runs apart
    ("right", "Right"),
    ("top1", "First citation right"),
    ("false_refusals", "False refusals"),
)
DOWNLOADS = (  # files of a run, and what they are called
    ("report.html", "Report"),
    ("run.jsonl", "Answers"),
    ("metrics.json", "Figures"),
    ("run.json", "Settings"),
)
COMPARISON_DOWNLOADS = (("compare.html", "Comparison"), ("compare.json", "Figures"))
API = f"{EVALUATE.path}/api"


def runs_table(runs: Sequence[KeptRun | DamagedRun]) -> Markup:
    """All runs, each with a box to choose it for a comparison."""
    if not runs:
        return element("p", "No run is kept yet. Choose a set above and evaluate it.")
    heads = ["Compare", "Set", "Made", *(title for _, title in COLUMNS), "System", ""]
    cells = [element("th", head or element("span", "Delete"), scope="col") for head in heads]
    return element(
        "div",
        element(
            "table",
            element("thead", element("tr", *cells)),
            element("tbody", *(_row(run) for run in runs)),
            class_="pa-e-runs",
        ),
        class_="pa-e-scroll",
        tabindex="0",
        role="region",
        aria_label="Table of kept runs",
    )


def run_view(run: KeptRun, others: Sequence[KeptRun]) -> Markup:
    """One run: what it is, what can be done with it, and its report."""
    report = f"{API}/runs/{run.id}/report.html"
    wrong = element(
        "a", "Wrong answers", href=f"{report}#questions", target="pa-e-report", class_="pa-e-button"
    )
    alone = element("a", "Open alone", href=report, target="_blank", class_="pa-e-button")
    return joined(
        element("h2", _titled(run.header), tabindex="-1"),
        element("p", run_name(run.header), class_="pa-date"),
        element("div", wrong, alone, _compare_with(run, others), class_="pa-e-tools"),
        _downloads(f"{API}/runs/{run.id}/", "", DOWNLOADS),
        _frame(report, f"Report on {_titled(run.header)}"),
    )


def comparison_view(a: KeptRun, b: KeptRun) -> Markup:
    """Two runs: which they are, and what changed from the first to the second."""
    given = f"?a={a.id}&b={b.id}"
    page = f"{API}/comparison/compare.html{given}"
    return joined(
        element("h2", f"{set_names(a.header)}: two runs compared", tabindex="-1"),
        element(
            "p",
            *(
                element("span", f"{name}: {_made(run.header)}, {run_name(run.header)}")
                for name, run in (("A", a), ("B", b))
            ),
            class_="pa-date pa-e-pair",
        ),
        element(
            "div",
            element("a", "Open alone", href=page, target="_blank", class_="pa-e-button"),
            class_="pa-e-tools",
        ),
        _downloads(f"{API}/comparison/", given, COMPARISON_DOWNLOADS),
        _frame(page, "Comparison of two runs"),
    )


def _row(run: KeptRun | DamagedRun) -> Markup:
    if isinstance(run, DamagedRun):
        told = element("td", run.problem, colspan=len(COLUMNS) + 4, class_="pa-e-damaged")
        return element("tr", told, element("td", _delete_button(run.id, run.id)))
    named = _titled(run.header)
    box = element("input", type="checkbox", value=run.id, aria_label=f"Compare {named}")
    link = element("a", set_names(run.header), href=f"#run={run.id}")
    asked = sum(one.questions for one in run.header.sets)
    shown = [_figure_cell(run, name, title) for name, title in COLUMNS]
    return element(
        "tr",
        element("td", box),
        element("th", link, element("small", counted(asked, "question")), scope="row"),
        element("td", *_moment(run.header), data_label="Made"),
        *shown,
        element("td", run.header.system.name, element("small", run.header.system.id)),
        element("td", _delete_button(run.id, named)),
    )


def _figure_cell(run: KeptRun, name: str, title: str) -> Markup:
    figure = run.figures.get(name)
    if figure is None:
        return element("td", UNDEFINED, data_label=title)
    shown: ShownFigure = shown_figure(name, figure)
    return element(
        "td",
        element("strong", shown.value),
        element("small", shown.interval) if shown.interval else None,
        data_label=title,
    )


def _delete_button(run_id: str, named: str) -> Markup:
    return element(
        "button",
        "Delete",
        type="button",
        class_="pa-e-button",
        data_action="delete",
        data_id=run_id,
        aria_label=f"Delete {named}",
    )


def _compare_with(run: KeptRun, others: Sequence[KeptRun]) -> Markup:
    if not others:
        return element("span", "No other run of this set is kept to compare with.")
    options = [
        element("option", f"{_made(other.header)}, {run_name(other.header)}", value=pair)
        for other in others
        for pair in [",".join(one.id for one in sorted((run, other), key=_started))]
    ]
    return element(
        "label",
        element("span", "Compare with"),
        element("select", element("option", "another run …", value=""), *options),
        class_="pa-e-field",
    )


def _downloads(folder: str, query: str, files: Sequence[tuple[str, str]]) -> Markup:
    mark = "&" if query else "?"
    links = [
        element("a", words, href=f"{folder}{name}{query}{mark}save=1", download=True)
        for name, words in files
    ]
    return element("p", "Download: ", *links, class_="pa-e-downloads")


def _frame(address: str, title: str) -> Markup:
    """The page in a frame that can run its own script and touch nothing of ours."""
    return element(
        "iframe",
        src=address,
        name_="pa-e-report",
        title=title,
        sandbox="allow-scripts",
        class_="pa-e-frame",
    )


def _titled(header: RunHeader) -> str:
    return f"{set_names(header)}, {_made(header)}"


def _started(run: KeptRun) -> str:
    return run.header.started


def _made(header: RunHeader) -> str:
    return " ".join(moment(header.started))


def _moment(header: RunHeader) -> tuple[Markup, Markup]:
    day, time = moment(header.started)
    return element("span", day), element("small", time)
