"""What can be set: read once, from the environment, then overridden by flags (I/O)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from index.encoder import MINILM
from policy_text.library import SHIPPED

PREFIX = "POLICY_ASSISTANT_"


def _default_cache() -> Path:
    return platformdirs.user_cache_path("policy-assistant")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; `Settings()` is what an installation starts with.

    Attributes:
        policies: the folder of policies.
        index: the index folder; None for one in `cache` that belongs to `policies`.
        cache: where the exported model and the index are kept.
        model: all-MiniLM-L6-v2, or the folder of any sentence-transformers model.
        region: whose residents' rules to answer with; None for everybody's.
    """

    policies: Path = SHIPPED
    index: Path | None = None
    cache: Path = field(default_factory=_default_cache)
    model: str = MINILM
    region: str | None = None

    @property
    def index_folder(self) -> Path:
        """The index folder that is used."""
        if self.index is not None:
            return self.index
        of_policies = hashlib.sha256(str(self.policies.resolve()).encode()).hexdigest()[:8]
        return self.cache / f"index-{of_policies}"


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings that POLICY_ASSISTANT_POLICIES, _INDEX, _CACHE, _MODEL and _REGION give."""
    values = os.environ if environment is None else environment

    def path(name: str) -> Path | None:
        return Path(values[PREFIX + name]) if values.get(PREFIX + name) else None

    return Settings(
        policies=path("POLICIES") or SHIPPED,
        index=path("INDEX"),
        cache=path("CACHE") or _default_cache(),
        model=values.get(PREFIX + "MODEL") or MINILM,
        region=values.get(PREFIX + "REGION") or None,
    )
