"""The folder of runs: what is listed, what an id leads to, and what a killed process leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.evaluation.run import RunHeader, SetRecord, SystemRecord
from assistant.stores.runs import DamagedRun, KeptRun, KeptRunError, RunStore

FIGURES = {"measures": {"right": {"value": 0.5, "low": 0.4, "high": 0.6, "questions": 9}}}


def header(started: str) -> RunHeader:
    return RunHeader(
        sets=(SetRecord(name="acme", sha256="0", questions=9),),
        policies=(),
        system=SystemRecord(name="policy-assistant", id="x", model="", region=None),
        code={},
        libraries={},
        workers=1,
        started=started,
        seconds=1.0,
    )


def make_run(folder: Path, started: str = "2026-01-02T03:04:05+00:00") -> Path:
    folder.mkdir(parents=True)
    (folder / "metrics.json").write_text(json.dumps(FIGURES), encoding="utf-8")
    (folder / "run.json").write_text(header(started).model_dump_json(), encoding="utf-8")
    return folder


def test_without_a_folder_there_is_no_run(tmp_path: Path) -> None:
    assert RunStore(tmp_path / "runs").all() == []


def test_the_latest_run_stands_first_and_damaged_ones_last(tmp_path: Path) -> None:
    make_run(tmp_path / "older", "2026-01-01T00:00:00+00:00")
    make_run(tmp_path / "newer", "2026-02-01T00:00:00+00:00")
    (make_run(tmp_path / "broken") / "run.json").write_text("{", encoding="utf-8")
    (make_run(tmp_path / "figureless") / "metrics.json").unlink()
    (tmp_path / "a-file.txt").write_text("no run", encoding="utf-8")
    runs = RunStore(tmp_path).all()
    assert [run.id for run in runs] == ["newer", "older", "broken", "figureless"]
    newer, *_, broken, figureless = runs
    assert isinstance(newer, KeptRun)
    assert newer.figures["right"].value == 0.5
    assert isinstance(broken, DamagedRun)
    assert "damaged" in broken.problem
    assert isinstance(figureless, DamagedRun)
    assert "metrics.json is missing" in figureless.problem


def test_a_run_that_is_made_anew_is_read_anew(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    folder = make_run(tmp_path / "a")
    assert store.get("a").header.started.startswith("2026-01")
    (folder / "run.json").write_text(
        header("2027-01-01T00:00:00+00:00").model_dump_json(), encoding="utf-8"
    )
    assert store.get("a").header.started.startswith("2027")


@pytest.mark.parametrize("run_id", ["", ".", "..", "../other", "/etc", ".working-1", "a/b", "a\0"])
def test_an_id_leads_nowhere_else(tmp_path: Path, run_id: str) -> None:
    make_run(tmp_path / "runs" / "a")
    make_run(tmp_path / "other")
    store = RunStore(tmp_path / "runs")
    with pytest.raises(KeptRunError, match="no such run"):
        store.folder(run_id)
    with pytest.raises(KeptRunError, match="no such run"):
        store.delete(run_id)
    assert (tmp_path / "other" / "run.json").exists()


def test_a_finished_run_is_kept_whole(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    working = store.begin()
    make_run(working.path / "run")
    assert store.all() == []
    run_id = store.keep(working.path / "run", "Ä set / of mine.csv")
    working.discard()
    assert [path.name for path in tmp_path.iterdir()] == [run_id]
    assert store.get(run_id).id == run_id


def test_nobody_else_on_the_machine_reads_runs(tmp_path: Path) -> None:
    RunStore(tmp_path / "runs").begin().discard()
    assert (tmp_path / "runs").stat().st_mode & 0o077 == 0


def test_a_deleted_run_is_gone(tmp_path: Path) -> None:
    make_run(tmp_path / "a")
    store = RunStore(tmp_path)
    store.delete("a")
    assert list(tmp_path.iterdir()) == []


def test_what_others_work_on_stays_and_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    held = RunStore(tmp_path).begin()
    (make_run(tmp_path / ".working-left") / ".lock").touch()
    make_run(tmp_path / ".deleted-a-1")
    RunStore(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [held.path.name]
    held.discard()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file", encoding="utf-8")
    store = RunStore(tmp_path / "runs")
    with pytest.raises(KeptRunError, match="Cannot write to the folder of runs"):
        store.begin()
    with pytest.raises(KeptRunError, match="cannot be read"):
        store.all()
