"""The security headers of every response (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from assistant.page.tabs import ASK, EVALUATE, Tab
from assistant.settings import Settings

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def content_security_policy(settings: Settings, tab: Tab, script_hashes: Sequence[str] = ()) -> str:
    """What a page of ours may load, and who may frame it: Ask only, the other tabs nobody.

    Styles may stand inline because Gradio sets them; scripts only those whose hash is known.
    """
    scripts = " ".join(("'self'", *script_hashes))
    frames = "'self'" if tab is EVALUATE else "'none'"  # the reports of runs
    ancestors = " ".join(("'self'", *settings.frame_origins)) if tab is ASK else "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            f"frame-src {frames}",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors {ancestors}",
        )
    )


def with_headers(send: Send, settings: Settings, tab: Tab) -> Send:
    """Sends what it is given with the security headers; a policy that is there already stays."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("Content-Security-Policy", content_security_policy(settings, tab))
            if tab is not ASK:
                # A browser that sends no referrer at all sends forms without their origin, too.
                headers["Referrer-Policy"] = "same-origin"
                headers["X-Frame-Options"] = "DENY"
                headers["Cache-Control"] = _not_shared(headers.get("Cache-Control"))
            elif not settings.frame_origins:
                headers["X-Frame-Options"] = "SAMEORIGIN"
            message = {**message, "headers": headers.raw}
        await send(message)

    return guarded


def _not_shared(caching: str | None) -> str:
    """What may need a login is kept by nobody between; by the browser, only what never changes."""
    return (
        caching.replace("public", "private") if caching and "immutable" in caching else "no-store"
    )
