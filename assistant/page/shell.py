"""Gradio's HTML page to ours: its boilerplate out, our files in, and a policy for scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.page.markup import element

STATIC = Path(__file__).parent / "static"
STATIC_PATH = "/page"

_SOCIAL = re.compile(r"[ \t]*<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*>\s*", re.DOTALL)
_FRAME_SCRIPT = re.compile(
    r"<script>\s*\(\(\) => \{(?:(?!</script>).)*iframeResizer(?:(?!</script>).)*</script>",
    re.DOTALL,
)
_MANIFEST = re.compile(r"<link rel=\"manifest\"[^>]*>")
_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shell:
    """The page as it is sent, and the hashes of the scripts that stand in it."""

    html: str
    script_hashes: tuple[str, ...]


def shell(html: str, title: str) -> Shell:
    """Gradio's page with a title, our style and script, and nothing that calls elsewhere."""
    for boilerplate in (_SOCIAL, _FRAME_SCRIPT, _MANIFEST):
        html = boilerplate.sub("", html)
    ours = "".join(
        [
            element("title", title),
            f'<link rel="icon" href="{static_url("icon.svg")}" type="image/svg+xml">',
            f'<link rel="stylesheet" href="{static_url("page.css")}">',
            f'<script src="{static_url("page.js")}" defer></script>',
        ]
    )
    html = html.replace("</head>", ours + "</head>", 1)
    return Shell(html, tuple(_hash(script[1]) for script in _SCRIPT.finditer(html)))


@cache
def static_url(name: str) -> str:
    """Where a file of ours is; it changes with the file, so that browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{STATIC_PATH}/{name}?v={digest}"


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
