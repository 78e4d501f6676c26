"""Approving, finding by meaning, and expiring when a new version changes what is cited."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant import Settings
from assistant.approved import LEAST_ALIKE, ApprovedAnswers, section_hash
from assistant.compose import Selection, cite
from assistant.model import Citation
from assistant.search import SearchableAssistant
from assistant.stores.approved import ApprovedAnswer, ApprovedError
from assistant.stores.approved_files import ApprovedFormat, write_answers
from assistant.stores.audit import AuditError, AuditLog, Visitor
from policy_text import PolicyVersion
from policy_text.library import Library
from tests.assistant.test_approved_store import an_answer
from tests.conftest import CACHE

OLD = """# Acme Privacy Policy

## 1. Sharing

We never sell your personal data to anybody. We share it with our hosting provider.

## 2. Keeping

We keep your data for one year after you close your account.

## 3. For residents of California

Residents of California may ask us to delete their data twice a year.
"""
ANN = Visitor("ann", "192.0.2.1")
SELL = "Do you sell my data?"


class Office:
    """Approved answers over a policy, whose versions are given by date."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "approved.sqlite3"
        self.audit = folder / "audit.jsonl"

    def open(self, **versions: str) -> Office:
        for date, text in versions.items():
            name = date.removeprefix("v").replace("_", "-")
            (self.folder / f"acme__{name}.md").write_text(text, encoding="utf-8")
        settings = Settings(policies=self.folder, index=self.folder / "index", cache=CACHE)
        self.assistant = SearchableAssistant.open(settings)
        self.approved = ApprovedAnswers(self.file, self.assistant, AuditLog(self.audit))
        return self

    def version(self, at: int = -1) -> PolicyVersion:
        library = self.assistant.library
        return library.version(library.policy("acme").versions[at])

    def approve(self, position: int = 0, question: str = SELL) -> ApprovedAnswer:
        cited = [(self.version(), citation(self.version(), position))]
        return self.approved.approve(question, "No, never.", cited, ANN)

    def events(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.audit.read_text().splitlines()]


def citation(version: PolicyVersion, position: int) -> Citation:
    passage = version.passages[position]
    return cite(version, Selection(passage, (passage,)))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path).open(v2024_05_01=OLD)


def test_an_answer_is_found_again_by_what_the_question_means(office: Office) -> None:
    kept = office.approve()
    (found,) = office.approved.find("do you sell personal information", [office.version()])
    assert found.answer == kept
    assert found.why_expired is None
    assert found.alike > LEAST_ALIKE
    assert kept.approved_by == "ann"
    assert kept.citations[0].quote == "We never sell your personal data to anybody."
    assert office.approved.find("Which cookies do you set?", [office.version()]) == []


def test_it_is_there_for_the_next_process(office: Office) -> None:
    kept = office.approve()
    again = ApprovedAnswers(office.file, office.assistant, AuditLog(office.audit))
    assert [s.answer for s in again.find(SELL, [office.version()])] == [kept]


def test_of_other_policies_nothing_is_shown(office: Office) -> None:
    office.approve()
    github = Library().version(Library().policy("github").versions[-1])
    assert office.approved.find(SELL, [github]) == []
    assert office.approved.find(SELL, []) == []


def test_what_is_only_for_another_region_is_not_shown(office: Office) -> None:
    question = "How often may I ask you to delete my data?"
    office.approve(3, question)
    assert office.approved.find(question, [office.version()], region="California")
    assert office.approved.find(question, [office.version()])
    assert not office.approved.find(question, [office.version()], region="Germany")


@pytest.mark.parametrize(
    ("change", "expires"),
    [
        pytest.param(lambda text: text.replace("never sell", "may sell"), True, id="words"),
        pytest.param(lambda text: text.replace("one year", "two years"), False, id="elsewhere"),
        pytest.param(lambda text: text.replace("personal data", "Personal Data"), False, id="case"),
        pytest.param(lambda text: text.replace("1. Sharing", "7. Sharing"), False, id="number"),
        pytest.param(
            lambda text: text.replace("provider.\n", "provider. We sell it, too.\n"), True,
            id="a-sentence-more",
        ),
        pytest.param(
            lambda text: text[: text.index("## 1.")] + text[text.index("## 2.") :], True, id="gone"
        ),
    ],
)  # fmt: skip
def test_it_expires_when_a_new_version_changes_the_section(
    office: Office, change: Callable[[str], str], expires: bool
) -> None:
    office.approve()
    newer = office.open(v2025_06_01=change(OLD))
    (found,) = newer.approved.find(SELL, [newer.version()])
    assert (found.why_expired is not None) == expires
    if expires:
        assert "1. Sharing" in str(found.why_expired)
        assert "1 June 2025" in str(found.why_expired)
    assert [s.why_expired is not None for s in newer.approved.all()] == [expires]


