"""Saves the vectors of policy versions in an index folder; they open again whole or not at all.

One entry a policy version:

    FOLDER/manifest.json     which entries there are; changes in one step (os.replace)
    FOLDER/acme-…/           one entry: entry.json and the files of its vector sets; never changes
    FOLDER/lock              held by the one build that may write

Every file's SHA-256 is checked before a library parses it. Nothing on disk is a pickle.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from policy_text.errors import UserError

if TYPE_CHECKING:
    import faiss  # at run time it is imported where it is used: it takes a third of a second

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"
Payload: TypeAlias = bytes | memoryview
Field = TypeVar("Field", dict[str, JSON], list[JSON], str, int)

FORMAT = "policy-assistant-index"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
ENTRY_FILE = "entry.json"
LOCK = "lock"
UNFINISHED_ENTRY = ".new-"
UNFINISHED_MANIFEST = ".manifest-"
UNFINISHED = re.compile(r"\.(new|manifest)-[0-9a-f]{12}")
READ_ATTEMPTS = 20  # replacements that may overtake one read; a build replaces an entry once
FOLDER_NAME_LENGTH = 80  # characters of the entry's name; file systems allow 255 bytes in all
ENTRY_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*-[0-9a-f]{8}-[0-9a-f]{6}")
VECTOR_SET_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
CONTENT_KEY = re.compile(r"[0-9a-f]{8,}")


class IndexFolderError(UserError):
    """An index folder that cannot be used: damaged, foreign, newer, busy or not writable."""


class DamagedIndexError(IndexFolderError):
    """An index folder that is ours, but not as we left it; a rebuild mends it."""


class VectorKind(Enum):
    """How many vectors an item has."""

    DENSE = "dense"  # one float32 unit row an item
    TOKENS = "tokens"  # several float16 rows an item


@dataclass(frozen=True, slots=True, eq=False)
class VectorSet:
    """What one encoder made of an entry's items.

    Attributes:
        name: unique in the entry and part of its file names.
        kind: one row an item, or several.
        encoder: id of the model that made the vectors.
        vectors: dense: float32, shape (n_items, dim), unit rows; tokens: float16, shape
            (n_rows, dim).
        offsets: tokens only: int64, shape (n_items + 1,); item i has rows
            [offsets[i], offsets[i + 1]).
    """

    name: str
    kind: VectorKind
    encoder: str
    vectors: NDArray[np.float32] | NDArray[np.float16]
    offsets: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        """Refuses arrays that do not fit together."""
        if not VECTOR_SET_NAME.fullmatch(self.name) or self.name.endswith(".offsets"):
            raise ValueError(f"{self.name!r} cannot name a vector set: it is part of a file name")
        dtype = np.float32 if self.kind is VectorKind.DENSE else np.float16
        if self.vectors.dtype != dtype or self.vectors.ndim != 2 or self.vectors.shape[1] == 0:
            found = f"{self.vectors.dtype} of shape {self.vectors.shape}"
            raise ValueError(f"need {np.dtype(dtype)} vectors of shape (n, dim), got {found}")
        if (self.offsets is None) != (self.kind is VectorKind.DENSE):
            raise ValueError("token vectors need offsets, and dense vectors have none")
        if self.offsets is not None:
            _check_offsets(self.offsets, len(self.vectors))

    @property
    def item_count(self) -> int:
        """How many items have vectors; an item may have no row."""
        return len(self.vectors) if self.offsets is None else len(self.offsets) - 1


def _check_offsets(offsets: NDArray[np.int64], row_count: int) -> None:
    if offsets.dtype != np.int64 or offsets.ndim != 1 or len(offsets) == 0:
        raise ValueError(f"need int64 offsets of shape (n + 1,), got {offsets.dtype}")
    if offsets[0] != 0 or offsets[-1] != row_count or np.any(np.diff(offsets) < 0):
        raise ValueError(f"offsets must rise from 0 to the {row_count} rows there are")


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """What is kept of one policy version.

    Attributes:
        key: hash of all that the entry was made from, lower-case hexadecimal, 8 digits or more.
        metadata: comes back as JSON has it, so a tuple as a list.
        vector_sets: of different names.
    """

    key: str
    metadata: Mapping[str, JSON]
    vector_sets: tuple[VectorSet, ...]

    def __post_init__(self) -> None:
        """Refuses a key or names that no folder could hold."""
        if not CONTENT_KEY.fullmatch(self.key):
            raise ValueError(f"a key is 8 hexadecimal digits or more, got {self.key!r}")
        if len({vector_set.name for vector_set in self.vector_sets}) < len(self.vector_sets):
            raise ValueError("two vector sets have the same name")


@dataclass(frozen=True, slots=True, eq=False)
class OpenedEntry:
    """An entry in memory; later changes of the folder do not reach it.

    Attributes:
        key: the content key it was written with.
        metadata: a JSON object.
        dense: vector set name → faiss.IndexFlatIP, row i is item i.
        tokens: vector set name → vectors with their offsets.
        encoders: vector set name → encoder id, of both kinds.
    """

    key: str
    metadata: Mapping[str, JSON]
    dense: Mapping[str, faiss.Index]
    tokens: Mapping[str, VectorSet]
    encoders: Mapping[str, str]


def opened(entry: Entry) -> OpenedEntry:
    """An entry as it would open again, without a folder between."""
    sets = entry.vector_sets
    return OpenedEntry(
        key=entry.key,
        metadata=entry.metadata,
        dense={one.name: _flat_index(one) for one in sets if one.kind is VectorKind.DENSE},
        tokens={one.name: one for one in sets if one.kind is VectorKind.TOKENS},
        encoders={one.name: one.encoder for one in sets},
    )


class Store:
    """An index folder. One builder writes at a time; readers need no lock."""

    def __init__(self, folder: Path) -> None:
        """Names the folder; nothing on disk is touched."""
        self.folder = folder

    def keys(self) -> dict[str, str]:
        """Entry name → content key, by name; empty where there is no index, or one of old format.

        Raises:
            IndexFolderError: the folder is damaged, foreign or newer.
        """
        return {name: listed.key for name, listed in (self._manifest() or {}).items()}

    def open(self, name: str) -> OpenedEntry:
        """The entry of this name, with every checksum, shape and count verified.

        Raises:
            KeyError: the index has no such entry.
            IndexFolderError: the folder is damaged, foreign or newer.
        """
        for _ in range(READ_ATTEMPTS):
            listed = (self._manifest() or {})[name]
            try:
                with self._reading():
                    return _read_entry(self.folder / listed.folder, listed)
            except FileNotFoundError as error:
                # A builder that replaced the entry meanwhile deletes the old one: look again.
                if (self._manifest() or {}).get(name) == listed:
                    missing = f"{listed.folder}/{Path(error.filename).name} is missing"
                    raise self._damaged(missing) from error
        raise IndexFolderError(
            f"Index in {self.folder} was replaced again and again while it was read."
            " Wait for the index build to end and try again."
        )

    @contextmanager
    def building(self, wait_s: float) -> Iterator[None]:
        """Holds the lock of the one builder, and first removes what killed builds left.

        A damaged index is no obstacle, so that `discard` can be called inside.

        Args:
            wait_s: seconds to wait for another build to end.

        Raises:
            IndexFolderError: another build is still running, or the folder is foreign, newer or
                not writable.
        """
        self._refuse_what_is_not_ours()
        lock = FileLock(self.folder / LOCK, timeout=wait_s)
        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire()
            except Timeout as error:
                raise IndexFolderError(
                    f"Another index build is running on {self.folder}. Wait for it and try again."
                ) from error
        try:
            with self._writing():
                self._remove_leftovers()
            yield
        finally:
            lock.release()

    def write(self, name: str, entry: Entry) -> None:
        """Adds or replaces one entry; call it inside `building`.

        Raises:
            IndexFolderError: the folder cannot be written, or is damaged, foreign or newer. The
                index is then as it was.
        """
        manifest = self._manifest()
        with self._writing():
            if manifest is None:
                self._start_manifest()
            try:
                listed = self._place_entry(name, entry)
                self._replace_manifest({**(manifest or {}), name: listed})
            finally:
                self._remove_leftovers()  # the entry that was replaced, or half of the new one

    def remove_unlisted(self, names: Collection[str]) -> None:
        """Drops the entries of other names, and all unlisted folders; call it inside `building`.

        Raises:
            IndexFolderError: the folder cannot be written, or is damaged, foreign or newer.
        """
        manifest = self._manifest() or {}
        kept = {name: listed for name, listed in manifest.items() if name in names}
        with self._writing():
            try:
                if kept != manifest:
                    self._replace_manifest(kept)
            finally:
                self._remove_leftovers()

    def discard(self) -> None:
        """Leaves an index without entries, damaged or not before; call it inside `building`.

        Files that are not ours stay.

        Raises:
            IndexFolderError: the folder is foreign, newer or not writable.
        """
        self._refuse_what_is_not_ours()
        with self._writing():
            contents = _Contents.of(self.folder)
            # First, so that a kill leaves no manifest that lists what is gone; again at the end,
            # for it needs space that a full disk has only then. Never deleted, for without it a
            # stray file such as .DS_Store would make the folder foreign.
            with suppress(OSError):
                self._replace_manifest({})
            for name in (*contents.entry_folders, *contents.leftovers):
                _delete(self.folder / name)
            self._replace_manifest({})

    def _refuse_what_is_not_ours(self) -> None:
        try:
            self._manifest()
        except DamagedIndexError:
            return

    def _manifest(self) -> dict[str, _ListedEntry] | None:
        """The listed entries by name; None where there is no index, or one of old format."""
        with self._reading():
            payload = self._manifest_bytes()
            if payload is None:
                return None
            document = self._our_document(payload)
            version = _field(document, "format_version", int, where=MANIFEST)
            if version == FORMAT_VERSION:
                return _listed_entries(document)
            if document.get("sha256") == _manifest_sha256(document.get("entries")):
                raise _Damage(f"{MANIFEST} has a wrong 'format_version'")
            if version > FORMAT_VERSION:
                raise IndexFolderError(
                    f"Index in {self.folder} was made by a newer version of policy-assistant."
                    " Upgrade it, or choose another folder with --index."
                )
            return None

    def _manifest_bytes(self) -> bytes | None:
        if self.folder.exists() and not self.folder.is_dir():
            raise self._foreign("it is a file")
        payload = _read_if_there(self.folder / MANIFEST)
        if payload is not None:
            return payload
        contents = _Contents.of(self.folder)
        if not contents.entry_folders and not contents.strangers:
            return None
        # A builder's first manifest may have come between the two looks.
        payload = _read_if_there(self.folder / MANIFEST)
        if payload is None and contents.strangers:
            raise self._foreign(f"it has {contents.strangers[0]} but no {MANIFEST}")
        if payload is None:
            raise _Damage(f"{MANIFEST} is missing")
        return payload

    def _our_document(self, payload: bytes) -> dict[str, object]:
        try:
            document = _parse_json(payload, where=MANIFEST)
        except _Damage as error:
            contents = _Contents.of(self.folder)
            if contents.strangers and not contents.entry_folders:
                raise self._foreign(f"it has {contents.strangers[0]}, and {error}") from error
            raise
        if isinstance(document, dict) and document.get("format") == FORMAT:
            return document
        if _Contents.of(self.folder).entry_folders:
            raise _Damage(f"{MANIFEST} does not name the format")
        raise self._foreign(f"its {MANIFEST} is of another program")

    def _start_manifest(self) -> None:
        # Before the first entry, so that a folder with entries but no manifest is never ours.
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._replace_manifest({})
        finally:
            self._remove_leftovers()

    def _place_entry(self, name: str, entry: Entry) -> _ListedEntry:
        unfinished = self.folder / f"{UNFINISHED_ENTRY}{secrets.token_hex(6)}"
        unfinished.mkdir()
        sha256 = _save_entry(unfinished, entry)
        _sync_folder(unfinished)
        placed = self.folder / _entry_folder_name(name, entry.key)
        unfinished.rename(placed)
        _sync_folder(self.folder)
        return _ListedEntry(folder=placed.name, key=entry.key, sha256=sha256)

    def _replace_manifest(self, entries: Mapping[str, _ListedEntry]) -> None:
        unfinished = self.folder / f"{UNFINISHED_MANIFEST}{secrets.token_hex(6)}"
        _save_file(unfinished, _manifest_payload(entries))
        unfinished.replace(self.folder / MANIFEST)
        _sync_folder(self.folder)

    def _remove_leftovers(self) -> None:
        contents = _Contents.of(self.folder)
        for name in (*contents.leftovers, *self._unlisted(contents.entry_folders)):
            # Best effort: what cannot be deleted now harms nobody, and the next build tries again.
            _delete(self.folder / name, ignore_errors=True)

    def _unlisted(self, entry_folders: Sequence[str]) -> list[str]:
        try:
            manifest = self._manifest()
        except IndexFolderError:
            return []  # which folders it lists cannot be known
        if manifest is None:
            return []  # of old format: it stays until the first write
        listed_folders = {listed.folder for listed in manifest.values()}
        return [name for name in entry_folders if name not in listed_folders]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except _Damage as error:
            raise self._damaged(str(error)) from error
        except FileNotFoundError:
            raise  # `open` looks again before it calls this damage
        except OSError as error:
            raise IndexFolderError(
                f"Cannot read the index in {self.folder}: {error.strerror or error}."
                " Make it readable, or choose another folder with --index."
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise IndexFolderError(
                f"Cannot write the index to {self.folder}: {error.strerror or error}."
                " Free some space or choose another folder with --index."
            ) from error

    def _damaged(self, what: str) -> DamagedIndexError:
        return DamagedIndexError(
            f"Index in {self.folder} is damaged: {what}."
            " Rebuild it: policy-assistant index --rebuild"
        )

    def _foreign(self, what: str) -> IndexFolderError:
        return IndexFolderError(
            f"{self.folder} is not an index of policy-assistant ({what})."
            " Choose an empty folder with --index."
        )


class _Damage(Exception):
    """What is wrong with a file of an index; the Store adds where it is and what to do."""


@dataclass(frozen=True, slots=True)
class _ListedEntry:
    """What the manifest says of one entry."""

    folder: str
    key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class _Contents:
    """The names in an index folder, sorted, without manifest and lock."""

    entry_folders: tuple[str, ...]
    leftovers: tuple[str, ...]
    strangers: tuple[str, ...]

    @classmethod
    def of(cls, folder: Path) -> _Contents:
        try:
            paths = sorted(folder.iterdir())
        except FileNotFoundError:
            paths = []
        leftovers = [path.name for path in paths if UNFINISHED.fullmatch(path.name)]
        entry_folders = [path.name for path in paths if _is_entry_folder(path)]
        ours = {MANIFEST, LOCK, *leftovers, *entry_folders}
        strangers = [path.name for path in paths if path.name not in ours]
        return cls(tuple(entry_folders), tuple(leftovers), tuple(strangers))


def _is_entry_folder(path: Path) -> bool:
    """Whether this is an entry's folder or, after a kill or damage, what is left of one."""
    if not ENTRY_FOLDER.fullmatch(path.name) or path.is_symlink() or not path.is_dir():
        return False
    try:
        files = list(path.iterdir())
    except FileNotFoundError:
        return True  # a builder has just deleted it
    return all(file.name == ENTRY_FILE or file.suffix in {".faiss", ".npy"} for file in files)


