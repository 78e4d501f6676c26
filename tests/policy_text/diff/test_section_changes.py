"""Sections renamed, moved, added and removed, and headings that open none."""

from __future__ import annotations

import pytest

from policy_text.diff import SectionChangeKind
from tests.policy_text.diff.builders import ADDED, REMOVED, SAME, diff, sections_told, span_of


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("## Data\nWe a.", "## 4. DATA:\nWe a.", [], id="number-and-capitals"),
        pytest.param("## A. Data\nWe a.", "## Section 2 – Data\nWe a.", [], id="letter"),
        pytest.param(
            "## 1. Sharing\nWe share with partners.",
            "## 2. Who gets it\nWe share with partners.",
            [("renamed", "1. Sharing", "2. Who gets it")],
            id="renamed-by-its-passages",
        ),
        pytest.param(
            "# N\n\n## Use\n\n### Names\nWe use names.\n\n### Ages\nWe use ages.",
            "# N\n\n## Purposes\n\n### Names\nWe use names.\n\n### Ages\nWe use ages.",
            [("renamed", "Use", "Purposes")],
            id="renamed-by-its-children",
        ),
        pytest.param(
            "## Kept\nWe keep it.\n\n## Old times\nWe went to Rome.",
            "## Kept\nWe keep it.\n\n## Future\nThey will fly home.",
            [("removed", "Old times", None), ("added", None, "Future")],
            id="removed-and-added",
        ),
        pytest.param(
            "## A\nWe a.\n\n### Cookies\nWe bake.\n\n## B\nWe b.",
            "## A\nWe a.\n\n## B\nWe b.\n\n### Cookies\nWe bake.",
            [("moved", "A › Cookies", "B › Cookies")],
            id="moved",
        ),
        pytest.param(
            "## A\n\n### Note\nWe a.\n\n## B\n\n### Note\nWe b.",
            "## A\n\n### Note\nWe b.\n\n## B\n\n### Note\nWe a.",
            [],
            id="same-titles-are-told-apart-by-the-title-above",
        ),
        pytest.param(
            "# N\n\n## Cookies\n\n### What are they?\nThey are files.",
            "# N\n\n## Cookies\n\n### What are they?\nThey are files.\n\n### How?\nWrite to us.",
            [("added", None, "Cookies › How?")],
            id="a-question-that-is-a-section-now-is-not-new",
        ),
    ],
)
def test_sections(old: str, new: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    assert sections_told(diff(old, new)) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("## 1. Data\nWe keep it.", "## 7. Data\nWe keep it.", id="renumbered"),
        pytest.param("## Data\nWe keep it.", "## Facts\nWe keep it.", id="renamed"),
        pytest.param(
            "## A\nWe a.\n\n### C\nWe keep it.\n\n## B\nWe b.",
            "## A\nWe a.\n\n## B\nWe b.\n\n### C\nWe keep it.",
            id="moved",
        ),
        pytest.param(
            "## C\n\n### What is it?\nWe keep it.",
            "## C\n\n### What is it?\nWe keep it.\n\n### Why is it?\nSo.",
            id="a-question-became-a-section",
        ),
    ],
)  # fmt: skip
def test_a_passage_stays_with_its_section(old: str, new: str) -> None:
    found = diff(old, new)
    kept = next(p for p in found.old.passages if found.old.quote(p.span) == "We keep it.")
    assert found.change_of_old(kept).kind is SAME


def test_every_section_is_in_one_change() -> None:
    found = diff("## A\nWe a.\n\n## B\nWe b.", "## B\nWe b.\n\n## C\nYou may go home.")
    assert [c.old for c in found.sections if c.old] == [*found.old.sections]
    assert [c.new for c in found.sections if c.new] == [*found.new.sections]
    assert [c.kind for c in found.sections] == [
        SectionChangeKind.SAME,  # what stands before the first heading
        SectionChangeKind.REMOVED,
        SectionChangeKind.SAME,
        SectionChangeKind.ADDED,
    ]


def test_column_names_and_titles_that_open_no_section_are_told() -> None:
    old = "# Notice\n\n## A\n\n| Data | Sold |\n|---|---|\n| name | yes |\n\n## B\nWe b."
    new = "# Notice\n\n## A\n\n| Data | Kept |\n|---|---|\n| name | yes |\n\n## B\nWe b."
    found = diff(old, new)
    assert found.changed == ()
    assert [(label.kind, label.span) for label in found.labels] == [
        (REMOVED, span_of(found.old, "Data | Sold")),
        (ADDED, span_of(found.new, "Data | Kept")),
    ]
