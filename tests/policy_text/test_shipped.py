"""What the parser makes of the policies that ship, claim by claim."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from policy_text.extract import html_to_markdown
from policy_text.library import SHIPPED, Library
from policy_text.model import Passage, PolicyVersion, SegmentKind, VersionInfo
from policy_text.read import extracted_path, read_text

LIBRARY = Library()
VERSIONS = [
    pytest.param(info, id=f"{info.policy_id}-{info.version}") for info in LIBRARY.all_versions()
]
HTML_FILES = [pytest.param(path, id=path.parent.name) for path in sorted(SHIPPED.glob("*/*.html"))]

every_version = pytest.mark.parametrize("info", VERSIONS)


@cache
def version_of(policy_id: str, version: str | None = None) -> PolicyVersion:
    policy = LIBRARY.policy(policy_id)
    return LIBRARY.version(LIBRARY.version_info(policy, version=version))


def quotes(version: PolicyVersion) -> list[str]:
    return [version.quote(passage.span) for passage in version.passages]


def passage_of(version: PolicyVersion, start: str) -> Passage:
    """The one passage that starts with these words."""
    [passage] = [p for p in version.passages if version.quote(p.span).startswith(start)]
    return passage


def path_of(version: PolicyVersion, start: str) -> str:
    return version.section_of(passage_of(version, start)).cited_as


def paths(version: PolicyVersion) -> list[str]:
    return [section.cited_as for section in version.sections]


def texts_of(version: PolicyVersion, *kinds: SegmentKind) -> list[str]:
    return [version.quote(s.span) for s in version.segments if s.kind in kinds]


def not_policy_text(info: VersionInfo) -> list[str]:
    file = SHIPPED / info.policy_id / "policy.toml"
    entries: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))["versions"]
    [entry] = [entry for entry in entries if entry["version"] == info.version]
    listed: list[str] = entry["not_policy_text"]
    return listed


# --- every version -------------------------------------------------------------------------------


def test_no_shipped_policy_has_a_problem() -> None:
    assert LIBRARY.problems == ()


def test_sony_mobile_is_the_default() -> None:
    assert LIBRARY.default_policy().id == "sony-mobile"


@every_version
def test_text_is_the_file_itself(info: VersionInfo) -> None:
    version = LIBRARY.version(info)
    folder = SHIPPED / info.policy_id
    [source] = [p for p in folder.glob(f"{info.version}.*") if p.suffix in (".txt", ".md", ".html")]
    data = source.read_bytes()
    if source.suffix == ".html":
        data = extracted_path(source, data).read_bytes()
    assert version.text.encode() == data


@every_version
def test_every_passage_equals_its_slice_without_white_space_around(info: VersionInfo) -> None:
    version = LIBRARY.version(info)
    assert version.passages
    for passage in version.passages:
        quote = version.text[passage.span.start : passage.span.end]
        assert version.quote(passage.span) == quote == quote.strip() != ""


@every_version
def test_passages_are_the_passage_segments_in_order(info: VersionInfo) -> None:
    version = LIBRARY.version(info)
    spans = [s.span for s in version.segments if s.kind is SegmentKind.PASSAGE]
    assert [passage.span for passage in version.passages] == spans
    assert [passage.position for passage in version.passages] == list(range(len(spans)))


@every_version
def test_segments_are_in_order_and_do_not_overlap(info: VersionInfo) -> None:
    version = LIBRARY.version(info)
    for one, following in zip(version.segments, version.segments[1:], strict=False):
        assert one.span.end <= following.span.start


@every_version
def test_everything_but_white_space_lies_in_a_segment(info: VersionInfo) -> None:
    version = LIBRARY.version(info)
    left = list(version.text)
    for segment in version.segments:
        left[segment.span.start : segment.span.end] = " " * len(segment.span)
    assert "".join(left).strip() == ""


@every_version
def test_markup_holds_no_words(info: VersionInfo) -> None:
    not_words = re.compile(r"</?[a-zA-Z][^>]*>|\{#[\w-]+\}|^\(?\w{1,2}[.)]$|^o$")
    for markup in texts_of(LIBRARY.version(info), SegmentKind.MARKUP):
        assert not re.search(r"\w", not_words.sub("", markup)), markup


@every_version
def test_what_is_excluded_is_exactly_the_short_list(info: VersionInfo) -> None:
    excluded = texts_of(LIBRARY.version(info), SegmentKind.EXCLUDED)
    listed = not_policy_text(info)
    assert len(excluded) == len(listed)
    for text, entry in zip(excluded, listed, strict=True):
        assert text.startswith(entry) if entry.startswith("---") else text == entry


@every_version
def test_section_ids_are_unique_slugs(info: VersionInfo) -> None:
    ids = [section.id for section in LIBRARY.version(info).sections]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[^\W_A-Z]+(-[^\W_A-Z]+)*", section_id) for section_id in ids)


@every_version
def test_headings_are_no_passages(info: VersionInfo) -> None:
    version = LIBRARY.version(info)
    headings = {s.heading for s in version.sections if s.heading} | {
        passage.heading for passage in version.passages if passage.heading
    }
    kinds = {s.span: s.kind for s in version.segments}
    assert headings
    assert {kinds[span] for span in headings} <= {SegmentKind.HEADING, SegmentKind.LABEL}


@every_version
def test_no_passage_starts_with_a_mark(info: VersionInfo) -> None:
    for quote in quotes(LIBRARY.version(info)):
        assert not re.match(r"#|[•●▪◦*+|-]\s|o\s|\d+\.\s|<", quote), quote


@every_version
def test_paths_are_without_bullet_colon_or_markup(info: VersionInfo) -> None:
    for section in LIBRARY.version(info).sections:
        assert not re.search(r"^[•#*o]\s|\*\*|\{#|:$|\(Effective", section.title), section.title


@every_version
def test_lead_ins_stand_before_what_they_introduce(info: VersionInfo) -> None:
    version = LIBRARY.version(info)
    spans = {passage.span for passage in version.passages}
    for passage in version.passages:
        if passage.lead_in is not None:
            assert passage.lead_in in spans
            assert passage.lead_in.end <= passage.span.start


@pytest.mark.parametrize("path", HTML_FILES)
def test_kept_markdown_is_what_the_extraction_gives(path: Path) -> None:
    text = read_text(path)
    data = path.read_bytes()
    kept = extracted_path(path, data)
    assert re.fullmatch(r".+\.html\.[0-9a-f]{8}\.markdown", kept.name)
    assert kept.read_bytes().decode() == text == html_to_markdown(data.decode())


def test_a_policy_in_html_ships() -> None:
    assert [path.values[0] for path in HTML_FILES]


# --- Sony Mobile ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "1. Personal data that we collect › A. Personal data that you provide us",
        "2. How Sony Mobile uses your personal data › C. Personalization",
        "3. Sharing your personal data › A. Sharing of personal data by Sony Mobile",
        "3. Sharing your personal data › A. Sharing of personal data by Sony Mobile"
        " › Our service providers",
        "3. Sharing your personal data › B. Sharing of personal data provided by you",
        "4. Linked Sony accounts (“One Sign In”) › B. Customer analysis",
        "5. International transfers of your personal data",
        "6. Security of your personal data › How does Sony Mobile protect your personal data?",
        "7. Cookies & Tracking",
        "9. Children’s privacy",
        "California Privacy Notice › D California Consumer Rights",
        "California Privacy Notice › Additional Notice to California Residents",
        "11. Specific Notices › Other State Rights / Notice to Nevada Residents",
        "12. Contact us",
    ],
)
def test_sony_mobile_has_the_section(path: str) -> None:
    assert path in paths(version_of("sony-mobile"))


@pytest.mark.parametrize(
    ("start", "path"),
    [
        pytest.param(
            "This Privacy Policy was last updated in January 2020, prior policies are archived",
            "Sony Mobile Privacy Policy",
            id="before-the-first-heading",
        ),
        pytest.param(
            "In general, Sony Mobile does not disclose",
            "3. Sharing your personal data › A. Sharing of personal data by Sony Mobile",
            id="only-question-adds-no-level",
        ),
        pytest.param(
            "Examples of authorized data processors",
            "3. Sharing your personal data › A. Sharing of personal data by Sony Mobile"
            " › Our service providers",
            id="bullet-label",
        ),
        pytest.param(
            "Accordingly, Sony Mobile currently does not alter",
            "7. Cookies & Tracking",
            id="cookies",
        ),
        pytest.param(
            "Access: Request access",
            "California Privacy Notice › D California Consumer Rights",
            id="letter-without-dot",
        ),
        pytest.param("Call toll-free", "12. Contact us", id="last-section"),
    ],
)
def test_sony_mobile_passage_stands_in_its_section(start: str, path: str) -> None:
    assert path_of(version_of("sony-mobile"), start) == path


def test_the_only_question_of_section_3_adds_no_level() -> None:
    version = version_of("sony-mobile")
    below_3 = [s for s in version.sections if s.path[0] == "3. Sharing your personal data"]
    assert below_3
    assert [title for s in below_3 for title in s.path if title.endswith("?")] == []
    opening, first = [s.heading for s in below_3[:2] if s.heading]
    between = [s for s in version.segments if opening.end <= s.span.start < first.start]
    assert [segment.kind for segment in between] == [SegmentKind.HEADING]
    assert version.quote(between[0].span).endswith("?")


def test_sub_bullets_have_the_lead_in_of_their_list() -> None:
    version = version_of("sony-mobile")
    for start in (
        "you have linked your Sony accounts",
        "we have engaged such other Sony group companies",
        "you use your Sony Mobile devices",
        "Sony Mobile transfers a portion",
    ):
        lead_in = passage_of(version, start).lead_in
        assert lead_in is not None
        assert version.quote(lead_in).endswith("to other Sony group companies where:")


def test_access_keeps_its_label() -> None:
    version = version_of("sony-mobile")
    assert version.quote(passage_of(version, "Access: Request").span) == (
        "Access: Request access to your CA Personal Information that we have collected, used or "
        "disclosed within the preceding 12 months;"
    )


def test_no_line_of_the_table_of_contents_is_a_passage() -> None:
    version = version_of("sony-mobile")
    contents = not_policy_text(version.info)[5:]
    assert len(contents) == 11
    assert set(contents).isdisjoint(quotes(version))


def test_sentences_of_one_bullet_are_passages_of_one_block() -> None:
    version = version_of("sony-mobile")
    first = passage_of(version, "Voice recognition and utterance data")
    second = version.passages[first.position + 1]
    assert version.quote(second.span) == "Such data may be sent to our technology partners"
    assert first.block == second.block


# --- Creative Commons ----------------------------------------------------------------------------


def test_creative_commons_has_headings_1_to_25() -> None:
    sections = version_of("creative-commons").sections[1:]
    assert [int(section.title.partition(".")[0]) for section in sections] == list(range(1, 26))
    assert all(len(section.path) == 1 for section in sections)


@pytest.mark.parametrize("title", ["5. ccNet Website", "25. Questions?"])
def test_creative_commons_has_the_heading(title: str) -> None:
    assert title in paths(version_of("creative-commons"))


@pytest.mark.parametrize(
    ("start", "lead_in_end"),
    [
        pytest.param("Privacy policies including provisions", ":", id="principles"),
        pytest.param("Brief bio", "when you apply for membership in the CCGN:", id="applicant"),
        pytest.param("Information on how you know", "about you as a voucher:", id="voucher"),
        pytest.param(
            "Any other information that the voucher", "as a voucher:", id="last-of-its-list"
        ),
    ],
)
def test_lists_of_creative_commons_are_lists_without_bullets(start: str, lead_in_end: str) -> None:
    version = version_of("creative-commons")
    item = passage_of(version, start)
    assert item.is_item
    assert item.lead_in is not None
    assert version.quote(item.lead_in).endswith(lead_in_end)


# --- GitHub --------------------------------------------------------------------------------------


def test_a_row_of_githubs_table_is_a_passage_a_sentence() -> None:
    version = version_of("github", "2022-09-01")
    first = passage_of(version, "[Cookies](#cookies) | Except for cookies used")
    row = [version.quote(p.span) for p in version.passages if p.block == first.block]
    assert len(row) == 3
    assert row[1].startswith("As described below, we may use non-essential cookies")
    assert row[2] == (
        "We offer a [page](https://github.com/privacy/cookies) that makes all uses of cookies very "
        "transparent."
    )


def test_header_rows_of_tables_are_labels() -> None:
    version = version_of("github", "2022-09-01")
    assert "Section | What can you find there?" in texts_of(version, SegmentKind.LABEL)
    assert "Purpose | Description" in texts_of(version, SegmentKind.LABEL)


@pytest.mark.parametrize("edition", ["2022-05-31", "2022-09-01"])
def test_githubs_run_in_label_is_one_passage_with_its_sentence(edition: str) -> None:
    version = version_of("github", edition)
    quote = version.quote(passage_of(version, "Service Providers.").span)
    assert quote.startswith("Service Providers. We may also receive information")


def test_githubs_bold_label_opens_a_section() -> None:
    title = "Specifically on GitHub Enterprise Marketing Pages"
    version = version_of("github", "2022-09-01")
    section = version.section_of(passage_of(version, "Any GitHub page that serves non-essential"))
    assert section.path[-2:] == ("What are your cookie choices and controls?", title)


def test_heading_with_a_leading_space_is_a_heading() -> None:
    version = version_of("github", "2022-09-01")
    assert "\n ### Affiliates" in version.text
    assert path_of(version, "We enable access to personal data across our subsidiaries") == (
        "How we share the information we collect › Affiliates"
    )


# --- 37signals, Login.gov, GovWifi ---------------------------------------------------------------


@pytest.mark.parametrize("edition", ["2020-12-09", "2021-06-14"])
def test_37signals_bold_right_is_one_passage_with_its_sentence(edition: str) -> None:
    version = version_of("37signals", edition)
    quote = version.quote(passage_of(version, "**Right to Know.**").span)
    assert quote == (
        "**Right to Know.** You have the right to know what personal information is collected, "
        "used, shared or sold."
    )


def test_ids_of_login_gov_are_no_part_of_headings() -> None:
    version = version_of("login-gov")
    assert "### {#purpose}" in version.text
    headings = texts_of(version, SegmentKind.HEADING)
    assert "The Purpose - Why do we need your information?" in headings
    assert [heading for heading in headings if "{#" in heading or "#" in heading] == []
    assert [quote for quote in quotes(version) if "{#" in quote] == []


@pytest.mark.parametrize(
    "link",
    [
        "[icocasework@ico.org.uk](mailto:icocasework@ico.org.uk)",
        "[DPO@cabinetoffice.gov.uk](mailto:DPO@cabinetoffice.gov.uk)",
        "[contact Cabinet Office](https://www.gov.uk/guidance/contact-the-cabinet-office)",
    ],
)
def test_link_tags_of_govwifi_keep_label_and_target(link: str) -> None:
    assert len([quote for quote in quotes(version_of("govwifi")) if link in quote]) == 1


def test_no_template_tag_of_govwifi_is_left() -> None:
    assert "<%" not in version_of("govwifi").text


@pytest.mark.parametrize(
    ("start", "address"),
    [
        pytest.param(
            "Information Commissioner's Office",
            "Information Commissioner's Office\nWycliffe House\nWater Lane\nWilmslow\nCheshire\n"
            "SK9 5AF",
            id="ico",
        ),
        pytest.param(
            "Cabinet Office\n",
            "Cabinet Office\n70 Whitehall\nLondon\nSW1A 2AS",
            id="cabinet-office",
        ),
    ],
)
def test_an_address_of_govwifi_is_one_passage(start: str, address: str) -> None:
    version = version_of("govwifi")
    assert version.quote(passage_of(version, start).span) == address
