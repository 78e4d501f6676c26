"""A run's report to a response that a browser shows in a frame of ours, and nothing else may."""

from __future__ import annotations

import html
import re

from fastapi.responses import HTMLResponse, Response

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_STRICTEST = "default-src 'none'; style-src 'unsafe-inline'"


def report_response(page: str, *, saved_as: str | None = None) -> Response:
    """The page, to be shown below our own; with `saved_as` to be saved under that name.

    Its policy is the one that it brings along, with the hash of the script of its time. One that
    brings none may run nothing.
    """
    own = _POLICY.search(page)
    policy = html.unescape(own[1]) if own else _STRICTEST
    headers = {"Content-Security-Policy": f"{policy}; frame-ancestors 'self'"}
    if saved_as is not None:
        headers["Content-Disposition"] = f'attachment; filename="{saved_as}"'
    return HTMLResponse(page, headers=headers)
