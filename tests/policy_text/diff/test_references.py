"""A reference to a section is compared by the section that it leads to."""

from __future__ import annotations

import pytest

from policy_text.diff import ChangeKind
from tests.policy_text.diff.builders import ADDED, CHANGED, SAME, changed_told, diff

NUMBERED = "## 1. Data\nSee section {}.\n\n{}## {}. Contact us\nWrite to us."


def test_a_reference_is_the_same_when_its_section_has_another_number_now() -> None:
    found = diff(NUMBERED.format(2, "", 2), NUMBERED.format(3, "## 2. News\nNews here.\n\n", 3))
    assert changed_told(found) == [(ADDED, "", "News here.")]


@pytest.mark.parametrize(
    ("old_words", "new_words", "kind"),
    [
        pytest.param("See section 2.", "See section 2.", SAME, id="left-behind"),
        pytest.param("See sections 1 and 2.", "See sections 1 and 3.", SAME, id="several"),
        pytest.param("See section 2.", "See section 1.", CHANGED, id="another-section"),
        pytest.param("See section 2.", "See section 4.", CHANGED, id="no-such-section"),
        pytest.param("See section 1 Contact us.", "See section 4 Contact us.", SAME, id="named"),
        pytest.param("This section and data.", "This section or data.", CHANGED, id="no-number"),
        pytest.param("We wait 2 days.", "We wait 3 days.", CHANGED, id="no-reference"),
        pytest.param("See section 2 of this.", "See section 3 of this.", SAME, id="of-the-policy"),
        pytest.param(
            "See section 2 of the Act.", "See section 3 of the Act.", CHANGED, id="of-a-law"
        ),
        pytest.param(
            "See 18 U.S.C. Section 2 now.", "See 18 U.S.C. Section 3 now.", CHANGED, id="of-a-code"
        ),
    ],
)  # fmt: skip
def test_references_to_sections(old_words: str, new_words: str, kind: ChangeKind) -> None:
    old = f"## 1. Data\n{old_words}\n\n## 2. Contact us\nWrite to us."
    new = f"## 1. Data\n{new_words}\n\n## 2. News\nNews here.\n\n## 3. Contact us\nWrite to us."
    assert diff(old, new).changes[0].kind is kind


def test_a_reference_by_number_to_a_section_with_another_title_is_a_change() -> None:
    old = "## 1. Data\nSee section 2.\n\n## 2. Contact us\nWrite to us at home."
    new = "## 1. Data\nSee section 3.\n\n## 3. Reach out\nWrite to us at home."
    assert changed_told(diff(old, new)) == [(CHANGED, "See section 2.", "See section 3.")]