def _entry_folder_name(name: str, key: str) -> str:
    # Names come from policies and may hold what no file name can; the random part keeps two
    # entries apart, and a new one apart from the one that it replaces.
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", name)[:FOLDER_NAME_LENGTH]
    safe = re.sub(r"^[.-]+", "", safe) or "_"
    return f"{safe}-{key[:8]}-{secrets.token_hex(3)}"


def _save_entry(folder: Path, entry: Entry) -> str:
    """The SHA-256 of the entry.json that was written after the vectors."""
    document = {
        "metadata": entry.metadata,
        "vector_sets": [_save_vector_set(folder, one) for one in entry.vector_sets],
    }
    # Escaped to ASCII: a lone surrogate has no UTF-8. NaN is no JSON.
    payload = json.dumps(document, allow_nan=False).encode("ascii")
    return _save_file(folder / ENTRY_FILE, payload)


def _save_vector_set(folder: Path, vector_set: VectorSet) -> dict[str, JSON]:
    payloads = _dense_files(vector_set) if vector_set.offsets is None else _token_files(vector_set)
    return {
        "name": vector_set.name,
        "kind": vector_set.kind.value,
        "encoder": vector_set.encoder,
        "items": vector_set.item_count,
        "shape": list(vector_set.vectors.shape),
        "dtype": str(vector_set.vectors.dtype),
        "files": {name: _save_file(folder / name, data) for name, data in payloads.items()},
    }


