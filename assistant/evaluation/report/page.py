"""A template and what it shows to one HTML page with style, script and data inside (pure)."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"

# In a script element only these can end the data, or a line of it for old parsers.
_ESCAPED = {
    ord("<"): r"\u003c",
    ord(">"): r"\u003e",
    ord("&"): r"\u0026",
    ord("\u2028"): r"\u2028",
    ord("\u2029"): r"\u2029",
}


def page(template: str, **shown: object) -> str:
    """The template's page; every text in it is escaped, and only our own script may run."""
    style, script = _source("style.css"), _source("script.js")
    # A script that markup in a policy smuggled in would not have the hash.
    policy = (
        f"default-src 'none'; script-src 'sha256-{_sha256(script)}'; "
        "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    context = {"security_policy": policy, "style": Markup(style), "script": Markup(script)}
    return _environment().get_template(template).render(**context, **shown)


def embedded(value: object) -> Markup:
    """The value as JSON that cannot leave the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_ESCAPED))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["embedded"] = embedded
    return environment


@cache
def _source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
