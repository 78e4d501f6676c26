"""Only what is new or changed is encoded; what is gone leaves the index; the rest stays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from index.build import build_index, content_key, encode_version, ensure_version, entry_name
from index.practices import PRACTICES
from index.store import DamagedIndexError, Store, VectorKind
from policy_text import PolicyVersion
from policy_text.library import Library

TEXT = "# {name} privacy policy\n\n## Data\n\nWe sell email.\n\n## Use\n\nWe use cookies.\n"
ONE_VERSION = 3 * 2 + len(PRACTICES)  # texts: three for each of two passages, and the practices


class Heard:
    def __init__(self) -> None:
        self.total = 0
        self.done = 0

    def start(self, total: int) -> None:
        self.total += total

    def advance(self, done: int) -> None:
        self.done += done


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    folder = tmp_path / "policies"
    folder.mkdir()
    for name in ("acme", "beta", "zeta"):
        write(folder, name)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "index")


def write(folder: Path, name: str, text: str = TEXT) -> None:
    (folder / f"{name}__2024-01-01.md").write_text(text.format(name=name), encoding="utf-8")


def names(*ids: str) -> tuple[str, ...]:
    return tuple(f"{policy}__2024-01-01" for policy in ids)


def the_version(folder: Path, policy: str) -> PolicyVersion:
    library = Library(folder)
    return library.version(library.version_info(library.policy(policy)))


def test_a_first_build_encodes_every_version(
    policies: Path, store: Store, fake_encoder: Any
) -> None:
    heard = Heard()
    report = build_index(Library(policies), fake_encoder, store, progress=heard)

    assert report.encoded == names("acme", "beta", "zeta")
    assert (report.kept, report.problems) == ((), ())
    assert fake_encoder.encoded == 3 * ONE_VERSION
    assert (heard.total, heard.done) == (3 * 3 * 2, 3 * 3 * 2)
    assert tuple(store.keys()) == report.encoded


def test_a_second_build_encodes_nothing(policies: Path, store: Store, fake_encoder: Any) -> None:
    build_index(Library(policies), fake_encoder, store)
    fake_encoder.encoded = 0
    report = build_index(Library(policies), fake_encoder, store)

    assert fake_encoder.encoded == 0
    assert (report.encoded, report.kept) == ((), names("acme", "beta", "zeta"))


def test_only_a_changed_policy_is_encoded_again(
    policies: Path, store: Store, fake_encoder: Any
) -> None:
    build_index(Library(policies), fake_encoder, store)
    before = store.keys()
    fake_encoder.encoded = 0
    write(policies, "beta", TEXT.replace("email", "location"))
    report = build_index(Library(policies), fake_encoder, store)

    assert fake_encoder.encoded == ONE_VERSION
    assert (report.encoded, report.kept) == (names("beta"), names("acme", "zeta"))
    changed = [name for name, key in store.keys().items() if before[name] != key]
    assert tuple(changed) == names("beta")


def test_a_new_version_is_added_beside_the_old_one(
    policies: Path, store: Store, fake_encoder: Any
) -> None:
    build_index(Library(policies), fake_encoder, store)
    (policies / "acme__2025-01-01.md").write_text(TEXT.format(name="acme"), encoding="utf-8")
    report = build_index(Library(policies), fake_encoder, store)

    assert report.encoded == ("acme__2025-01-01",)
    assert len(store.keys()) == 4


def test_a_removed_policy_leaves_the_index(policies: Path, store: Store, fake_encoder: Any) -> None:
    build_index(Library(policies), fake_encoder, store)
    (policies / "beta__2024-01-01.md").unlink()
    build_index(Library(policies), fake_encoder, store)

    assert tuple(store.keys()) == names("acme", "zeta")
    assert not list(store.folder.glob("beta*"))


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"\xff\xfe\x00bad", id="binary"),
        pytest.param("Datenschutz für Kinder".encode("latin-1"), id="not-utf-8"),
        pytest.param(b"", id="empty"),
        pytest.param(b"# Only a heading\n", id="no-sentence"),
    ],
)
def test_a_bad_policy_is_named_and_the_others_are_built(
    policies: Path, store: Store, fake_encoder: Any, payload: bytes
) -> None:
    (policies / "beta__2024-01-01.md").write_bytes(payload)
    report = build_index(Library(policies), fake_encoder, store)

    assert report.encoded == names("acme", "zeta")
    [problem] = report.problems
    assert "beta" in str(problem)


def test_another_encoder_builds_all_anew(policies: Path, store: Store, fake_encoder: Any) -> None:
    build_index(Library(policies), fake_encoder, store)
    other = type(fake_encoder)("other")
    report = build_index(Library(policies), other, store)

    assert report.encoded == names("acme", "beta", "zeta")
    assert set(store.open("acme__2024-01-01").encoders.values()) == {"other"}


def test_rebuild_encodes_all_anew(policies: Path, store: Store, fake_encoder: Any) -> None:
    build_index(Library(policies), fake_encoder, store)
    report = build_index(Library(policies), fake_encoder, store, rebuild=True)

    assert report.encoded == names("acme", "beta", "zeta")


def test_a_damaged_index_is_refused_and_rebuild_mends_it(
    policies: Path, store: Store, fake_encoder: Any
) -> None:
    build_index(Library(policies), fake_encoder, store)
    (store.folder / "manifest.json").write_text("{", encoding="utf-8")

    with pytest.raises(DamagedIndexError, match="index --rebuild"):
        build_index(Library(policies), fake_encoder, store)
    build_index(Library(policies), fake_encoder, store, rebuild=True)
    assert tuple(store.keys()) == names("acme", "beta", "zeta")


def test_ensure_version_builds_that_version_only(
    policies: Path, store: Store, fake_encoder: Any
) -> None:
    version = the_version(policies, "beta")
    ensure_version(version, fake_encoder, store)
    ensure_version(version, fake_encoder, store)

    assert tuple(store.keys()) == names("beta")
    assert fake_encoder.encoded == ONE_VERSION


def test_ensure_version_keeps_the_other_versions(
    policies: Path, store: Store, fake_encoder: Any
) -> None:
    build_index(Library(policies), fake_encoder, store)
    write(policies, "beta", TEXT.replace("email", "location"))
    version = the_version(policies, "beta")
    ensure_version(version, fake_encoder, store)

    assert tuple(store.keys()) == names("acme", "beta", "zeta")
    assert store.keys()[entry_name(version.info)] == content_key(version, fake_encoder.id)


def test_an_entry_holds_a_vector_for_every_passage(policies: Path, fake_encoder: Any) -> None:
    version = the_version(policies, "acme")
    entry = encode_version(version, fake_encoder)

    counts: dict[str, Sequence[object]] = {
        s.name: (s.kind, s.item_count) for s in entry.vector_sets
    }
    assert counts == {
        "headed": (VectorKind.DENSE, 2),
        "introduced": (VectorKind.DENSE, 2),
        "neighbourhood": (VectorKind.DENSE, 2),
        "practices": (VectorKind.DENSE, len(PRACTICES)),
        "introduced-tokens": (VectorKind.TOKENS, 2),
    }
    spans = [[p.span.start, p.span.end] for p in version.passages]
    assert entry.metadata["passages"] == spans