def _dense_files(vector_set: VectorSet) -> dict[str, Payload]:
    import faiss

    # In memory, not faiss.write_index: that reports a full disk as a RuntimeError, if at all.
    return {f"{vector_set.name}.faiss": faiss.serialize_index(_flat_index(vector_set)).data}


def _flat_index(vector_set: VectorSet) -> faiss.Index:
    import faiss

    index = faiss.IndexFlatIP(vector_set.vectors.shape[1])
    index.add(np.ascontiguousarray(vector_set.vectors, dtype=np.float32))
    return index


def _token_files(vector_set: VectorSet) -> dict[str, Payload]:
    return {
        f"{vector_set.name}.npy": _npy(vector_set.vectors),
        f"{vector_set.name}.offsets.npy": _npy(vector_set.offsets),
    }


def _npy(array: NDArray[np.generic] | None) -> memoryview:
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(array), allow_pickle=False)
    return file.getbuffer()


def _manifest_payload(entries: Mapping[str, _ListedEntry]) -> bytes:
    records = {name: asdict(entries[name]) for name in sorted(entries)}
    document = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "sha256": _manifest_sha256(records),
        "entries": records,
    }
    return json.dumps(document, indent=1).encode("ascii")


def _manifest_sha256(records: object) -> str:
    # Without it, one flipped bit would read as another entry, or as an index of another version.
    sealed = json.dumps([FORMAT_VERSION, records], sort_keys=True)
    return hashlib.sha256(sealed.encode("ascii")).hexdigest()


