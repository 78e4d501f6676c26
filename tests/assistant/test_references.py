"""Which sections a passage refers to."""

import pytest

from assistant.references import referred_sections
from policy_text import DateKind, Policy, PolicyVersion, VersionInfo
from policy_text.library import Library
from policy_text.parse import parse_version

SHIPPED = Library()


def newest(policy_id: str) -> PolicyVersion:
    return SHIPPED.version(SHIPPED.policy(policy_id).versions[-1])


def referred(version: PolicyVersion, beginning: str) -> list[str]:
    [passage] = [p for p in version.passages if version.quote(p.span).startswith(beginning)]
    return [section.title for section in referred_sections(version, passage)]


def policy_saying(words: str) -> PolicyVersion:
    info = VersionInfo("acme", "2024", DateKind.UPDATED, "acme.example", "CC0 1.0")
    policy = Policy("acme", "Acme", "Acme", "en", ("Acme",), (info,))
    headings = "".join(f"## {n}. {name}\n\nWe do {name}.\n\n" for n, name in SECTIONS.items())
    return parse_version(
        policy, info, f"# Acme\n\n{headings}## 9. Last\n\n{words}\n", is_markdown=True
    )


SECTIONS = {1: "Using", 2: "Sharing", 3: "Keeping", 5: "Contact us"}


@pytest.mark.parametrize(
    ("policy_id", "beginning", "expected"),
    [
        pytest.param(
            "sony-mobile", "Any parent or guardian", ["12. Contact us"], id="title-beats-number"
        ),
        pytest.param(
            "sony-mobile",
            "Details of your linked Sony",
            ["4. Linked Sony accounts (“One Sign In”)"],
            id="number",
        ),
        pytest.param(
            "sony-mobile",
            "Consistent with the “Personal data that we collect” section above",
            ["1. Personal data that we collect"],
            id="title-in-quotation-marks",
        ),
        pytest.param(
            "creative-commons",
            "See sections 15 and 22",
            ["15. Data Retention", "22. Access to Personal Information"],
            id="two-numbers",
        ),
        pytest.param(
            "github",
            "You can learn more about the CCPA",
            ["GitHub's notice to California residents"],
            id="markdown-anchor",
        ),
    ],
)
def test_a_shipped_policy_refers(policy_id: str, beginning: str, expected: list[str]) -> None:
    assert referred(newest(policy_id), beginning) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("See sections 1, 2 and 3.", ["1. Using", "2. Sharing", "3. Keeping"], id="3"),
        pytest.param("See section 1, 2, or 3.", ["1. Using", "2. Sharing", "3. Keeping"], id="or"),
        pytest.param("See SECTION 2.", ["2. Sharing"], id="capitals"),
        pytest.param("See section 2 Contact Us below.", ["5. Contact us"], id="title-wins"),
        pytest.param("See section 2 of this policy.", ["2. Sharing"], id="of-this-policy"),
        pytest.param("See section 4.", [], id="no-such-section"),
        pytest.param("Under section 2 of the Federal Trade Commission Act.", [], id="an-act"),
        pytest.param("Under California Civil Code section 1798.83.", [], id="a-code"),
        pytest.param("Under section 22575 of the code.", [], id="a-long-number"),
        pytest.param("As section 9 says.", [], id="its-own"),
        pytest.param("See [this](#2-sharing).", ["2. Sharing"], id="anchor"),
        pytest.param("See the section entitled “Keeping”.", ["3. Keeping"], id="entitled"),
        pytest.param("We use “Cake” below.", [], id="quoted-but-no-title"),
    ],
)
def test_a_passage_refers_to_sections(words: str, expected: list[str]) -> None:
    version = policy_saying(words)
    assert [s.title for s in referred_sections(version, version.passages[-1])] == expected
