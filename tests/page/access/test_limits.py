"""How often an address may ask: counted where it costs, told when to come again."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from assistant.page.access.limits import Limit, network_of, span_in_words
from tests.page.conftest import NewVisit, PageServer, ask_over_http, gradio_config

ASKED: list[object] = ["Do you sell my data?", "sony-mobile", "2020-01", "{}"]


def test_a_limit_counts_and_says_how_long_to_wait() -> None:
    limit = Limit("2/minute")
    assert [limit.take("a"), limit.take("a")] == [0, 0]
    assert 58 <= limit.take("a") <= 60
    assert limit.take("b") == 0


def test_looking_does_not_count() -> None:
    limit = Limit("1/minute")
    assert [limit.left_to_wait("a") for _ in range(3)] == [0, 0, 0]
    assert limit.take("a") == 0
    assert limit.left_to_wait("a") > 0


def test_a_limit_is_over_when_its_time_is() -> None:
    limit = Limit("1/second")
    assert limit.take("a") == 0
    assert limit.take("a") == 1
    time.sleep(1.1)
    assert limit.take("a") == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
    ],
)
def test_what_counts_as_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (59, "59 seconds"), (119, "119 seconds"), (121, "3 minutes"),
     (7199, "120 minutes"), (7200, "2 hours")],
)  # fmt: skip
def test_spans_as_a_person_waits_them(seconds: int, words: str) -> None:
    assert span_in_words(seconds) == words


# --- with a real server --------------------------------------------------------------------------


@pytest.fixture
def limited() -> Iterator[PageServer]:
    started = PageServer("--rate-limit", "3/minute", "--trusted-proxies", "127.0.0.1")
    yield started
    started.stop()


def ask_from(server: PageServer, address: str) -> httpx.Response:
    (asking,) = [d for d in gradio_config(server.url)["dependencies"] if len(d["inputs"]) == 4]  # type: ignore[attr-defined,index]
    event = {"data": ASKED, "fn_index": asking["id"], "session_hash": "s", "trigger_id": None}
    headers = {"X-Forwarded-For": address}
    return httpx.post(f"{server.url}/gradio_api/queue/join", json=event, headers=headers)


def test_one_question_too_many_is_told_when_to_come_again(limited: PageServer) -> None:
    for _ in range(3):
        assert ask_from(limited, "198.51.100.1").status_code == 200
    refused = ask_from(limited, "198.51.100.1")
    assert refused.status_code == 429
    wait = int(refused.headers["retry-after"])
    assert 0 < wait <= 60
    assert f"Ask again in {wait} second" in refused.json()["detail"]
    assert ask_from(limited, "198.51.100.2").status_code == 200
    page = httpx.get(f"{limited.url}/", headers={"X-Forwarded-For": "198.51.100.1"})
    assert page.status_code == 200  # reading is free


def test_a_one_shot_call_that_asks_counts_and_one_that_chooses_does_not(
    limited: PageServer,
) -> None:
    dependencies = gradio_config(limited.url)["dependencies"]
    asking = next(d["id"] for d in dependencies if len(d["inputs"]) == 4)  # type: ignore[attr-defined]
    choosing = next(d["id"] for d in dependencies if len(d["inputs"]) == 1)  # type: ignore[attr-defined]
    url = f"{limited.url}/gradio_api/run/predict"

    def call(event: object, data: list[object]) -> int:
        body = {"data": data, "fn_index": event, "session_hash": "s"}
        return httpx.post(url, json=body, timeout=30).status_code

    assert [call(choosing, ["github"]) for _ in range(5)] == [200] * 5
    for event in (asking, str(asking), None):
        call(event, ASKED)
    assert call(asking, ASKED) == 429
    assert call(str(choosing), ["github"]) == 429  # what is not plain to see counts
    assert call(choosing, ["github"]) == 200


def test_an_untrusted_address_cannot_pretend_to_be_many() -> None:
    server = PageServer("--rate-limit", "2/hour", "--trusted-proxies", "192.0.2.7")
    statuses = [ask_from(server, f"198.51.100.{n}").status_code for n in range(3)]
    server.stop()
    assert statuses == [200, 200, 429]


def test_a_policy_of_ones_own_and_a_rating_count_too(limited: PageServer) -> None:
    for _ in range(3):
        httpx.post(f"{limited.url}/own?name=a.pdf", content=b"x")
    assert httpx.post(f"{limited.url}/own?name=a.pdf", content=b"x").status_code == 429
    assert httpx.post(f"{limited.url}/own/close", content=b"own-x").status_code == 204


def test_without_the_setting_nothing_is_counted(server: PageServer) -> None:
    for number in range(40):
        assert ask_over_http(server.url, ASKED, session=f"many{number}")["success"]


def test_the_page_says_when_to_ask_again(new_visit: NewVisit, limited: PageServer) -> None:
    visit = new_visit(limited.url).open()
    for number in range(3):
        visit.type("Do you sell my data?")
        visit.turn(number)
    visit.type("Do you use cookies?")
    problem = visit.page.locator("#pa-log .pa-problem")
    problem.wait_for()
    assert "Too many questions from your address. Ask again in" in problem.inner_text()
    assert visit.page.input_value("#pa-question textarea") == "Do you use cookies?"
    visit.complaints.clear()  # the browser logs the refusal (429) as an error