def _save_file(path: Path, payload: Payload) -> str:
    """The SHA-256 of what was written and synced to the disk."""
    with path.open("xb") as file:
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(payload).hexdigest()


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows cannot open a folder, and keeps renames without it
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _delete(path: Path, *, ignore_errors: bool = False) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=ignore_errors)
        return
    try:
        path.unlink(missing_ok=True)
    except OSError:
        if not ignore_errors:
            raise


def _listed_entries(document: Mapping[str, object]) -> dict[str, _ListedEntry]:
    records = _field(document, "entries", dict, where=MANIFEST)
    if _field(document, "sha256", str, where=MANIFEST) != _manifest_sha256(records):
        raise _Damage(f"{MANIFEST} does not match its checksum")
    return {name: _listed_entry(record) for name, record in records.items()}


def _listed_entry(record: object) -> _ListedEntry:
    folder, key, sha256 = (
        _field(record, name, str, where=MANIFEST) for name in ("folder", "key", "sha256")
    )
    if not ENTRY_FOLDER.fullmatch(folder):  # it could lead out of the index
        raise _Damage(f"{MANIFEST} lists {folder!r}, which is no folder of an index")
    return _ListedEntry(folder, key, sha256)


def _read_entry(folder: Path, listed: _ListedEntry) -> OpenedEntry:
    payload = _read_verified(folder / ENTRY_FILE, listed.sha256)
    where = f"{folder.name}/{ENTRY_FILE}"
    document = _parse_json(payload, where=where)
    records = [
        _vector_set_record(record, where=where)
        for record in _field(document, "vector_sets", list, where=where)
    ]
    kinds = VectorKind.DENSE, VectorKind.TOKENS
    dense, tokens = ([one for one in records if one.kind is kind] for kind in kinds)
    return OpenedEntry(
        key=listed.key,
        metadata=_field(document, "metadata", dict, where=where),
        dense={record.name: _read_dense(folder, record) for record in dense},
        tokens={record.name: _read_tokens(folder, record) for record in tokens},
        encoders={record.name: record.encoder for record in records},
    )


