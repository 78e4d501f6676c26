"""Takes the README's picture of the page: the real server, a real question, a real browser.

    python -m benchmarks.screenshots      (needs Chromium)

Writes docs/page.png: an answer and, beside it, the policy at the first citation.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.page_load import start

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "page.png"
QUESTION = "Do you share my personal data with third parties?"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")


def main() -> None:
    """Starts the page, asks, opens the first citation and takes the picture."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Chromium is missing. Install it: apt-get install chromium")
    server = start("ours", ("assistant.cli", "serve"), "turns", ())
    try:
        take_picture(server.url, chromium)
    finally:
        server.process.terminate()
        server.process.wait()


def take_picture(url: str, chromium: str) -> None:
    """The page at `url` with an answer, to PICTURE."""
    PICTURE.parent.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        page = browser.new_page(
            viewport={"width": 1280, "height": 800}, reduced_motion="reduce", device_scale_factor=1
        )
        page.goto(url)
        page.wait_for_selector("body.pa-ready")
        page.fill("#pa-question textarea", QUESTION)
        page.press("#pa-question textarea", "Enter")
        page.click("#pa-log .pa-cite >> nth=0")
        page.wait_for_selector("#pa-panel mark")
        page.wait_for_timeout(300)  # milliseconds, for the panel to have moved in
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
