"""What browsers fetch and what is kept: hostile texts, own policies, feedback, frames."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.page.conftest import HOSTILE, NewVisit, PageServer, Site, Visit

REPOSITORY = Path(__file__).parent.parent.parent
NASTY = (
    '<img src="https://tracker.example/q.png" onerror="document.title=\'taken\'"> '
    "![x](https://tracker.example/m.png) <script>document.title='taken'</script> "
    "Do you sell my e-mail address?"
)


@pytest.fixture
def hostile(new_visit: NewVisit, site: Site) -> Visit:
    return new_visit(site.server.url).open()


def test_nothing_in_a_question_is_fetched_or_run(hostile: Visit) -> None:
    turn = hostile.ask(NASTY)
    assert turn.locator(".pa-question").inner_text() == NASTY
    assert turn.locator("img, script").count() == 0
    assert hostile.page.title() == "Ask a privacy policy"


def test_nothing_in_a_policy_is_fetched_or_run(hostile: Visit) -> None:
    turn = hostile.ask("Do you share my data with advertising partners?")
    assert turn.get_attribute("data-outcome") == "answered"
    turn.locator(".pa-cite").first.click()
    hostile.marked()
    panel = hostile.page.locator("#pa-panel")
    assert panel.locator("img, script, iframe, [onerror]").count() == 0
    assert panel.locator("a[href^=javascript]").count() == 0
    assert hostile.page.title() == "Ask a privacy policy"
    assert hostile.strangers() == []


def test_characters_beyond_the_first_plane_are_highlighted_right(hostile: Visit) -> None:
    hostile.ask("Do you sell my e-mail address?").locator(".pa-cite").first.click()
    assert "WesellyouremailaddresstodatabrokerswithanemojibeforethiswordYou" in (
        hostile.marked() + "You"
    )


# --- a policy of one's own -----------------------------------------------------------------------


def bring(visit: Visit, name: str, text: str | bytes) -> None:
    data = text.encode() if isinstance(text, str) else text
    with visit.page.expect_file_chooser() as chooser:
        visit.page.click("[data-action=own]")
    chooser.value.set_files({"name": name, "mimeType": "text/plain", "buffer": data})


def test_a_policy_of_ones_own_can_be_asked(visit: Visit, server: PageServer) -> None:
    bring(visit, "mine.md", HOSTILE)
    visit.page.wait_for_selector(".pa-intro[data-policy^=own-]")
    assert "Hostile" in visit.page.locator(".pa-line").inner_text()
    turn = visit.ask("Do you sell my e-mail address?")
    assert turn.get_attribute("data-outcome") == "answered"
    assert turn.locator("[data-action=link]").count() == 0
    turn.locator(".pa-cite").first.click()
    assert "Wesellyouremail" in visit.marked()
    policy = turn.get_attribute("data-policy")
    version = turn.get_attribute("data-version")
    assert httpx.get(f"{server.url}/policy/{policy}/{version}").status_code == 200
    visit.page.goto("about:blank")  # the visit is over
    for _ in range(50):
        status = httpx.get(f"{server.url}/policy/{policy}/{version}").status_code
        if status == 404:
            break
    assert status == 404


def test_a_dropped_file_is_read(visit: Visit) -> None:
    visit.page.wait_for_selector("[data-action=own]")
    visit.page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.items.add(new File([text], 'dropped.txt', {type: 'text/plain'}));
            document.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true}));
        }""",
        "We sell your e-mail address to data brokers.\n\nWe keep your data for two years.",
    )
    visit.page.wait_for_selector(".pa-intro[data-policy^=own-]")
    assert visit.ask("Do you sell my e-mail address?").get_attribute("data-outcome") == "answered"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        pytest.param("a.pdf", b"%PDF", "not a .txt, .md or .html file", id="kind"),
        pytest.param("a.txt", b"caf\xe9 is here", "not UTF-8 (byte 3)", id="encoding"),
        pytest.param("a.txt", b"a\0b", "binary file", id="binary"),
        pytest.param("a.txt", b"", "no sentence", id="empty"),
        pytest.param("a.txt", b"x" * 600_000, "too large", id="large"),
        pytest.param("a.md", b"A b c d e. " * 3000, "sentences; up to", id="sentences"),
    ],
)
def test_a_file_that_cannot_be_asked_is_refused(
    server: PageServer, name: str, data: bytes, message: str
) -> None:
    response = httpx.post(f"{server.url}/own", params={"name": name}, content=data)
    assert response.status_code in (413, 422)
    assert message in response.json()["detail"]


