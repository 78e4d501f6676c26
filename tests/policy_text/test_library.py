"""A folder of policies: what is in it, which version, which is the default, and what is wrong."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from policy_text.errors import PolicyFileError, UnknownPolicyError
from policy_text.library import Library, parse_date
from policy_text.model import DateKind, first_day

TEXT = "Acme Privacy Policy\n\n1. Data\n\nWe keep it.\n\n2. Use\n\nWe use it.\n"
TOML = """title = "Acme privacy"
organisation = "Acme"
language = "en"

[[versions]]
version = "2024-05"
date_kind = "updated"
source = "acme.example"
licence = "CC0 1.0"

[[versions]]
version = "2022-01-31"
date_kind = "effective"
source = "acme.example"
licence = "CC0 1.0"
"""


def library(folder: Path, files: dict[str, str | bytes]) -> Library:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Library(folder)


def shipped(folder: Path, toml: str = TOML) -> Library:
    return library(
        folder,
        {"acme/policy.toml": toml, "acme/2024-05.md": "# New\n\nWe.", "acme/2022-01-31.txt": TEXT},
    )


def ids(of: Library) -> list[str]:
    return [policy.id for policy in of.policies]


def problems(of: Library) -> list[str]:
    return [str(problem) for problem in of.problems]


# --- a user's own folder -------------------------------------------------------------------------


def test_the_file_name_gives_policy_and_version(tmp_path: Path) -> None:
    found = library(tmp_path, {"acme__2024-05-01.txt": TEXT})
    [info] = found.policy("acme").versions
    assert (info.version, info.date_kind) == ("2024-05-01", DateKind.EFFECTIVE)


@pytest.mark.parametrize(
    ("name", "version", "in_force_from"),
    [
        pytest.param("acme__2024.txt", "2024", date(2024, 1, 1), id="year"),
        pytest.param("acme__2024-05.md", "2024-05", date(2024, 5, 1), id="month"),
        pytest.param("acme__2024-05-31.html", "2024-05-31", date(2024, 5, 31), id="day"),
    ],
)
def test_versions_are_as_precise_as_known(
    tmp_path: Path, name: str, version: str, in_force_from: date
) -> None:
    [info] = library(tmp_path, {name: "<p>We keep it.</p>"}).policy("acme").versions
    assert (info.version, info.in_force_from) == (version, in_force_from)


def test_a_file_without_a_date_is_of_its_own_date(tmp_path: Path) -> None:
    found = library(tmp_path, {"acme.txt": TEXT})
    noon = datetime(2023, 4, 5, 12, tzinfo=UTC).timestamp()
    os.utime(tmp_path / "acme.txt", (noon, noon))
    [info] = found.policy("acme").versions
    assert (info.version, info.date_kind) == ("2023-04-05", DateKind.RETRIEVED)


def test_versions_of_one_policy_are_put_together_oldest_first(tmp_path: Path) -> None:
    found = library(tmp_path, {"acme__2024-05-01.txt": TEXT, "acme__2022.md": "We.", "b.md": "We."})
    assert ids(found) == ["acme", "b"]
    assert [info.version for info in found.policy("acme").versions] == ["2022", "2024-05-01"]


def test_the_newest_text_names_the_policy(tmp_path: Path) -> None:
    policy = library(tmp_path, {"acme-inc__2024.txt": TEXT}).policy("acme-inc")
    assert (policy.title, policy.organisation) == ("Acme Privacy Policy", "Acme")
    assert policy.names == ("Acme", "acme-inc", "acme inc")


@pytest.mark.parametrize(
    "name", ["README.md", "readme.txt", "LICENSE.txt", "NOTICE.md", ".hidden.md", "notes.csv"]
)
def test_other_files_are_no_policies(tmp_path: Path, name: str) -> None:
    found = library(tmp_path, {"acme.txt": TEXT, name: "We are no policy."})
    assert (ids(found), problems(found)) == (["acme"], [])


def test_extracted_markdown_is_no_second_policy(tmp_path: Path) -> None:
    found = library(tmp_path, {"acme__2024.html": "<p>We keep it.</p>"})
    found.version(found.policy("acme").versions[0])
    assert ids(Library(tmp_path)) == ["acme"]


def test_markdown_is_read_as_markdown_and_text_as_text(tmp_path: Path) -> None:
    found = library(tmp_path, {"a__2024.md": "## A\n\nWe.", "b__2024.txt": "## A\n\nWe."})
    titles = [found.version(info).sections[-1].title for info in found.all_versions()]
    assert titles == ["A", "## A"]


# --- problems ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param(
            {"bad__2024.txt": b"\xff"}, r"bad__2024.txt is not UTF-8 (byte 0)", id="utf-8"
        ),
        pytest.param({"bad__2024.txt": b""}, "bad__2024.txt has no text in it", id="empty"),
        pytest.param({"bad__2024.txt": b"a\0"}, "bad__2024.txt is a binary file", id="binary"),
        pytest.param(
            {"bad__2024-13-01.txt": TEXT}, "2024-13-01 in its name is not a date", id="month-13"
        ),
        pytest.param(
            {"bad__2023-02-29.txt": TEXT}, "2023-02-29 in its name is not a date", id="no-leap-year"
        ),
        pytest.param(
            {"bad__2024-5-1.txt": TEXT}, "2024-5-1 in its name is not a date", id="digits-lacking"
        ),
        pytest.param(
            {"bad__2024.txt": TEXT, "bad__2024.md": TEXT},
            "there are two files for version 2024 of bad",
            id="two-files-of-one-version",
        ),
        pytest.param({"bad.pdf": b"%PDF"}, ".pdf is not read. Save it as .txt", id="pdf"),
        pytest.param({"bad/policy.toml": "title = "}, "policy.toml is not valid TOML", id="toml"),
    ],
)
def test_one_bad_file_of_many_is_named_and_the_others_are_readable(
    tmp_path: Path, files: dict[str, str | bytes], message: str
) -> None:
    found = library(tmp_path, {"acme__2024.txt": TEXT, **files, "zeta__2024.txt": TEXT})
    assert ids(found) == ["acme", "zeta"]
    [problem] = problems(found)
    assert message in problem
    assert str(tmp_path / "bad") in problem
    assert all(found.version(info).passages for info in found.all_versions())


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError, match=r"There is no folder .*nowhere\. Check --policies"):
        _ = Library(tmp_path / "nowhere").policies


def test_folder_without_policies_says_what_to_put_there(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError, match=r"holds no policy\. Put files there named ID__DATE"):
        _ = Library(tmp_path).policies


def test_folder_of_only_bad_files_says_what_is_wrong_with_them(tmp_path: Path) -> None:
    found = library(tmp_path, {"bad__2024.txt": b"\xff"})
    with pytest.raises(PolicyFileError, match=r"holds no policy(.|\n)*bad__2024.txt is not UTF-8"):
        _ = found.policies


def test_text_without_a_sentence_is_refused_when_it_is_read(tmp_path: Path) -> None:
    found = library(tmp_path, {"acme__2024.md": "# Title\n\n## A\n"})
    with pytest.raises(PolicyFileError, match="Policy acme, version 2024, has no sentence"):
        found.version(found.policy("acme").versions[0])


# --- a policy's own folder with policy.toml ------------------------------------------------------


def test_policy_toml_describes_the_policy(tmp_path: Path) -> None:
    policy = shipped(tmp_path).policy("acme")
    assert (policy.title, policy.organisation, policy.language) == ("Acme privacy", "Acme", "en")
    assert policy.names == ("Acme",)


def test_versions_of_policy_toml_are_oldest_first(tmp_path: Path) -> None:
    versions = shipped(tmp_path).policy("acme").versions
    assert [info.version for info in versions] == ["2022-01-31", "2024-05"]
    assert [info.date_kind for info in versions] == [DateKind.EFFECTIVE, DateKind.UPDATED]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param('"en"', '"en', "is not valid TOML", id="syntax"),
        pytest.param('title = "Acme privacy"\n', "", "lacks the field 'title'", id="no-title"),
        pytest.param('source = "acme.example"\n', "", "lacks the field 'source'", id="no-source"),
        pytest.param('"updated"', '"changed"', "'changed' is not a valid DateKind", id="kind"),
        pytest.param('"2024-05"', '"2024-13"', "field of the wrong kind", id="month-13"),
        pytest.param('"2024-05"', '"May 2024"', "'May 2024' is not of the form YYYY", id="words"),
        pytest.param('"2022-01-31"', "2022-01-31", "must stand in quotes", id="date-unquoted"),
        pytest.param('"2024-05"', "2024", "version 2024 must stand in quotes", id="number"),
        pytest.param('"2024-05"', '"2024-06"', "has no file 2024-06.txt", id="no-file"),
    ],
)
def test_broken_policy_toml_is_named_with_what_is_wrong(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    found = shipped(tmp_path, TOML.replace(old, new))
    [problem] = problems(found)
    assert message in problem
    assert str(tmp_path / "acme") in problem


def test_policy_toml_without_versions_is_refused(tmp_path: Path) -> None:
    toml = TOML.partition("[[versions]]")[0]
    assert "lists no version" in problems(shipped(tmp_path, toml + "versions = []\n"))[0]
    assert "lacks the field 'versions'" in problems(shipped(tmp_path, toml))[0]


def test_policy_toml_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    found = library(tmp_path, {"acme/policy.toml": b'title = "\xff"'})
    assert "is not valid TOML" in problems(found)[0]


# --- which version, which policy -----------------------------------------------------------------


def test_the_newest_version_is_meant_where_none_is_said(tmp_path: Path) -> None:
    found = shipped(tmp_path)
    assert found.version_info(found.policy("acme")).version == "2024-05"


def test_a_version_is_found_by_its_date(tmp_path: Path) -> None:
    found = shipped(tmp_path)
    assert found.version_info(found.policy("acme"), version="2022-01-31").version == "2022-01-31"


def test_unknown_version_lists_those_there_are(tmp_path: Path) -> None:
    found = shipped(tmp_path)
    with pytest.raises(
        UnknownPolicyError, match=r"no version 2023\. Versions: 2022-01-31, 2024-05\."
    ):
        found.version_info(found.policy("acme"), version="2023")


@pytest.mark.parametrize(
    ("day", "version"),
    [
        pytest.param(date(2022, 1, 31), "2022-01-31", id="first-day"),
        pytest.param(date(2024, 4, 30), "2022-01-31", id="day-before-the-next"),
        pytest.param(date(2024, 5, 1), "2024-05", id="month-starts-on-the-first"),
        pytest.param(date(2030, 1, 1), "2024-05", id="later"),
    ],
)
def test_the_version_in_force_on_a_day(tmp_path: Path, day: date, version: str) -> None:
    found = shipped(tmp_path)
    assert found.version_info(found.policy("acme"), as_of=day).version == version


def test_a_day_before_the_oldest_version_names_the_oldest(tmp_path: Path) -> None:
    found = shipped(tmp_path)
    with pytest.raises(UnknownPolicyError, match=r"on 2022-01-30; the oldest is 2022-01-31"):
        found.version_info(found.policy("acme"), as_of=date(2022, 1, 30))


def test_unknown_policy_suggests_the_close_one(tmp_path: Path) -> None:
    found = library(tmp_path, {"acme-shop.txt": TEXT, "zeta.txt": TEXT})
    with pytest.raises(
        UnknownPolicyError, match=r"no policy acme-shup\. Did you mean acme-shop\? Policies: acme"
    ):
        found.policy("acme-shup")


def test_unknown_policy_that_is_close_to_none_suggests_none(tmp_path: Path) -> None:
    with pytest.raises(UnknownPolicyError) as caught:
        library(tmp_path, {"acme.txt": TEXT}).policy("xyz")
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["acme.txt"], "acme", id="the-only-one"),
        pytest.param(["acme.txt", "sony-mobile.txt"], "sony-mobile", id="the-default"),
    ],
)
def test_default_policy(tmp_path: Path, names: list[str], expected: str) -> None:
    assert library(tmp_path, dict.fromkeys(names, TEXT)).default_policy().id == expected


def test_several_policies_without_the_default_ask_which(tmp_path: Path) -> None:
    found = library(tmp_path, {"acme.txt": TEXT, "zeta.txt": TEXT})
    with pytest.raises(UnknownPolicyError, match=r"Say one with --policy: acme, zeta\."):
        found.default_policy()


def test_a_text_is_parsed_once(tmp_path: Path) -> None:
    found = shipped(tmp_path)
    info = found.policy("acme").versions[0]
    assert found.version(info) is found.version(info)


# --- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "day"),
    [
        pytest.param("2024", date(2024, 1, 1), id="year"),
        pytest.param("2024-05", date(2024, 5, 1), id="month"),
        pytest.param("2024-02-29", date(2024, 2, 29), id="leap-day"),
    ],
)
def test_first_day(words: str, day: date) -> None:
    assert first_day(words) == day
    assert parse_date(words) == day


@pytest.mark.parametrize(
    "words", ["", "5", "2024-5", "2024-13", "2023-02-29", "1-2-3-4", "may", "٢٠٢٤"]
)
def test_what_is_no_date_is_refused(words: str) -> None:
    with pytest.raises(UnknownPolicyError, match=r"is not a date\. Write it as YYYY-MM-DD"):
        parse_date(words)


def test_a_file_called_data_takes_no_word_out_of_questions(tmp_path: Path) -> None:
    (tmp_path / "data.md").write_text("We keep your data.", encoding="utf-8")
    assert "data" not in Library(tmp_path).policy("data").names


def test_a_notice_of_privacy_practices_is_a_policy_and_a_notice_is_none(tmp_path: Path) -> None:
    for name in ("notice-of-privacy-practices.md", "NOTICE.md", "acme.markdown"):
        (tmp_path / name).write_text("We keep your data.", encoding="utf-8")
    policies = [policy.id for policy in Library(tmp_path).policies]
    assert policies == ["acme", "notice-of-privacy-practices"]
