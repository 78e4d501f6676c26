"""What can be set, read once: from file, environment and flags, the later over the earlier."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from index.encoder import POLICY_MINILM
from policy_text import UserError
from policy_text.library import SHIPPED

PREFIX = "POLICY_ASSISTANT_"
CONFIG = f"{PREFIX}CONFIG"  # names the settings file
_RATE = re.compile(r"[1-9]\d{0,8}/(?:second|minute|hour|day)")
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")


class SettingsError(UserError):
    """A setting that cannot be used."""


def _default_cache() -> Path:
    return platformdirs.user_cache_path("policy-assistant")


def kept_folder() -> Path:
    """Where what people do is kept, where no setting names another place."""
    return platformdirs.user_data_path("policy-assistant")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; `Settings()` is what an installation starts with.

    Attributes:
        policies: the folder of policies.
        index: the index folder; None for one in `cache` that belongs to `policies`.
        cache: where the index is kept.
        model: policy-minilm, which ships, all-MiniLM-L6-v2 as it comes (its package must be
            installed), or the folder of any sentence-transformers model.
        region: whose residents' rules to answer with; None for everybody's.
        host: the address that the page listens on.
        port: the port that the page listens on; 0 for any that is free.
        title: what the page is called.
        keep_feedback_days: how long thumbs and their questions are kept; 0 keeps nothing.
        feedback: the SQLite file of feedback; None for one in the user's data folder.
        own_policies: whether visitors may ask a policy of their own.
        frame_origins: which sites may show the page in a frame, as "https://shop.example".
        allowed_hosts: names that the page answers to, beside those of this machine.
        audit: the file of logins, approvals and deletions; None for one in the user's data folder.
        approved: the SQLite file of approved answers; None for one in the user's data folder.
        runs: the folder of evaluation runs; None for one in the user's data folder.
        users: the TOML file of who may use the tabs for staff, with hashed passwords.
        user_header: the header in which a trusted proxy names who has logged in there.
        trusted_proxies: addresses and networks whose X-Forwarded-… and user_header are believed.
        oidc_issuer: the OpenID Connect provider that people may log in with.
        oidc_client_id: the page's name there.
        oidc_client_secret: the page's password there.
        oidc_users: e-mail addresses, or "@example.org" for all of a domain, that may come from
            there; empty for everybody whom the provider lets in.
        session_secret: what sessions are signed with; None for one that is made once and kept.
        session_hours: how long a login lasts.
        rate_limit: how often one address may ask, as "30/minute"; None for no limit.
    """

    policies: Path = SHIPPED
    index: Path | None = None
    cache: Path = field(default_factory=_default_cache)
    model: str = POLICY_MINILM
    region: str | None = None
    host: str = "127.0.0.1"
    port: int = 7860
    title: str = "Ask a privacy policy"
    keep_feedback_days: int = 0
    feedback: Path | None = None
    own_policies: bool = True
    frame_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    audit: Path | None = None
    approved: Path | None = None
    runs: Path | None = None
    users: Path | None = None
    user_header: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = field(default=None, repr=False)
    oidc_users: tuple[str, ...] = ()
    session_secret: str | None = field(default=None, repr=False)
    session_hours: int = 12
    rate_limit: str | None = None

    @property
    def asks_login(self) -> bool:
        """Whether the tabs for staff need a login."""
        return bool(self.users or self.user_header or self.oidc_issuer)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the page."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def index_folder(self) -> Path:
        """The index folder that is used."""
        if self.index is not None:
            return self.index
        of_policies = hashlib.sha256(str(self.policies.resolve()).encode()).hexdigest()[:8]
        return self.cache / f"index-{of_policies}"

    @property
    def feedback_file(self) -> Path:
        """The file of feedback that is used."""
        return self.feedback or kept_folder() / "feedback.sqlite3"

    @property
    def audit_file(self) -> Path:
        """The file of logins, approvals and deletions that is used."""
        return self.audit or kept_folder() / "audit.jsonl"

    @property
    def approved_file(self) -> Path:
        """The file of approved answers that is used."""
        return self.approved or kept_folder() / "approved.sqlite3"

    @property
    def runs_folder(self) -> Path:
        """The folder of evaluation runs that is used."""
        return self.runs or kept_folder() / "runs"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host name that the page answers to."""
        return tuple(dict.fromkeys((*LOCAL_HOSTS, self.host, *self.allowed_hosts)))


class _Given(BaseModel):
    """Settings as a file, the environment or flags give them; what is left out stays as it was."""

    model_config = ConfigDict(extra="forbid")

    policies: Path | None = None
    index: Path | None = None
    cache: Path | None = None
    model: str | None = None
    region: str | None = None
    host: str | None = None
    port: int | None = Field(default=None, ge=0, le=65535)
    title: str | None = Field(default=None, max_length=120)
    keep_feedback_days: int | None = Field(default=None, ge=0, le=3650)
    feedback: Path | None = None
    own_policies: bool | None = None
    frame_origins: tuple[str, ...] | None = None
    allowed_hosts: tuple[str, ...] | None = None
    audit: Path | None = None
    approved: Path | None = None
    runs: Path | None = None
    users: Path | None = None
    user_header: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]+$")
    trusted_proxies: tuple[str, ...] | None = None
    oidc_issuer: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$")
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = None
    oidc_users: tuple[str, ...] | None = None
    session_secret: str | None = Field(default=None, min_length=32)
    session_hours: int | None = Field(default=None, ge=1, le=24 * 31)
    rate_limit: str | None = None

    @field_validator(
        "frame_origins", "allowed_hosts", "trusted_proxies", "oidc_users", mode="before"
    )
    @classmethod
    def _several(cls, value: object) -> object:
        """The environment has several as one text with commas."""
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """A proxy that is mistyped would go unnoticed, or let anybody name himself."""
        for network in value or ():
            try:
                ip_network(network)
            except ValueError as error:
                raise ValueError(
                    f"{network!r} is neither an address nor a network such as 10.0.0.0/8"
                ) from error
        return value

    @field_validator("rate_limit")
    @classmethod
    def _rate(cls, value: str | None) -> str | None:
        if value and not _RATE.fullmatch(value):
            raise ValueError(f"{value!r} is not a rate such as 30/minute or 200/hour")
        return value

    @field_validator("frame_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """An origin goes into a header as it is."""
        for origin in value or ():
            is_origin = origin.startswith(("https://", "http://")) and origin.count("/") == 2
            if not is_origin or any(c in origin for c in " ;,'\"") or not origin.isascii():
                raise ValueError(f"{origin!r} is not an origin such as https://shop.example")
        return value


NAMES = tuple(setting.name for setting in fields(Settings))


def read_settings(
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Settings:
    """The settings of `file` (or the one POLICY_ASSISTANT_CONFIG names), environment and flags.

    Raises:
        SettingsError: a setting is unknown or has a value that cannot be used.
    """
    values = os.environ if environment is None else environment
    named = file or (Path(values[CONFIG]) if values.get(CONFIG) else None)
    given = _of_file(named) if named else {}
    given |= _of_environment(values)
    given |= _checked({k: v for k, v in (flags or {}).items() if v is not None}, "flags")
    return Settings(**given)


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings without flags."""
    return read_settings(environment=environment)


def _of_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"The settings file {path} cannot be read: {error.strerror}. Check --config."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    given = _checked(values, str(path))
    # A path in a file is meant from where the file lies.
    return {
        name: path.parent / value if isinstance(value, Path) else value
        for name, value in given.items()
    }


def _of_environment(values: Mapping[str, str]) -> dict[str, Any]:
    named = {name: values.get(PREFIX + name.upper()) for name in NAMES}
    return _checked({name: value for name, value in named.items() if value}, "environment", PREFIX)


def _checked(values: Mapping[str, object], where: str, prefix: str = "") -> dict[str, Any]:
    try:
        given = _Given.model_validate(dict(values))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        name = str(problem["loc"][0])
        shown = prefix + name.upper() if prefix else name
        if problem["type"] == "extra_forbidden":
            known = ", ".join(NAMES)
            raise SettingsError(
                f"{where}: there is no setting {shown}. Settings: {known}."
            ) from error
        raise SettingsError(f"{where}: {shown}: {problem['msg']}. Change it.") from error
    return {name: getattr(given, name) for name in given.model_fields_set}
