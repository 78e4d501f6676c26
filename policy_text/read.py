"""A file to the text that offsets refer to (I/O)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from policy_text.errors import PolicyFileError
from policy_text.extract import html_to_markdown

PLAIN_SUFFIXES = (".txt",)
MARKDOWN_SUFFIXES = (".md", ".markdown")
HTML_SUFFIXES = (".html", ".htm")
SUFFIXES = (*PLAIN_SUFFIXES, *MARKDOWN_SUFFIXES, *HTML_SUFFIXES)
MAX_BYTES = 4 * 1024 * 1024  # the longest policies known to us are under 0.5 MB


def read_text(path: Path) -> str:
    """The text of a policy file: its own characters, or for HTML the extracted Markdown.

    Markdown extracted from HTML is kept beside the source where the folder can be written, so
    that offsets stay what they were when the extraction is improved.

    Raises:
        PolicyFileError: the file is missing, empty, too large, binary or not UTF-8.
    """
    data = _read_bytes(path)
    text = _decode(path, data)
    if path.suffix.lower() in HTML_SUFFIXES:
        text = _extracted(path, data, text)
    if not any(c.isalnum() for c in text):
        raise PolicyFileError(f"{path} has no text in it. Put the policy's text there.")
    return text


def extracted_path(path: Path, data: bytes) -> Path:
    """Where the Markdown extracted from `path` is kept; the name tells which source it is of."""
    return path.with_name(f"{path.name}.{hashlib.sha256(data).hexdigest()[:8]}.markdown")


def _read_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise PolicyFileError(
                f"{path} has {size / 2**20:.1f} MB; a policy may have {MAX_BYTES // 2**20} MB. "
                "Take out what is not policy text, or split it into several files."
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise PolicyFileError(f"There is no file {path}. Check the path.") from error
    except OSError as error:
        raise PolicyFileError(f"{path} cannot be read: {error.strerror}.") from error


def _decode(path: Path, data: bytes) -> str:
    if b"\0" in data:
        raise PolicyFileError(
            f"{path} is a binary file, not text (byte {data.index(0)} is zero). "
            "Save the policy as .txt, .md or .html in UTF-8."
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PolicyFileError(
            f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8 and try again."
        ) from error


def _extracted(path: Path, data: bytes, html: str) -> str:
    kept = extracted_path(path, data)
    if kept.exists():
        return _decode(kept, _read_bytes(kept))
    markdown = html_to_markdown(html)
    try:
        write_whole(kept, markdown)
    except OSError:
        return markdown  # a read-only folder: extracted anew each time, to the same text
    return markdown


def write_whole(path: Path, text: str) -> None:
    """Writes a UTF-8 file that appears whole or not at all; newlines stay as they are."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
