"""What an index folder keeps, and what it does when damaged, foreign, busy, full or killed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from index.store import (
    DamagedIndexError,
    Entry,
    IndexFolderError,
    OpenedEntry,
    Store,
    VectorKind,
    VectorSet,
)

REPOSITORY = Path(__file__).parents[2]
MEND = "policy-assistant index --rebuild"
ITEMS = 6
DIM = 4
KILLS = 40
REPLACEMENTS = 100


# ---- what is written, all of it from one seed ----


def entry_of(seed: int, *, items: int = ITEMS, **metadata: Any) -> Entry:
    rows = np.random.default_rng(seed)
    dense = rows.standard_normal((items, DIM)).astype(np.float32)
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    offsets = np.concatenate([[0], np.cumsum(rows.integers(0, 4, items))]).astype(np.int64)
    tokens = rows.standard_normal((int(offsets[-1]), DIM)).astype(np.float16)
    return Entry(
        key=f"{seed:08x}",
        metadata={"seed": seed, **metadata},
        vector_sets=(
            VectorSet("sections", VectorKind.DENSE, "model-a", dense),
            VectorSet("words", VectorKind.TOKENS, "model-b", tokens, offsets),
        ),
    )


def dense_of(entry: Entry) -> NDArray[np.float32]:
    return entry.vector_sets[0].vectors.astype(np.float32)


def assert_holds_its_seed(opened: OpenedEntry) -> None:
    seed = opened.metadata["seed"]
    assert isinstance(seed, int)
    dense, tokens = entry_of(seed).vector_sets
    found = opened.tokens["words"]
    assert opened.key == f"{seed:08x}"
    np.testing.assert_array_equal(opened.dense["sections"].reconstruct_n(0, ITEMS), dense.vectors)
    np.testing.assert_array_equal(found.vectors, tokens.vectors)
    assert found.offsets is not None
    assert tokens.offsets is not None
    np.testing.assert_array_equal(found.offsets, tokens.offsets)


def save(folder: Path, **entries: Entry) -> Store:
    store = Store(folder)
    with store.building(wait_s=5):
        for name, entry in entries.items():
            store.write(name, entry)
    return store


def open_all(store: Store) -> dict[str, OpenedEntry]:
    return {name: store.open(name) for name in store.keys()}  # noqa: SIM118 (not a dict)


def files_of(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def assert_only_listed_folders(folder: Path) -> None:
    listed = json.loads((folder / "manifest.json").read_bytes())["entries"].values()
    expected = {"manifest.json", "lock", *(record["folder"] for record in listed)}
    assert {path.name for path in folder.iterdir()} | {"lock"} == expected


@pytest.fixture
def saved(tmp_path: Path) -> Store:
    return save(tmp_path / "index", acme=entry_of(1), zeta=entry_of(2))


# ---- what comes back ----


def test_a_search_of_the_opened_entry_ranks_as_the_saved_vectors_do(tmp_path: Path) -> None:
    entry = entry_of(7, items=50)
    opened = save(tmp_path / "index", acme=entry).open("acme")
    vectors, query = dense_of(entry), dense_of(entry_of(8))[:1]

    scores, items = opened.dense["sections"].search(query, 50)

    in_memory = faiss.IndexFlatIP(DIM)
    in_memory.add(vectors)
    expected_scores, expected_items = in_memory.search(query, 50)
    assert items.tolist() == expected_items.tolist()
    assert scores.tolist() == expected_scores.tolist()
    assert items[0].tolist() == np.argsort(-(vectors @ query[0])).tolist()


def test_token_vectors_and_offsets_come_back_equal(saved: Store) -> None:
    assert_holds_its_seed(saved.open("acme"))
    assert saved.open("acme").tokens["words"].vectors.dtype == np.float16


def test_an_entry_names_the_encoder_of_each_vector_set(saved: Store) -> None:
    assert saved.open("acme").encoders == {"sections": "model-a", "words": "model-b"}


def test_vector_sets_without_items_come_back_empty(tmp_path: Path) -> None:
    opened = save(tmp_path / "index", acme=entry_of(1, items=0)).open("acme")

    assert opened.dense["sections"].ntotal == 0
    assert opened.tokens["words"].item_count == 0


def test_keys_are_the_content_keys_in_order_of_name(tmp_path: Path) -> None:
    store = save(tmp_path / "index", zeta=entry_of(2), acme=entry_of(1))

    assert list(store.keys().items()) == [("acme", "00000001"), ("zeta", "00000002")]


def test_writing_a_name_again_replaces_its_entry_and_no_other(saved: Store) -> None:
    with saved.building(wait_s=5):
        saved.write("acme", entry_of(3))

    assert saved.keys() == {"acme": "00000003", "zeta": "00000002"}
    assert_holds_its_seed(saved.open("acme"))
    assert_only_listed_folders(saved.folder)


def test_an_opened_entry_outlives_its_replacement(saved: Store) -> None:
    opened = saved.open("acme")

    with saved.building(wait_s=5):
        saved.write("acme", entry_of(3))

    assert opened.metadata == {"seed": 1}
    assert_holds_its_seed(opened)


def test_remove_unlisted_keeps_only_the_named_entries(saved: Store) -> None:
    with saved.building(wait_s=5):
        saved.remove_unlisted({"zeta", "never-there"})

    assert saved.keys() == {"zeta": "00000002"}
    assert_holds_its_seed(saved.open("zeta"))
    assert_only_listed_folders(saved.folder)


def test_remove_unlisted_does_not_write_when_nothing_goes(saved: Store) -> None:
    before = (saved.folder / "manifest.json").stat()

    with saved.building(wait_s=5):
        saved.remove_unlisted({"acme", "zeta"})

    assert (saved.folder / "manifest.json").stat() == before


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Büro 政策 🐈 v2", id="unicode"),
        pytest.param("../../etc/passwd", id="leads-out"),
        pytest.param("", id="empty"),
        pytest.param("-.-", id="dots"),
        pytest.param("x" * 1000, id="long"),
        pytest.param("lone \ud800", id="lone-surrogate"),
        pytest.param("manifest.json", id="our-own"),
    ],
)
def test_any_text_can_name_an_entry_and_stand_in_its_metadata(tmp_path: Path, name: str) -> None:
    store = save(
        tmp_path / "index", **{name: entry_of(1, title=name, more=[None, 1.5, {name: ""}])}
    )

    assert store.open(name).metadata == {"seed": 1, "title": name, "more": [None, 1.5, {name: ""}]}
    assert store.keys() == {name: "00000001"}
    assert [path.name for path in tmp_path.iterdir()] == ["index"]
    assert_only_listed_folders(store.folder)


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"bytes"])
def test_metadata_that_is_not_json_is_refused_and_leaves_the_index(
    saved: Store, value: object
) -> None:
    before = files_of(saved.folder)

    with saved.building(wait_s=5), pytest.raises((ValueError, TypeError)):
        saved.write("acme", entry_of(3, value=value))

    assert files_of(saved.folder) == before


def test_no_file_of_an_index_is_a_pickle(saved: Store) -> None:
    files = files_of(saved.folder)
    arrays = [name for name in files if name.endswith(".npy")]

    assert len(arrays) == 4
    for name in arrays:
        assert isinstance(np.load(saved.folder / name, allow_pickle=False), np.ndarray)
    assert {Path(name).suffix for name in files} == {".json", ".npy", ".faiss"}
    assert not any(content.startswith(b"\x80") for content in files.values())


# ---- wrong calls ----

DENSE = np.ones((2, DIM), dtype=np.float32)
TOKENS = np.ones((2, DIM), dtype=np.float16)


@pytest.mark.parametrize(
    ("name", "kind", "vectors", "offsets"),
    [
        pytest.param("../a", VectorKind.DENSE, DENSE, None, id="name-leads-out"),
        pytest.param("a.offsets", VectorKind.DENSE, DENSE, None, id="name-of-offsets"),
        pytest.param("a", VectorKind.DENSE, TOKENS, None, id="dense-float16"),
        pytest.param("a", VectorKind.DENSE, DENSE[0], None, id="one-row"),
        pytest.param("a", VectorKind.DENSE, DENSE[:, :0], None, id="no-dimension"),
        pytest.param("a", VectorKind.DENSE, DENSE, np.array([0, 2]), id="dense-with-offsets"),
        pytest.param("a", VectorKind.TOKENS, TOKENS, None, id="tokens-without-offsets"),
        pytest.param("a", VectorKind.TOKENS, TOKENS, np.array([0, 1]), id="offsets-end-early"),
        pytest.param("a", VectorKind.TOKENS, TOKENS, np.array([0, 2, 1, 2]), id="offsets-fall"),
        pytest.param("a", VectorKind.TOKENS, TOKENS, np.array([1, 2]), id="offsets-start-late"),
        pytest.param("a", VectorKind.TOKENS, TOKENS, np.array([0.0, 2.0]), id="offsets-of-floats"),
        pytest.param("a", VectorKind.TOKENS, TOKENS, np.array([], np.int64), id="no-offsets"),
    ],
)
def test_vectors_that_do_not_fit_together_are_refused(
    name: str, kind: VectorKind, vectors: Any, offsets: Any
) -> None:
    with pytest.raises(ValueError, match=r"need|name|offsets"):
        VectorSet(name, kind, "model", vectors, offsets)


@pytest.mark.parametrize("key", ["", "1234567", "ABCDEF01", "../../00", "0000000g"])
def test_a_key_that_is_not_a_hash_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        Entry(key, {}, ())


def test_two_vector_sets_of_one_name_are_refused() -> None:
    one = VectorSet("a", VectorKind.DENSE, "model", DENSE)
    with pytest.raises(ValueError, match="same name"):
        Entry("00000000", {}, (one, one))


# ---- no index, and folders of others ----


@pytest.mark.parametrize("exists", [True, False])
def test_a_missing_or_empty_folder_is_an_index_without_entries(
    tmp_path: Path, *, exists: bool
) -> None:
    folder = tmp_path / "a" / "index"
    if exists:
        folder.mkdir(parents=True)

    assert Store(folder).keys() == {}
    with pytest.raises(KeyError):
        Store(folder).open("acme")
    assert folder.exists() == exists


def test_a_build_that_writes_nothing_leaves_an_index_without_entries(tmp_path: Path) -> None:
    assert save(tmp_path / "index").keys() == {}


FOREIGN_FOLDERS = [
    pytest.param({"thesis.txt": "years of work"}, id="no-manifest"),
    pytest.param({"manifest.json": '{"name": "my site"}', "a.html": ""}, id="their-manifest"),
    pytest.param({"manifest.json": '{"name": "my site"}'}, id="only-their-manifest"),
    pytest.param({"manifest.json": "[]", "a.html": ""}, id="their-list"),
    pytest.param({"manifest.json": "not JSON", "a.html": ""}, id="no-json"),
    pytest.param({".new-year-letter": "dear all"}, id="looks-like-leftover"),
    pytest.param({"acme-00000001-abcdef/thesis.txt": "work"}, id="looks-like-entry"),
]


@pytest.mark.parametrize("files", FOREIGN_FOLDERS)
@pytest.mark.parametrize("use", ["keys", "open", "write", "remove_unlisted", "discard", "building"])
def test_a_foreign_folder_is_refused_and_left_as_it_is(
    tmp_path: Path, files: dict[str, str], use: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    store = Store(tmp_path)
    before = sorted(tmp_path.rglob("*")), files_of(tmp_path)

    with pytest.raises(IndexFolderError, match="is not an index of policy-assistant") as caught:
        apply(store, use)

    assert str(tmp_path) in str(caught.value)
    assert "--index" in str(caught.value)
    assert not isinstance(caught.value, DamagedIndexError)
    assert (sorted(tmp_path.rglob("*")), files_of(tmp_path)) == before


def apply(store: Store, use: str) -> None:
    uses: dict[str, Callable[[], object]] = {
        "keys": store.keys,
        "open": lambda: store.open("acme"),
        "write": lambda: store.write("acme", entry_of(3)),
        "remove_unlisted": lambda: store.remove_unlisted(()),
        "discard": store.discard,
        "building": lambda: save(store.folder),
    }
    uses[use]()


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("work")

    with pytest.raises(IndexFolderError, match="it is a file"):
        save(tmp_path / "index", acme=entry_of(1))

    assert (tmp_path / "index").read_text() == "work"


def test_a_stray_file_in_an_index_stays_and_stops_no_rebuild(saved: Store) -> None:
    (saved.folder / ".DS_Store").write_text("of the Finder")

    with saved.building(wait_s=5):
        saved.discard()
        saved.write("acme", entry_of(3))

    assert list(open_all(saved)) == ["acme"]
    assert (saved.folder / ".DS_Store").read_text() == "of the Finder"


# ---- damage ----

DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut in half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "one byte short": lambda path: os.truncate(path, path.stat().st_size - 1),
    "emptied": lambda path: os.truncate(path, 0),
    "first byte flipped": lambda path: flip(path, 0),
    "middle byte flipped": lambda path: flip(path, path.stat().st_size // 2),
    "last byte flipped": lambda path: flip(path, path.stat().st_size - 1),
    "zeroed": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "longer by a byte": lambda path: path.write_bytes(path.read_bytes() + b"\x00"),
    "deleted": lambda path: path.unlink(),
    "a folder": lambda path: turn_into_folder(path),
}


def turn_into_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def assert_damage_is_named(store: Store) -> None:
    with pytest.raises(DamagedIndexError) as caught:
        open_all(store)
    assert str(store.folder) in str(caught.value)
    assert str(caught.value).endswith(MEND)


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_damaged_file_is_ever_opened(saved: Store, tmp_path: Path, damage: str) -> None:
    files = files_of(saved.folder)
    assert len(files) == 1 + 2 * 4  # the manifest; entry.json, dense, tokens, offsets of each

    for number, name in enumerate(files):
        folder = tmp_path / f"damaged-{number}"
        shutil.copytree(saved.folder, folder)
        DAMAGES[damage](folder / name)
        assert_damage_is_named(Store(folder))


def test_no_single_byte_of_the_manifest_can_change_unnoticed(saved: Store) -> None:
    manifest = saved.folder / "manifest.json"
    intact = manifest.read_bytes()

    for position in range(len(intact)):
        flip(manifest, position)
        assert_damage_is_named(saved)
        manifest.write_bytes(intact)


@pytest.mark.parametrize("damage", ["emptied", "deleted", "middle byte flipped"])
def test_a_rebuild_mends_every_damaged_file(saved: Store, tmp_path: Path, damage: str) -> None:
    for number, name in enumerate(files_of(saved.folder)):
        store = Store(tmp_path / f"damaged-{number}")
        shutil.copytree(saved.folder, store.folder)
        DAMAGES[damage](store.folder / name)

        with store.building(wait_s=5):
            store.discard()
            store.write("acme", entry_of(3))

        assert_holds_its_seed(open_all(store)["acme"])
        assert_only_listed_folders(store.folder)


def test_a_missing_entry_folder_is_damage(saved: Store) -> None:
    shutil.rmtree(next(saved.folder.glob("acme-*")))

    assert_damage_is_named(saved)


def test_a_build_that_does_not_discard_refuses_a_damaged_manifest(saved: Store) -> None:
    flip(saved.folder / "manifest.json", 0)
    before = files_of(saved.folder)

    with pytest.raises(DamagedIndexError):
        save(saved.folder, acme=entry_of(3))

    assert files_of(saved.folder) == before


def test_two_entries_that_changed_places_are_damage(saved: Store) -> None:
    acme, zeta = sorted(path for path in saved.folder.iterdir() if path.is_dir())
    acme.rename(saved.folder / "aside")
    zeta.rename(acme)
    (saved.folder / "aside").rename(zeta)

    assert_damage_is_named(saved)


# ---- manifests ----


def change_manifest(
    store: Store, change: Callable[[dict[str, Any]], object], *, sealed_as: int | None = None
) -> None:
    path = store.folder / "manifest.json"
    document = json.loads(path.read_bytes())
    change(document)
    if sealed_as is not None:
        sealed = json.dumps([sealed_as, document.get("entries")], sort_keys=True)
        document["sha256"] = hashlib.sha256(sealed.encode()).hexdigest()
    path.write_text(json.dumps(document))


MANIFEST_CHANGES = [
    pytest.param(lambda manifest: manifest.clear(), id="nothing-in-it"),
    pytest.param(lambda manifest: manifest.pop("format"), id="no-format"),
    pytest.param(lambda manifest: manifest.update(format="other"), id="other-format"),
    pytest.param(lambda manifest: manifest.update(format=[]), id="format-is-a-list"),
    pytest.param(lambda manifest: manifest.pop("format_version"), id="no-version"),
    pytest.param(lambda manifest: manifest.update(format_version="1"), id="version-is-text"),
    pytest.param(lambda manifest: manifest.update(format_version=1.0), id="version-is-a-float"),
    pytest.param(lambda manifest: manifest.update(format_version=True), id="version-is-true"),
    pytest.param(lambda manifest: manifest.pop("entries"), id="no-entries"),
    pytest.param(lambda manifest: manifest.update(entries=[]), id="entries-is-a-list"),
    pytest.param(lambda manifest: manifest.update(entries=None), id="entries-is-null"),
    pytest.param(lambda manifest: manifest["entries"].update(acme=None), id="entry-is-null"),
    pytest.param(lambda manifest: manifest["entries"].update(acme=[1]), id="entry-is-a-list"),
    pytest.param(lambda manifest: manifest["entries"]["acme"].pop("key"), id="no-key"),
    pytest.param(lambda manifest: manifest["entries"]["acme"].pop("folder"), id="no-folder"),
    pytest.param(lambda manifest: manifest["entries"]["acme"].update(sha256=1), id="sha-is-1"),
    pytest.param(
        lambda manifest: manifest["entries"]["acme"].update(sha256="0" * 64), id="other-sha"
    ),
    pytest.param(
        lambda manifest: manifest["entries"]["acme"].update(folder="../zeta-00000001-abcdef"),
        id="folder-leads-out",
    ),
    pytest.param(lambda manifest: manifest["entries"]["acme"].update(folder="."), id="folder-dot"),
]


@pytest.mark.parametrize("change", MANIFEST_CHANGES)
@pytest.mark.parametrize("sealed_as", [None, 1])
def test_a_changed_manifest_is_damage_even_with_a_right_checksum(
    saved: Store, change: Callable[[dict[str, Any]], object], sealed_as: int | None
) -> None:
    change_manifest(saved, change, sealed_as=sealed_as)

    assert_damage_is_named(saved)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda manifest: manifest["entries"].pop("zeta"), id="one-less"),
        pytest.param(
            lambda manifest: manifest["entries"].update(acme=manifest["entries"]["zeta"]),
            id="one-for-another",
        ),
        pytest.param(
            lambda manifest: manifest["entries"].update(acmf=manifest["entries"].pop("acme")),
            id="other-name",
        ),
        pytest.param(lambda manifest: manifest.pop("sha256"), id="no-checksum"),
        pytest.param(lambda manifest: manifest.update(format_version=0), id="version-0"),
        pytest.param(lambda manifest: manifest.update(format_version=9), id="version-9"),
    ],
)
def test_a_manifest_that_does_not_match_its_checksum_is_damage(
    saved: Store, change: Callable[[dict[str, Any]], object]
) -> None:
    change_manifest(saved, change)

    assert_damage_is_named(saved)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"null", id="null"),
        pytest.param(b"7", id="number"),
        pytest.param(b"\xff\xfe\x00", id="not-text"),
        pytest.param(b"[" * 200_000, id="deep"),
        pytest.param(b'{"format": "policy-assistant-index"}', id="nothing-but-the-format"),
        pytest.param(b'{"n": ' + b"9" * 5000 + b"}", id="endless-number"),
    ],
)
def test_a_manifest_of_other_content_beside_entries_is_damage(saved: Store, content: bytes) -> None:
    (saved.folder / "manifest.json").write_bytes(content)

    assert_damage_is_named(saved)


@pytest.mark.parametrize("use", ["keys", "open", "write", "remove_unlisted", "discard", "building"])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda manifest: manifest.update(format_version=2), id="same-fields"),
        pytest.param(
            lambda manifest: manifest.update(format_version=2, entries=["acme"]), id="other-fields"
        ),
    ],
)
def test_an_index_of_a_newer_version_is_refused_and_left_as_it_is(
    saved: Store, change: Callable[[dict[str, Any]], object], use: str
) -> None:
    change_manifest(saved, change, sealed_as=2)
    before = files_of(saved.folder)

    with pytest.raises(IndexFolderError, match="newer version of policy-assistant") as caught:
        apply(saved, use)

    assert str(saved.folder) in str(caught.value)
    assert not isinstance(caught.value, DamagedIndexError)
    assert files_of(saved.folder) == before


def test_an_index_of_an_older_version_counts_as_empty_and_the_first_write_replaces_it(
    saved: Store,
) -> None:
    change_manifest(saved, lambda manifest: manifest.update(format_version=0), sealed_as=0)
    before = files_of(saved.folder)

    assert saved.keys() == {}
    with pytest.raises(KeyError):
        saved.open("acme")
    save(saved.folder)
    assert files_of(saved.folder) == before

    save(saved.folder, acme=entry_of(3))
    assert saved.keys() == {"acme": "00000003"}
    assert_only_listed_folders(saved.folder)


# ---- other processes; they import this file and call one of these ----


def write_until_killed(folder: str, seed: str) -> None:
    if not sys.stdin.readline():
        return  # the test ended without its turn
    store = Store(Path(folder))
    with store.building(wait_s=5):
        print("ready", flush=True)
        for number in range(int(seed), int(seed) + 1000):
            store.write(("acme", "zeta")[number % 2], entry_of(number))


def write_replacements(folder: str) -> None:
    store = Store(Path(folder))
    with store.building(wait_s=5):
        print("ready", flush=True)
        for number in range(REPLACEMENTS):
            store.write(("acme", "zeta")[number % 2], entry_of(10 + number))


def hold_the_lock(folder: str) -> None:
    store = Store(Path(folder))
    with store.building(wait_s=5):
        print("ready", flush=True)
        sys.stdin.readline()
        store.write("first", entry_of(3))


def write_with_little_space(folder: str) -> None:
    """Prints what happened for each limit of a file's size, in bytes, from none to enough."""
    store = Store(Path(folder))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    outcomes = []
    with store.building(wait_s=5):
        for limit in range(0, 1500, 20):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            try:
                store.write("acme", entry_of(9, items=60))
                outcome = "written"
            except IndexFolderError as error:
                outcome = str(error)
            assert_only_listed_folders(store.folder)
            seeds = {name: one.metadata["seed"] for name, one in open_all(store).items()}
            outcomes.append((outcome, seeds))
    print(json.dumps(outcomes))


