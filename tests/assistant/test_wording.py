"""The words around the quotes."""

import pytest

from assistant.model import Reason
from assistant.wording import date_in_words, decline, titled
from policy_text import PolicyVersion
from policy_text.library import Library

SHIPPED = Library()


def version(policy_id: str, number: int = -1) -> PolicyVersion:
    return SHIPPED.version(SHIPPED.policy(policy_id).versions[number])


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        pytest.param("2020", "2020", id="year"),
        pytest.param("2020-01", "January 2020", id="month"),
        pytest.param("2022-09-01", "1 September 2022", id="day"),
        pytest.param("2023-12-31", "31 December 2023", id="last-day"),
    ],
)
def test_date_in_words(date: str, expected: str) -> None:
    assert date_in_words(date) == expected


@pytest.mark.parametrize(
    ("policy_id", "expected"),
    [
        pytest.param(
            "sony-mobile", "Sony Mobile Privacy Policy (last updated January 2020)", id="updated"
        ),
        pytest.param(
            "github", "GitHub Privacy Statement (effective 1 September 2022)", id="effective"
        ),
        pytest.param(
            "login-gov", "Login.gov privacy act statement (as retrieved on 31 July 2026)", id="got"
        ),
    ],
)
def test_a_title_says_what_its_date_is(policy_id: str, expected: str) -> None:
    assert titled(version(policy_id)) == expected


@pytest.mark.parametrize("reason", Reason)
def test_every_decline_names_the_policy_and_its_date(reason: Reason) -> None:
    sony = version("sony-mobile")
    assert titled(sony) in decline(reason, sony, (), None)


def test_a_silent_policy_points_to_sections_and_contact() -> None:
    sony = version("sony-mobile")
    words = decline(Reason.NO_EVIDENCE, sony, sony.sections[-1:], "Write to us.")
    assert words.splitlines()[1:] == [
        "Nearest sections:",
        "- 12. Contact us",
        "To ask the organisation itself: “Write to us.”",
    ]


def test_an_order_is_not_sent_to_the_organisation() -> None:
    assert "Write to us" not in decline(
        Reason.INSTRUCTION, version("sony-mobile"), (), "Write to us."
    )
