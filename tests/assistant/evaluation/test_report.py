"""The pages: they load nothing, run nothing but their own script, and show what was measured."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from assistant.evaluation.compare import compare
from assistant.evaluation.coverage import section_coverage
from assistant.evaluation.evaluate import Evaluation
from assistant.evaluation.intervals import Difference
from assistant.evaluation.measures import HEADLINE
from assistant.evaluation.metrics import metrics
from assistant.evaluation.report import changes_html, comparison_html, report_html
from assistant.evaluation.report.coverage_map import coverage_map
from assistant.evaluation.report.display import Unit, amount, interval, shown_difference, signed
from assistant.evaluation.report.highlight import Mark, shared_stretches
from assistant.evaluation.report.page import embedded
from assistant.evaluation.run import JudgedAnswer, SetRecord, SystemRecord
from assistant.evaluation.versions import VersionComparison, compare_answers
from policy_text import Span
from policy_text.diff import diff_versions
from tests.assistant.evaluation.builders import (
    KEEP,
    SELL,
    TEXT,
    WRITE,
    answer,
    judged,
    question,
    run,
    version_of,
)

HOSTILE = "</script><img src=x onerror=alert(1)><!-- ]]> & ' \" \u2028 {{ 7 * 7 }} <b>"

RIGHT = judged(question(SELL), answer(SELL, ranked=[SELL, KEEP], confidence=0.9, latency_ms=20.0))
WRONG = judged(question(SELL), answer(WRITE, ranked=[KEEP, SELL], confidence=0.4, latency_ms=40.0))
REFUSED = judged(question(KEEP, kind="lay"), answer(ranked=[KEEP], confidence=0.1))
NEAR_MISS = judged(question(kind="unanswerable"), answer(KEEP, ranked=[KEEP], confidence=0.6))
OFF_TOPIC = judged(question(kind="offtopic"), answer(status="out_of_scope", confidence=0.05))
ALL = (RIGHT, WRONG, REFUSED, NEAR_MISS, OFF_TOPIC)


def evaluation(*answers: JudgedAnswer, **header: Any) -> Evaluation:
    whole = run(*answers, **header)
    sections = section_coverage([version_of(TEXT)], whole.answers)
    return Evaluation(whole, metrics(whole.answers, sections))


def soup_of(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def data_of(html: str) -> dict[str, Any]:
    """The data that the page's script reads, found as a browser's parser finds it."""
    found: dict[str, Any] = json.loads(_only(soup_of(html).select("#question-data")).get_text())
    return found


def _only(found: Sequence[Tag]) -> Tag:
    assert len(found) == 1
    return found[0]


def words(element: Tag | None) -> str:
    assert element is not None
    return " ".join(element.get_text(" ").split())


def changes(old_text: str = TEXT, new_text: str = TEXT) -> VersionComparison:
    old = version_of(old_text, version="2023-01-01")
    new = version_of(new_text, version="2024-01-01")
    asked = [question(SELL, id="sells").question, question(KEEP, id="keeps").question]
    return compare_answers(
        diff_versions(old, new),
        asked,
        [answer(SELL), answer(KEEP)],
        [answer(), answer(KEEP)],
    )


@pytest.fixture(scope="module")
def whole() -> Evaluation:
    return evaluation(*ALL)


@pytest.fixture(scope="module")
def report(whole: Evaluation) -> str:
    return report_html(whole)


@pytest.fixture(scope="module")
def comparison() -> str:
    return comparison_html(compare(run(RIGHT, WRONG, OFF_TOPIC), run(WRONG, RIGHT, OFF_TOPIC)))


@pytest.fixture(scope="module")
def changed() -> str:
    return changes_html(changes(new_text=TEXT.replace("six months", "nine months")))


@pytest.fixture(params=["report", "comparison", "changed"])
def html(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


# --- it needs nothing, and runs nothing but its own script ---


def test_a_page_loads_nothing(html: str) -> None:
    soup = soup_of(html)
    assert not soup.select("link, iframe, object, embed, img, base, audio, video, source, [src]")
    assert all(str(a["href"]).startswith("#") for a in soup.select("[href]"))
    assert not re.search(r"url\((?!#)|@import|https?://", html)


def test_a_page_lets_its_own_script_run_and_no_other(html: str) -> None:
    soup = soup_of(html)
    own = _only([s for s in soup.select("script") if s.get("type") != "application/json"])
    digest = base64.b64encode(hashlib.sha256(own.get_text().encode()).digest()).decode()
    policy = str(_only(soup.select("meta[http-equiv=Content-Security-Policy]"))["content"])
    assert f"script-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


def test_the_script_sets_text_as_text_only(html: str) -> None:
    script = soup_of(html).select("script")[-1].get_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)


def test_links_within_a_page_lead_somewhere(html: str) -> None:
    soup = soup_of(html)
    ids = [str(element["id"]) for element in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {str(a["href"])[1:] for a in soup.select("[href]")} <= set(ids)
    for reference in re.findall(r"url\(#([^)]+)\)", html):
        assert reference in ids


def hostile(judged_answer: JudgedAnswer) -> JudgedAnswer:
    quotes = {
        "gold": tuple(g.model_copy(update={"section": HOSTILE}) for g in judged_answer.gold),
        "citations": tuple(
            c.model_copy(update={"section": HOSTILE, "quote": HOSTILE})
            for c in judged_answer.citations
        ),
    }
    texts = dict.fromkeys(("question", "answer", "why", "kind", "policy", "verdict"), HOSTILE)
    return judged_answer.model_copy(update={**texts, **quotes, "history": (HOSTILE,)})


def test_markup_in_questions_answers_and_policies_is_shown_and_does_nothing() -> None:
    answers = [hostile(one) for one in (RIGHT, WRONG)]
    bad = evaluation(
        *answers,
        sets=(SetRecord(name=HOSTILE, sha256="0", questions=2),),
        system=SystemRecord(name=HOSTILE, id=HOSTILE, model="", region=HOSTILE),
    )
    html = report_html(bad)
    harmless = report_html(evaluation(RIGHT, WRONG))
    soup = soup_of(html)
    assert not soup.select("img, b[onerror], [onerror]")
    assert len(soup.select("script")) == len(soup_of(harmless).select("script"))
    row = data_of(html)["rows"][0]
    assert row["question"] == row["answer"] == row["history"][0] == HOSTILE
    assert row["columns"][1]["places"][0][3][0][0] in HOSTILE
    assert words(soup.select_one(".questions .question")) == " ".join(HOSTILE.split())


def test_hostile_runs_compared_do_nothing_either() -> None:
    html = comparison_html(compare(run(hostile(RIGHT)), run(hostile(WRONG))))
    assert not soup_of(html).select("img, [onerror]")
    assert data_of(html)["rows"][0]["columns"][2]["answer"] == HOSTILE


def test_a_hostile_policy_does_nothing_either() -> None:
    old = version_of(TEXT, version="2023-01-01")
    new = version_of(f"{TEXT}\n\nWe like {HOSTILE} very much.", version="2024-01-01")
    found = changes_html(VersionComparison(diff_versions(old, new), ()))
    assert not soup_of(found).select("img, [onerror]")


@pytest.mark.parametrize("text", ["</script>", "<!--", "&lt;", "\u2028", "\u2029", "]]>", "'\"\\"])
def test_embedded_data_cannot_leave_its_element(text: str) -> None:
    found = str(embedded({"text": text}))
    assert not set("<>&\u2028\u2029") & set(found)
    assert json.loads(found) == {"text": text}


# --- it shows what was measured ---


def test_every_question_is_a_row_and_in_the_data(whole: Evaluation, report: str) -> None:
    rows = data_of(report)["rows"]
    assert [row["id"] for row in rows] == [str(a.id) for a in whole.run.answers]
    assert [row["question"] for row in rows] == [a.question for a in whole.run.answers]
    shown = soup_of(report).select("#question-list > li")
    assert [item["id"] for item in shown] == [f"q-{a.id}" for a in whole.run.answers]
    marks = [words(item.select_one(".mark")) for item in shown]
    assert marks == ["✓" if a.right else "✗" for a in whole.run.answers]


def test_the_measures_shown_are_those_measured(whole: Evaluation, report: str) -> None:
    rows = {words(r.select_one("code")): r for r in soup_of(report).select(".measures tbody tr")}
    assert list(rows) == list(whole.metrics.measures)
    for name, figure in whole.metrics.measures.items():
        cells = [words(cell) for cell in rows[name].select("td")]
        if figure.value is None:
            assert cells[0] == "–"
            continue
        assert _number(cells[0]) == pytest.approx(figure.value, abs=0.0006 * _scale(cells[0]))
        assert cells[2].startswith(str(figure.questions))


def _number(shown: str) -> float:
    digits = float(re.sub(r"[^\d.]", "", shown))
    return digits / 100 if "%" in shown else digits


def _scale(shown: str) -> float:
    return 1000 if "ms" in shown else 1


def test_the_cards_are_the_headline_measures(whole: Evaluation, report: str) -> None:
    values = [words(card) for card in soup_of(report).select(".cards .value")]
    assert len(values) == len(HEADLINE)
    assert values[0] == "40.0 %"  # RIGHT and OFF_TOPIC, of five


def test_the_headline_says_it_in_words(report: str) -> None:
    soup = soup_of(report)
    assert words(soup.h1).startswith("Right on 40 % of 5 questions (")
    assert words(soup.select_one(".lead")) == (
        "It declined 33 % of 3 questions that the policies answer, 0 % of 1 near miss and 100 % of "
        "1 off-topic question."
    )


def test_the_matrix_counts_each_question_once(whole: Evaluation, report: str) -> None:
    counts = [int(words(cell)) for cell in soup_of(report).select(".matrix td b")]
    confusion = whole.metrics.confusion
    assert sum(counts) == 5
    assert counts[0] == confusion["answerable"]["answered"] == 2


def test_groups_have_their_own_figures(report: str) -> None:
    rows = {words(r.th): r for r in soup_of(report).select(".breakdown tbody tr")}
    assert words(rows["lay"].select("td")[0]) == "1"
    assert words(rows["lay"].select("td")[1]).startswith("0 %")
    assert "acme 2024-01-01" in rows


def test_plots_mark_where_the_system_stands(report: str) -> None:
    labels = {
        str(figure["id"]): str(_only(figure.select("[role=img]"))["aria-label"])
        for figure in soup_of(report).select("figure")
    }
    assert list(labels) == ["plot-ranking", "plot-declining", "plot-reliability", "plot-latency"]
    spaced = labels["plot-declining"].replace("\u202f", " ")
    assert "refused 33 %" in spaced
    assert "declined 0 % of near misses and 100 % of off-topic questions" in spaced


def test_plots_take_the_pages_colours_and_fonts(report: str) -> None:
    plots = "".join(str(svg) for svg in soup_of(report).select("figure svg"))
    assert "var(--first)" in plots
    assert not re.search(r"#[0-9a-f]{6}\b|font-family|<style|<metadata", plots)


def test_plots_have_their_data_as_tables(whole: Evaluation, report: str) -> None:
    rows = soup_of(report).select("#plot-ranking tbody tr")
    assert [words(row.th) for row in rows] == [str(point.k) for point in whole.metrics.ranking]
    found = _number(words(rows[0].select("td")[0]))
    assert found == pytest.approx(whole.metrics.ranking[0].success, abs=0.001)


def test_the_map_marks_what_nothing_touches() -> None:
    never = coverage_map(section_coverage([version_of(TEXT)], ()))
    assert [section.marks for section in never[0].sections] == [("never asked", "never cited")]
    answers = run(WRONG).answers
    asked = coverage_map(section_coverage([version_of(TEXT)], answers))
    assert [section.marks for section in asked[0].sections] == [()]
    assert asked[0].summary == "1 of 1 sections asked about, 1 of 1 cited"


@pytest.mark.parametrize(
    ("answers", "chosen"),
    [
        pytest.param(ALL, "wrong", id="wrong-ones-first"),
        pytest.param((RIGHT, OFF_TOPIC), "", id="all-if-none-is-wrong"),
    ],
)
def test_the_list_opens_on_the_wrong_ones(answers: tuple[JudgedAnswer, ...], chosen: str) -> None:
    soup = soup_of(report_html(evaluation(*answers)))
    assert _only(soup.select("input[type=radio][checked]"))["value"] == chosen


def test_a_row_opens_to_gold_and_cited_words_with_what_both_share() -> None:
    wide = judged(question((0, 53)), answer(KEEP, WRITE))
    row = data_of(report_html(evaluation(wide)))["rows"][0]
    gold, cited = (column["places"] for column in row["columns"])
    assert gold[0][3] == [["We keep logs for six months.", "shared"],
                          [" We never sell your data.", ""]]  # fmt: skip
    assert [place[1] for place in cited] == ["✓ hits", "✗ does not hit"]
    assert [place[3][0][1] for place in cited] == ["shared", ""]


@pytest.mark.parametrize(
    ("span", "others", "expected"),
    [
        pytest.param((10, 15), [], [("héllo", "")], id="nothing-shared"),
        pytest.param((10, 15), [(0, 99)], [("héllo", "shared")], id="all-shared"),
        pytest.param(
            (10, 15), [(12, 13)], [("hé", ""), ("l", "shared"), ("lo", "")], id="the-middle"
        ),
        pytest.param(
            (10, 15), [(9, 11), (10, 12)], [("hé", "shared"), ("llo", "")], id="overlapping-others"
        ),
        pytest.param((10, 15), [(15, 20)], [("héllo", "")], id="only-touching"),
        pytest.param((10, 30), [(12, 40)], [("hé", ""), ("llo", "shared")], id="quote-too-short"),
    ],
)
def test_shared_characters_are_marked(
    span: tuple[int, int], others: list[tuple[int, int]], expected: list[tuple[str, str]]
) -> None:
    found = shared_stretches("héllo", Span(*span), [Span(*other) for other in others])
    assert [(text, mark.value) for text, mark in found] == expected


def test_characters_are_counted_as_code_points() -> None:
    assert shared_stretches("🍪🍪 ok", Span(0, 5), [Span(3, 5)])[-1] == ("ok", Mark.SHARED)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(amount(0.7741, Unit.SHARE), "77.4 %", id="share"),
        pytest.param(amount(0.8104, Unit.SCORE), "0.810", id="score"),
        pytest.param(amount(1204.4, Unit.MILLISECONDS), "1,204 ms", id="time"),
        pytest.param(amount(4.21, Unit.MILLISECONDS), "4.2 ms", id="short-time"),
        pytest.param(amount(None, Unit.SHARE), "–", id="undefined"),
        pytest.param(interval(0.736, 0.814, Unit.SHARE), "73.6–81.4 %", id="interval"),
        pytest.param(signed(-0.031, Unit.SHARE), "−3.1 points", id="fewer-points"),
        pytest.param(signed(0.031, Unit.SHARE), "+3.1 points", id="more-points"),
        pytest.param(signed(-0.00001, Unit.SHARE), "0.0 points", id="nothing-has-no-sign"),
    ],
)
def test_figures_in_words(shown: str, expected: str) -> None:
    assert shown.replace("\u202f", " ") == expected


# --- whatever the run is ---


def test_the_same_evaluation_gives_the_same_page(whole: Evaluation, report: str) -> None:
    assert report_html(whole) == report


def test_a_users_settings_of_matplotlib_change_nothing(whole: Evaluation, report: str) -> None:
    import matplotlib

    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "lines.linewidth": 9}):
        before = dict(matplotlib.rcParams)
        assert report_html(whole) == report
        assert dict(matplotlib.rcParams) == before


def test_matplotlib_is_imported_for_a_report_only() -> None:
    code = "import sys, assistant.evaluation.report; print('matplotlib' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def without(judged_answer: JudgedAnswer, *names: str) -> JudgedAnswer:
    """The answer of a system that does not say these."""
    kept = {k: v for k, v in judged_answer.values.items() if not k.startswith(names)}
    gone = dict.fromkeys(set(names) & set(JudgedAnswer.model_fields))
    return judged_answer.model_copy(update={**gone, "values": kept})


@pytest.mark.parametrize(
    ("answers", "plots"),
    [
        pytest.param((NEAR_MISS, OFF_TOPIC), 2, id="none-is-answerable"),
        pytest.param((RIGHT,), 3, id="one-question"),
        pytest.param((without(RIGHT, "confidence", "brier", "first"),), 2, id="no-confidence"),
        pytest.param((*ALL, *ALL, without(RIGHT, "latency_ms")), 4, id="one-without-time"),
        pytest.param((without(RIGHT, "latency_ms"),), 2, id="no-time"),
        pytest.param((RIGHT, OFF_TOPIC), 4, id="off-topic-and-no-near-miss"),
        pytest.param((judged(question(SELL), answer(SELL)),), 3, id="nothing-ranked"),
        pytest.param(
            (judged(question(SELL), answer(SELL, latency_ms=0.0)),), 3, id="no-time-at-all"
        ),
        pytest.param((), 0, id="no-question"),
    ],
)
def test_odd_runs_have_a_report_too(answers: tuple[JudgedAnswer, ...], plots: int) -> None:
    html = report_html(evaluation(*answers))
    assert len(soup_of(html).select("figure")) == plots
    assert len(data_of(html)["rows"]) == len(answers)


def test_answers_given_as_a_file_have_a_report_too() -> None:
    given = SystemRecord(name="answers.jsonl", id="", model="", region=None)
    html = report_html(evaluation(RIGHT, workers=0, system=given))
    assert "answers given as a file" in words(soup_of(html).select_one(".top .facts"))


def test_headings_go_down_one_level_at_a_time(html: str) -> None:
    levels = [int(h.name[1]) for h in soup_of(html).select("h1, h2, h3, h4, h5, h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_controls_have_labels_and_the_page_a_language(html: str) -> None:
    soup = soup_of(html)
    assert soup.html is not None
    assert soup.html["lang"] == "en"
    assert all(control.find_parent("label") for control in soup.select("input, select"))
    assert all(str(region["aria-label" if region.has_attr("aria-label") else "aria-labelledby"])
               for region in soup.select("[role=region]"))  # fmt: skip


# --- two runs, two versions ---


def test_a_comparison_lists_the_questions_that_flipped(comparison: str) -> None:
    rows = data_of(comparison)["rows"]
    assert [(row["id"], row["facets"][0]) for row in rows] == [("1", "worse"), ("2", "better")]
    titles = [column["title"] for column in rows[0]["columns"]]
    assert titles == ["Gold: the words that answer", "A ✓ right", "B ✗ wrong"]
    assert "1 question got better, 1 worse; 1 stayed" in words(
        soup_of(comparison).select_one(".lead")
    )


@pytest.mark.parametrize(
    ("name", "difference", "low", "high", "verdict"),
    [
        pytest.param("right", 0.1, 0.05, 0.2, "better", id="more-right"),
        pytest.param("right", -0.1, -0.2, -0.05, "worse", id="less-right"),
        pytest.param("false_refusals", 0.1, 0.05, 0.2, "worse", id="more-refused"),
        pytest.param("right", 0.1, -0.01, 0.2, "no sure difference", id="chance"),
        pytest.param("right", None, None, None, "undefined", id="undefined"),
    ],
)
def test_a_difference_is_told_in_words(
    name: str, difference: float | None, low: float | None, high: float | None, verdict: str
) -> None:
    change = Difference(0.5, 0.6, difference, low, high)
    assert shown_difference(name, change, scale=0.5).verdict == verdict


def test_a_comparison_of_a_run_with_itself_says_that_nothing_flipped() -> None:
    soup = soup_of(comparison_html(compare(run(*ALL), run(*ALL))))
    assert "None: both runs are right and wrong" in words(soup.select_one("#questions"))
    assert {words(v) for v in soup.select(".verdict")} <= {"no sure difference", "undefined"}


def test_changes_list_the_answers_that_changed_and_the_words(changed: str) -> None:
    soup = soup_of(changed)
    assert words(soup.h1) == "2 of 2 answers changed from version 2023-01-01 to 2024-01-01."
    rows = {row["id"]: row for row in data_of(changed)["rows"]}
    assert rows["sells"]["facets"][0] == "became silent"
    assert rows["keeps"]["facets"][0] == "reworded"
    stretches = rows["keeps"]["columns"][2]["places"][0][3]
    assert [text.strip() for text, mark in stretches if mark == "added"] == ["nine"]
    text = _only(soup.select("#text"))
    assert [words(gone) for gone in text.select("blockquote del")] == ["six"]


def test_two_versions_alike_have_a_page_too() -> None:
    soup = soup_of(changes_html(VersionComparison(changes().diff, ())))
    assert "Nothing changed but typography" in words(soup.select_one("#text"))
