"""How far a run is, in words; what a dropped file is called; what an id may be."""

from __future__ import annotations

import pytest

from assistant.page.evaluate.order import DROPPED, Order, as_dropped
from assistant.page.evaluate.progress import Progress, duration


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        pytest.param(Progress(0, 478), "Starting; 478 to ask", id="nothing-yet"),
        pytest.param(Progress(1, 10_000), "1 of 10,000 answered", id="no-pace-yet"),
        pytest.param(
            Progress(100, 1000, 0.1), "100 of 1,000 answered, about 90 seconds left", id="paced"
        ),
        pytest.param(
            Progress(9, 9, 0.1), "All 9 answered; judging them and drawing the report", id="all"
        ),
    ],
)
def test_how_far_it_is(progress: Progress, words: str) -> None:
    assert progress.words == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "a few seconds"),
        (9.9, "a few seconds"),
        (14, "10 seconds"),
        (119, "120 seconds"),
        (120, "2 minutes"),
        (7199, "120 minutes"),
        (7200, "2 hours"),
    ],
)
def test_a_time_is_told_roughly(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("name", "called"),
    [
        pytest.param("my set.csv", "my set.csv", id="plain"),
        pytest.param("../../etc/passwd", ".._.._etc_passwd", id="path"),
        pytest.param("a\\b\0c\n.csv", "a_b_c_.csv", id="control"),
        pytest.param("..", "file", id="dots"),
        pytest.param("", "file", id="empty"),
        pytest.param("x" * 500 + ".csv", "x" * 116 + ".csv", id="long-keeps-its-ending"),
    ],
)
def test_a_dropped_file_is_laid_down_in_its_folder(tmp_path, name: str, called: str) -> None:  # type: ignore[no-untyped-def]
    (argument,) = Order(name, b"data").arguments(tmp_path)
    assert argument == str(tmp_path / DROPPED / called)
    assert (tmp_path / DROPPED / called).read_bytes() == b"data"


def test_a_message_names_a_dropped_file_by_its_name(tmp_path) -> None:  # type: ignore[no-untyped-def]
    words = f"{tmp_path}/{DROPPED}/a.csv row 2: mend it."
    assert as_dropped(words, tmp_path) == "a.csv row 2: mend it."


def test_a_set_that_needs_a_folder_is_for_the_command_line(tmp_path) -> None:  # type: ignore[no-untyped-def]
    told = as_dropped(f"{tmp_path}/{DROPPED}/a.json: name it with --texts.", tmp_path)
    assert told.endswith("on the command line only.")
