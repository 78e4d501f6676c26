"""Headings become the paths that a person would cite, with ids that are unique."""

import pytest

from policy_text.model import DateKind, Policy, PolicyVersion, VersionInfo
from policy_text.parse import heading_of, parse_version
from policy_text.sections import heading_words, slug

POLICY = Policy("acme", "Acme privacy", "Acme", "en", ("Acme",), ())
INFO = VersionInfo("acme", "2024-05-01", DateKind.EFFECTIVE, "acme.md", "unknown")


def markdown(text: str) -> PolicyVersion:
    return parse_version(POLICY, INFO, text, is_markdown=True)


def paths(version: PolicyVersion) -> list[str]:
    return [section.cited_as for section in version.sections]


def path_of(version: PolicyVersion, quote: str) -> str:
    """The path of the passage that says `quote`."""
    passage = next(p for p in version.passages if version.quote(p.span) == quote)
    return version.section_of(passage).cited_as


def test_text_before_the_first_heading_has_the_title_as_its_path() -> None:
    version = markdown("We are Acme.\n\n## Data\n\nWe keep it.\n\n## Use\n\nWe use it.\n")
    assert path_of(version, "We are Acme.") == "Acme privacy"


def test_text_without_headings_has_the_title_as_its_path() -> None:
    version = markdown("We keep it.")
    assert paths(version) == ["Acme privacy"]


def test_six_levels_make_a_path_of_six() -> None:
    text = "".join(f"{'#' * n} H{n}\n\n" for n in range(1, 7))
    version = markdown(f"# Top\n\nWe.\n\n{text}We keep it.\n\n# Last\n\nWe end.\n")
    assert path_of(version, "We keep it.") == "H1 › H2 › H3 › H4 › H5 › H6"


def test_skipped_level_adds_one_level() -> None:
    version = markdown("# A\n\n#### B\n\nWe keep it.\n\n# C\n\nWe end.\n")
    assert path_of(version, "We keep it.") == "A › B"


def test_the_only_heading_of_the_top_level_is_the_title() -> None:
    version = markdown("# Acme\n\nWe.\n\n## Data\n\nWe keep it.\n")
    assert paths(version) == ["Acme privacy", "Data"]


def test_a_heading_ends_the_sections_below_the_last() -> None:
    version = markdown("## A\n\n### B\n\nWe.\n\n## C\n\nWe keep it.\n")
    assert path_of(version, "We keep it.") == "C"


def test_parents_are_the_positions_of_the_paths_above() -> None:
    version = markdown("## A\n\n### B\n\nWe.\n\n## C\n\nWe end.\n")
    for section in version.sections[1:]:
        above = None if section.parent is None else version.sections[section.parent].path
        assert (above or ()) == section.path[:-1]


def test_an_only_question_adds_no_level() -> None:
    version = markdown("## A\n\n### Why?\n\nWe keep it.\n\n## B\n\nWe end.\n")
    assert paths(version) == ["Acme privacy", "A", "B"]
    assert path_of(version, "We keep it.") == "A"


def test_the_only_question_is_still_the_nearest_heading() -> None:
    version = markdown("## A\n\n### Why?\n\nWe keep it.\n\n## B\n\nWe end.\n")
    heading = version.passages[0].heading
    assert heading is not None
    assert version.quote(heading) == "Why?"


def test_several_questions_add_levels() -> None:
    version = markdown("## A\n\n### Why?\n\nWe.\n\n### How?\n\nWe keep it.\n\n## B\n\nWe end.\n")
    assert path_of(version, "We keep it.") == "A › How?"


def test_a_question_at_the_top_is_a_section() -> None:
    version = markdown("## Why?\n\nWe keep it.\n\n## B\n\nWe end.\n")
    assert path_of(version, "We keep it.") == "Why?"


def test_bold_labels_open_sections_below_their_heading() -> None:
    version = markdown("## A\n\n**On phones**\n\nWe keep it.\n\n## B\n\nWe end.\n")
    assert path_of(version, "We keep it.") == "A › On phones"


