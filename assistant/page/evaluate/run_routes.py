"""The addresses of kept runs: list, view, report, files, comparison, delete."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from assistant.evaluation.compare import Comparison, compare
from assistant.evaluation.run import HEADER_FILE, as_json, read_run
from assistant.page.access.visitor import visitor_of
from assistant.page.desk import Desk
from assistant.page.evaluate.report_pages import report_response
from assistant.page.evaluate.runs_html import comparison_view, run_view, runs_table
from assistant.stores.audit import Event
from assistant.stores.runs import KeptRun, KeptRunError, RunStore

COMPARISONS = 4  # that are remembered: a view asks for the same one several times


class RunFile(Enum):
    """The files of a run that can be had."""

    REPORT = "report.html"
    ANSWERS = "run.jsonl"
    FIGURES = "metrics.json"
    HEADER = "run.json"


class ComparisonFile(Enum):
    """The files of a comparison, made when they are wanted."""

    PAGE = "compare.html"
    FIGURES = "compare.json"


_TYPES: Mapping[RunFile, str] = {
    RunFile.ANSWERS: "application/x-ndjson",
    RunFile.FIGURES: "application/json",
    RunFile.HEADER: "application/json",
}


def add_runs(router: APIRouter, desk: Desk, store: RunStore) -> None:
    """Adds them to the routes of Evaluate."""

    @router.get("/runs")
    def everything() -> Response:
        return HTMLResponse(runs_table(store.all()))

    @router.get("/runs/{run_id}")
    def view(run_id: str) -> Response:
        run = store.get(run_id)
        return HTMLResponse(run_view(run, _of_same_sets(run, store)))

    @router.get("/runs/{run_id}/{file}")
    def part(run_id: str, file: RunFile, save: bool = False) -> Response:
        return _file_response(store, run_id, file, save=save)

    @router.post("/runs/{run_id}/delete")
    def delete(request: Request, run_id: str) -> Response:
        store.folder(run_id)
        desk.audit.add(Event.DELETION, visitor_of(request), run=run_id)
        store.delete(run_id)
        return Response(status_code=204)

    _add_comparison(router, store)


def _add_comparison(router: APIRouter, store: RunStore) -> None:
    @router.get("/comparison")
    def comparison(a: str, b: str) -> Response:
        _compared(store, a, b)
        return HTMLResponse(comparison_view(store.get(a), store.get(b)))

    @router.get("/comparison/{file}")
    def comparison_file(file: ComparisonFile, a: str, b: str, save: bool = False) -> Response:
        found = _compared(store, a, b)
        if file is ComparisonFile.PAGE:
            from assistant.evaluation.report import comparison_html

            page = comparison_html(found)
            return report_response(page, saved_as=file.value if save else None)
        headers = {"Content-Disposition": f'attachment; filename="{file.value}"'}
        return Response(as_json(found.to_json()), media_type="application/json", headers=headers)


def _of_same_sets(run: KeptRun, store: RunStore) -> list[KeptRun]:
    """The other runs that it can be compared with."""
    kept = [other for other in store.all() if isinstance(other, KeptRun) and other.id != run.id]
    return [other for other in kept if _asked(other) == _asked(run)]


def _asked(run: KeptRun) -> list[tuple[str, str]]:
    return [(one.name, one.sha256) for one in run.header.sets]


def _file_response(store: RunStore, run_id: str, file: RunFile, *, save: bool) -> Response:
    path = store.folder(run_id) / file.value
    saved_as = f"{run_id}-{file.value}"
    if not path.is_file():
        raise KeptRunError(f"This run has no {file.value}. Evaluate the set again.")
    if file is RunFile.REPORT:
        page = path.read_text(encoding="utf-8", errors="replace")
        return report_response(page, saved_as=saved_as if save else None)
    return FileResponse(path, media_type=_TYPES[file], filename=saved_as)


def _compared(store: RunStore, a: str, b: str) -> Comparison:
    """The comparison of two kept runs.

    Raises:
        KeptRunError: one is not there.
        RunError: they are over different questions, or damaged.
    """
    folders = store.folder(store.get(a).id), store.folder(store.get(b).id)
    changed = [(folder / HEADER_FILE).stat().st_mtime_ns for folder in folders]
    return _remembered(*folders, tuple(changed))


@lru_cache(maxsize=COMPARISONS)
def _remembered(a: Path, b: Path, changed: tuple[int, ...]) -> Comparison:
    del changed  # so that a folder of the same name with another run is compared anew
    return compare(read_run(a), read_run(b))