def test_in_the_version_that_it_was_approved_on_it_still_holds(office: Office) -> None:
    office.approve()
    newer = office.open(v2025_06_01=OLD.replace("never", "may"))
    (found,) = newer.approved.find(SELL, [newer.version(0)])
    assert found.why_expired is None


def test_of_a_policy_that_is_gone_it_says_so(office: Office) -> None:
    office.approved.bring([an_answer("a", policy="gone")], ANN)
    (standing,) = office.approved.all()
    assert standing.why_expired == "The policy is no longer there."


def test_the_hash_is_that_of_the_sections_own_words(office: Office) -> None:
    version = office.version()
    hashes = [section_hash(version, n) for n in range(len(version.sections))]
    assert all(len(one) == 64 for one in hashes)
    assert len(set(hashes)) == len(hashes)


def test_every_approval_and_deletion_has_a_line_before_it_counts(office: Office) -> None:
    kept = office.approve()
    office.approved.delete(kept.id, Visitor(None, "192.0.2.2"))
    approval, deletion = office.events()
    assert approval["event"] == "approval"
    assert approval["who"] == "ann"
    assert approval["answer"] == kept.id
    assert deletion["event"] == "deletion"
    assert deletion["who"] == "local"
    assert "sell" not in office.audit.read_text()  # no text of a question


def test_without_its_line_nothing_is_approved(office: Office, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("x")
    audit = AuditLog(tmp_path / "blocked" / "audit.jsonl")
    approved = ApprovedAnswers(office.file, office.assistant, audit)
    with pytest.raises(AuditError):
        approved.approve(SELL, "No.", [(office.version(), citation(office.version(), 0))], ANN)
    assert approved.all() == []


def test_what_was_brought_already_is_not_approved_again(office: Office) -> None:
    assert office.approved.bring([an_answer("a"), an_answer("b")], ANN) == 2
    assert office.approved.bring([an_answer("a"), an_answer("c")], ANN) == 1
    assert [event["answer"] for event in office.events()] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        pytest.param(" ", "No.", "blank", id="blank-question"),
        pytest.param(SELL, " \n", "answer: ", id="blank-answer"),
        pytest.param(SELL, "x" * 20_001, "answer: ", id="long-answer"),
    ],
)
def test_what_is_missing_is_said(office: Office, question: str, answer: str, words: str) -> None:
    cited = [(office.version(), citation(office.version(), 0))]
    with pytest.raises(Exception, match=words):
        office.approved.approve(question, answer, cited, ANN)
    with pytest.raises(ApprovedError, match="passages of one version"):
        office.approved.approve(SELL, "No.", [], ANN)


def test_where_nothing_was_approved_there_is_no_file(office: Office) -> None:
    assert office.approved.find(SELL, [office.version()]) == []
    assert office.approved.all() == []
    assert not office.file.exists()


def test_the_commands_export_and_import(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from assistant.cli import main

    brought, kept = tmp_path / "in.jsonl", ["--approved", str(tmp_path / "a.sqlite3")]
    brought.write_text(write_answers([an_answer("a")], ApprovedFormat.JSONL) + "{}\n")
    log = ["--audit", str(tmp_path / "audit.jsonl")]
    with pytest.raises(SystemExit) as one_is_wrong:
        main(["approved", "import", str(brought), *kept, *log])
    assert one_is_wrong.value.code == 1
    assert "Brought: 1, there already: 0." in capsys.readouterr().err
    for name in ("out.csv", "out.jsonl"):
        with pytest.raises(SystemExit) as fine:
            main(["approved", "export", "--output", str(tmp_path / name), *kept])
        assert fine.value.code == 0
        with pytest.raises(SystemExit) as again:
            main(["approved", "import", str(tmp_path / name), *kept, *log])
        assert again.value.code == 0
        assert "Brought: 0, there already: 1." in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["approved", "export", "--output", str(tmp_path / "out.txt"), *kept])
    assert "neither .jsonl nor .csv" in capsys.readouterr().err