@dataclass(frozen=True, slots=True)
class _VectorSetRecord:
    """What entry.json says of one vector set."""

    name: str
    kind: VectorKind
    encoder: str
    items: int
    shape: list[JSON]
    dtype: str
    files: Mapping[str, JSON]  # name → SHA-256


def _vector_set_record(record: object, *, where: str) -> _VectorSetRecord:
    name, kind = (_field(record, field, str, where=where) for field in ("name", "kind"))
    if not VECTOR_SET_NAME.fullmatch(name):  # it could lead out of the entry's folder
        raise _Damage(f"{where} has {name!r} for the name of a vector set")
    if kind not in {known.value for known in VectorKind}:
        raise _Damage(f"{where} has the unknown kind of vectors {kind!r}")
    return _VectorSetRecord(
        name=name,
        kind=VectorKind(kind),
        encoder=_field(record, "encoder", str, where=where),
        items=_field(record, "items", int, where=where),
        shape=_field(record, "shape", list, where=where),
        dtype=_field(record, "dtype", str, where=where),
        files=_field(record, "files", dict, where=where),
    )


def _read_dense(folder: Path, record: _VectorSetRecord) -> faiss.Index:
    import faiss

    payload = _read_listed(folder, f"{record.name}.faiss", record)
    try:
        index = faiss.deserialize_index(np.frombuffer(payload, dtype=np.uint8))
    except RuntimeError as error:
        raise _Damage(f"{folder.name}/{record.name}.faiss is not a FAISS index") from error
    is_flat = isinstance(index, faiss.IndexFlatIP) and record.dtype == "float32"
    if not is_flat or [index.ntotal, index.d] != record.shape or index.ntotal != record.items:
        raise _Damage(f"{folder.name}/{record.name}.faiss has not the vectors that it should have")
    return index


