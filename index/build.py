"""A library to an index folder: what is new or changed is encoded, the rest is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from index.encoder import Encoder, Encoding
from index.practices import PRACTICES
from index.representation import REPRESENTATION_VERSION, passage_texts
from index.store import Entry, Store, VectorKind, VectorSet
from policy_text import PolicyVersion, UserError, VersionInfo
from policy_text.library import Library
from policy_text.parse import PARSER_VERSION

LOCK_WAIT_S = 600.0  # seconds; the eight versions that ship take about 30 on one core


class Progress(Protocol):
    """Hears how far a build is."""

    def start(self, total: int) -> None:
        """`total` texts are to be encoded."""

    def advance(self, done: int) -> None:
        """`done` more texts are encoded."""


class Silent:
    """Hears, and says nothing."""

    def start(self, total: int) -> None:
        """Nothing."""

    def advance(self, done: int) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: names of versions encoded and kept, and policies that could not be read."""

    encoded: tuple[str, ...]
    kept: tuple[str, ...]
    problems: tuple[UserError, ...]


def entry_name(info: VersionInfo) -> str:
    """The name of a version's entry in the index."""
    return f"{info.policy_id}__{info.version}"


def content_key(version: PolicyVersion, encoder_id: str) -> str:
    """A hash of all that a version's entry is made from."""
    parts = (version.content_hash, PARSER_VERSION, REPRESENTATION_VERSION, encoder_id, PRACTICES,
             version.policy.title)  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def build_index(
    library: Library,
    encoder: Encoder,
    store: Store,
    *,
    rebuild: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Makes `store` the index of `library`.

    A policy that cannot be read is named in the report, and the others are finished.

    Raises:
        IndexFolderError: the folder is damaged (unless `rebuild`), foreign, or cannot be written.
    """
    versions, problems = _readable(library)
    with store.building(LOCK_WAIT_S):
        if rebuild:
            store.discard()
        known = store.keys()
        stale = [v for v in versions if known.get(entry_name(v.info)) != content_key(v, encoder.id)]
        _write_entries(stale, encoder, store, progress or Silent())
        store.remove_unlisted([entry_name(version.info) for version in versions])
    encoded = tuple(entry_name(version.info) for version in stale)
    kept = tuple(n for n in (entry_name(v.info) for v in versions) if n not in encoded)
    return BuildReport(encoded, kept, problems)


def ensure_version(
    version: PolicyVersion, encoder: Encoder, store: Store, *, progress: Progress | None = None
) -> None:
    """Builds the entry of one version where it is missing or outdated.

    Raises:
        IndexFolderError: the folder is damaged or foreign, or cannot be written.
    """
    key = content_key(version, encoder.id)
    if store.keys().get(entry_name(version.info)) == key:
        return
    with store.building(LOCK_WAIT_S):
        if store.keys().get(entry_name(version.info)) != key:  # another process may have built it
            _write_entries([version], encoder, store, progress or Silent())


def encode_version(
    version: PolicyVersion, encoder: Encoder, *, advance: Callable[[int], None] | None = None
) -> Entry:
    """The entry of one version: its vector sets, and what they belong to."""
    texts = passage_texts(version)
    headed = encoder.encode(texts.headed, progress=advance)
    introduced = encoder.encode(texts.introduced, progress=advance)
    around = encoder.encode(texts.neighbourhood, progress=advance)
    practices = encoder.encode(PRACTICES)
    return Entry(
        content_key(version, encoder.id),
        {
            "policy": version.policy.id,
            "version": version.info.version,
            "content_hash": version.content_hash,
            "passages": [[p.span.start, p.span.end] for p in version.passages],
        },
        (
            _dense("headed", encoder, headed),
            _dense("introduced", encoder, introduced),
            _dense("neighbourhood", encoder, around),
            _dense("practices", encoder, practices),
            VectorSet(
                "introduced-tokens",
                VectorKind.TOKENS,
                encoder.id,
                introduced.tokens.vectors.astype(np.float16),
                introduced.tokens.offsets,
            ),
        ),
    )


def _dense(name: str, encoder: Encoder, encoding: Encoding) -> VectorSet:
    return VectorSet(name, VectorKind.DENSE, encoder.id, encoding.sentences)


def _write_entries(
    versions: list[PolicyVersion], encoder: Encoder, store: Store, progress: Progress
) -> None:
    if versions:
        progress.start(3 * sum(len(version.passages) for version in versions))
    for version in versions:
        entry = encode_version(version, encoder, advance=progress.advance)
        store.write(entry_name(version.info), entry)


def _readable(library: Library) -> tuple[list[PolicyVersion], tuple[UserError, ...]]:
    versions: list[PolicyVersion] = []
    problems = list(library.problems)
    for info in library.all_versions():
        try:
            versions.append(library.version(info))
        except UserError as problem:
            problems.append(problem)
    return versions, tuple(problems)