def test_a_refused_file_is_explained_on_the_page(new_visit: NewVisit, server: PageServer) -> None:
    visit = new_visit(server.url).open()
    bring(visit, "scan.txt", b"\0\1\2")
    notice = visit.page.locator("#pa-own-notice", has_text="binary file")
    notice.wait_for()
    visit.complaints.clear()  # the browser logs the refusal (422) as an error


# --- feedback ------------------------------------------------------------------------------------


def test_without_the_setting_no_thumb_is_offered_or_taken(visit: Visit, server: PageServer) -> None:
    turn = visit.ask("Do you sell my data?")
    assert turn.locator("[data-action=helpful]").count() == 0
    assert httpx.post(f"{server.url}/feedback", json={}).status_code == 404


def export(site: Site, *flags: str) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "assistant.cli", "feedback", "export", "--feedback",
         str(site.feedback), "--keep-feedback-days", "30", *flags],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_thumbs_are_kept_and_make_a_question_set(hostile: Visit, site: Site) -> None:
    good = hostile.ask("Do you sell my e-mail address?")
    good.locator("[data-action=helpful]").click()
    good.locator(".pa-reason input").fill("right <b>quote</b>")
    good.locator(".pa-reason button").click()
    good.locator("text=Thank you.").wait_for()
    bad = hostile.ask("and for how long?")
    bad.locator("[data-action=unhelpful]").click()
    bad.locator(".pa-reason button").click()
    bad.locator("text=Thank you.").wait_for()
    (line,) = export(site)
    assert line["question"] == "Do you sell my e-mail address?"
    assert line["answerable"] is True
    assert line["note"] == "right <b>quote</b>"
    assert all(quote in HOSTILE for quote in line["evidence"])  # type: ignore[attr-defined]
    both = export(site, "--with-unhelpful")
    assert both[1]["history"] == ["Do you sell my e-mail address?"]
    assert both[1]["answerable"] is None


def test_the_note_says_what_is_kept(hostile: Visit) -> None:
    assert "kept with your question for 30 days" in hostile.page.locator("#pa-note").inner_text()


def test_a_forged_rating_is_refused(site: Site) -> None:
    forged = {"question": "x", "policy": "nobody", "version": "1", "is_helpful": True}
    assert httpx.post(f"{site.server.url}/feedback", json=forged).status_code == 422
    assert httpx.post(f"{site.server.url}/feedback", json={"a": 1}).status_code == 422


# --- in another site's frame ---------------------------------------------------------------------


class _Shop(BaseHTTPRequestHandler):
    def __init__(self, framed: str, *arguments: object) -> None:
        self._framed = framed
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        frame = f'<iframe src="{self._framed}/?embed=1" allow="clipboard-write" title="Ask" '
        body = f'<!doctype html><title>Shop</title>{frame}width="400" height="640"></iframe>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def shop(site: Site) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), partial(_Shop, site.server.url)) as serving:
        thread = Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


def test_the_page_works_in_a_frame_of_a_site_that_may(new_visit: NewVisit, shop: str) -> None:
    visit = new_visit(shop)
    visit.page.goto(shop)
    frame = visit.page.frame_locator("iframe")
    frame.locator("#pa-question textarea").fill("Do you sell my e-mail address?")
    frame.locator("#pa-question textarea").press("Enter")
    frame.locator("#pa-log .pa-answered .pa-cite").first.click()
    frame.locator("#pa-panel mark").first.wait_for()
    assert not frame.locator(".pa-intro h1").is_visible()
    visit.requests.clear()  # the frame's host is another one, by intention


def test_no_other_site_may_frame_the_page(
    new_visit: NewVisit, server: PageServer, shop: str
) -> None:
    visit = new_visit(shop)
    visit.page.set_content(f'<iframe src="{server.url}/"></iframe>')
    visit.page.wait_for_timeout(500)
    assert visit.page.frame_locator("iframe").locator("gradio-app").count() == 0
    visit.complaints.clear()  # the browser says that it refused
    visit.requests.clear()