def test_what_a_labelled_list_item_holds_stands_under_its_label() -> None:
    version = markdown(
        "We do:\n\n1. **On phones**\n\n   We keep it.\n   - Names.\n\n2. **Elsewhere**\n\n"
        "    We may not. We do:\n     - never\n3. Yes or no.\n\n## B\n\nWe end.\n"
    )
    assert [path_of(version, quote) for quote in ("We keep it.", "Names.")] == ["On phones"] * 2
    assert [path_of(version, quote) for quote in ("We may not.", "never")] == ["Elsewhere"] * 2
    assert path_of(version, "Yes or no.") == "Acme privacy"


def test_an_item_beside_a_label_does_not_stand_under_it() -> None:
    text = (
        "We share:\n• Our partners\nThey help us.\n• names with everyone;\n• ages.\n\nEnd of it.\n"
    )
    version = parse_version(POLICY, INFO, text, is_markdown=False)
    assert path_of(version, "They help us.") == "Our partners"
    assert path_of(version, "names with everyone;") == "Acme privacy"


def test_ids_are_unique_and_say_where_they_stand() -> None:
    version = markdown(
        "## A\n\n### Use\n\nWe.\n\n## B\n\n### Use\n\nWe.\n\n### Use\n\nWe.\n\n## !\n\nWe end.\n"
    )
    assert [section.id for section in version.sections] == [
        "acme-privacy",
        "a",
        "a-use",
        "b",
        "b-use",
        "b-use-2",
        "section",
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("3. Sharing (A & B)", "3-sharing-a-b", id="signs"),
        pytest.param("Children’s privacy", "childrens-privacy", id="apostrophe"),
        pytest.param("Über uns", "über-uns", id="umlaut"),
        pytest.param("خصوصية", "خصوصية", id="arabic"),
        pytest.param("🔒", "section", id="no-words"),
        pytest.param("word " * 20, "word-" * 11 + "word", id="cut-between-words"),
        pytest.param("x" * 80, "x" * 60, id="one-long-word"),
    ],
)
def test_slug(words: str, expected: str) -> None:
    assert slug(words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("Your rights:", "Your rights", id="final-colon"),
        pytest.param("**Your rights:**", "Your rights", id="bold"),
        pytest.param("Notice (Effective January 1, 2020)", "Notice", id="effective"),
        pytest.param(
            "Notice (last updated May 2020):", "Notice (last updated May 2020)", id="both"
        ),
        pytest.param("Global Network (CCGN)", "Global Network (CCGN)", id="other-parentheses"),
        pytest.param("[Data](#data)", "Data", id="link"),
        pytest.param("Right to Know.", "Right to Know.", id="stop-is-verbatim"),
        pytest.param("Our\n  data", "Our data", id="wrapped"),
        pytest.param(":", ":", id="never-empty"),
    ],
)
def test_headings_are_cited_verbatim_but_for_marks(words: str, expected: str) -> None:
    assert heading_words(words) == expected


@pytest.mark.parametrize(
    ("text", "is_markdown", "expected"),
    [
        pytest.param(
            "# Acme Privacy Policy\n\nWe.\n", True, ("Acme Privacy Policy", "Acme"), id="md"
        ),
        pytest.param('---\ntitle: "Acme"\n---\nWe.\n', True, ("Acme", "Acme"), id="front-matter"),
        pytest.param(
            "Acme Privacy Policy\n\n1. Data\n\nWe.\n\n2. B\n\nWe.\n",
            False,
            ("Acme Privacy Policy", "Acme"),
            id="plain",
        ),
        pytest.param("We keep it.", False, ("acme-file", "acme-file"), id="none"),
        pytest.param(
            "# Privacy policy\n\nWe.\n", True, ("Privacy policy", "acme-file"), id="no-name"
        ),
    ],
)
def test_what_a_text_says_of_itself(
    text: str, is_markdown: bool, expected: tuple[str, str]
) -> None:
    heading = heading_of(text, is_markdown=is_markdown, otherwise="acme-file")
    assert (heading.title, heading.organisation) == expected