def _read_tokens(folder: Path, record: _VectorSetRecord) -> VectorSet:
    vectors = _read_array(folder, f"{record.name}.npy", record)
    offsets = _read_array(folder, f"{record.name}.offsets.npy", record)
    try:
        vector_set = VectorSet(record.name, record.kind, record.encoder, vectors, offsets)
    except ValueError as error:
        raise _Damage(f"{folder.name}/{record.name}.npy: {error}") from error
    found = list(vectors.shape), str(vectors.dtype), vector_set.item_count
    if found != (record.shape, record.dtype, record.items):
        raise _Damage(f"{folder.name}/{record.name}.npy has not the vectors that it should have")
    return vector_set


def _read_array(folder: Path, name: str, record: _VectorSetRecord) -> NDArray[Any]:
    payload = _read_listed(folder, name, record)
    try:
        array = np.load(io.BytesIO(payload), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise _Damage(f"{folder.name}/{name} is not a NumPy array") from error
    if not isinstance(array, np.ndarray):
        raise _Damage(f"{folder.name}/{name} holds more than one NumPy array")
    return array


def _read_listed(folder: Path, name: str, record: _VectorSetRecord) -> bytes:
    return _read_verified(
        folder / name, _field(record.files, name, str, where=f"{folder.name}/{ENTRY_FILE}")
    )


def _read_verified(path: Path, sha256: str) -> bytes:
    payload = _read(path)
    if hashlib.sha256(payload).hexdigest() != sha256:
        raise _Damage(f"{path.parent.name}/{path.name} does not match its checksum")
    return payload


def _read_if_there(path: Path) -> bytes | None:
    try:
        return _read(path)
    except FileNotFoundError:
        return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (IsADirectoryError, NotADirectoryError) as error:
        raise _Damage(f"{path.name} is not a file") from error


def _parse_json(payload: bytes, *, where: str) -> object:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise _Damage(f"{where} is not JSON") from error


def _field(record: object, name: str, kind: type[Field], *, where: str) -> Field:
    value = record.get(name) if isinstance(record, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise _Damage(f"{where} has no valid {name!r}")
    return value