def start(function: Callable[..., None], *arguments: object) -> subprocess.Popen[str]:
    call = f"import sys, test_store; test_store.{function.__name__}(*sys.argv[1:])"
    path = os.pathsep.join([str(REPOSITORY), str(Path(__file__).parent)])
    return subprocess.Popen(
        [sys.executable, "-c", call, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_forty_kills_in_the_middle_of_writes_leave_a_whole_index(saved: Store) -> None:
    pauses = random.Random(20)
    left_something = 0
    writers = [start(write_until_killed, saved.folder, 1000)]

    for kill in range(1, KILLS + 1):
        if kill < KILLS:  # the next one imports its libraries while this one writes
            writers.append(start(write_until_killed, saved.folder, 1000 * (kill + 1)))
        writer = writers[kill - 1]
        with writer:
            tell(writer)
            wait_until_ready(writer)
            time.sleep(pauses.uniform(0.005, 0.080))
            writer.kill()
        opened = open_all(saved)
        assert list(opened) == ["acme", "zeta"]
        for entry in opened.values():
            assert_holds_its_seed(entry)
        left_something += len(list(saved.folder.iterdir())) > 4

    assert left_something > 0, "no kill came in the middle of a write"
    with saved.building(wait_s=5):
        assert_only_listed_folders(saved.folder)


def test_a_reader_sees_only_whole_entries_while_they_are_replaced(saved: Store) -> None:
    seeds_seen = set()

    with start(write_replacements, saved.folder) as writer:
        wait_until_ready(writer)
        while writer.poll() is None:
            for entry in open_all(saved).values():
                assert_holds_its_seed(entry)
                seeds_seen.add(entry.key)

    assert writer.returncode == 0
    assert len(seeds_seen) > 5
    assert saved.keys() == {"acme": f"{10 + 98:08x}", "zeta": f"{10 + 99:08x}"}


def test_a_second_build_says_that_another_one_is_running(saved: Store) -> None:
    with start(hold_the_lock, saved.folder) as holder:
        wait_until_ready(holder)
        with pytest.raises(IndexFolderError, match="Another index build is running") as caught:
            save_impatiently(saved)
        tell(holder)

    assert str(saved.folder) in str(caught.value)
    assert holder.returncode == 0
    assert list(saved.keys()) == ["acme", "first", "zeta"]


def save_impatiently(store: Store) -> None:
    with store.building(wait_s=0.1):
        store.write("second", entry_of(4))


def test_a_second_build_waits_for_the_first(saved: Store) -> None:
    with start(hold_the_lock, saved.folder) as holder:
        wait_until_ready(holder)
        threading.Timer(0.3, tell, [holder]).start()
        with saved.building(wait_s=20):
            found = list(saved.keys())
            saved.write("second", entry_of(4))

    assert found == ["acme", "first", "zeta"]
    assert list(saved.keys()) == ["acme", "first", "second", "zeta"]


def test_an_index_can_be_read_while_another_process_builds(saved: Store) -> None:
    with start(hold_the_lock, saved.folder) as holder:
        wait_until_ready(holder)
        opened = open_all(saved)
        tell(holder)

    assert list(opened) == ["acme", "zeta"]


def test_a_full_disk_is_an_error_and_leaves_the_index_as_it_was(saved: Store) -> None:
    with start(write_with_little_space, saved.folder) as writer:
        outcomes = json.loads(writer.communicate()[0])

    failed = [(text, seeds) for text, seeds in outcomes if text != "written"]
    assert writer.returncode == 0
    assert len(failed) > 20
    assert all(seeds == {"acme": 1, "zeta": 2} for _, seeds in failed)
    for text, _ in failed:
        assert text.startswith(f"Cannot write the index to {saved.folder}: File too large.")
    assert outcomes[-1] == ["written", {"acme": 9, "zeta": 2}]


def test_a_build_removes_what_a_killed_build_left(saved: Store) -> None:
    (saved.folder / ".new-0123456789ab").mkdir()
    (saved.folder / ".manifest-0123456789ab").write_text("{")
    (saved.folder / "acme-00000001-abcdef").mkdir()
    (saved.folder / "acme-00000001-abcdef" / "entry.json").write_text("{}")

    with saved.building(wait_s=5):
        assert_only_listed_folders(saved.folder)
