"""Answers as they are printed and pasted."""

import json

import pytest
from markdown_it import MarkdownIt

from assistant.model import Answer, Citation, ContextQuote, RankedPassage, Reason, Role, Status
from assistant.render import Format, render_answer, render_ranking, render_tree
from index.retriever import ScoredPassage
from policy_text import Section, Span
from policy_text.library import Library

SECTION = Section("sharing", ("3. Sharing", "A. By *us*"), Span(0, 5), None)


def answer(quote: str, *context: ContextQuote, applies_to: str | None = None) -> Answer:
    span = Span(10, 10 + len(quote))
    citation = Citation("acme", "2024-05", SECTION, span, quote, applies_to, context)
    return Answer(
        id="q1",
        question="Do you share?",
        policy="acme",
        version="2024-05",
        status=Status.ANSWERED,
        reason=None,
        text=f"Acme (updated May 2024) says:\n“{quote}” [1]\n\n[1] 3. Sharing",
        citations=(citation,),
        nearest=(),
        passages=(RankedPassage(SECTION, span, 1.23456),),
        confidence=0.54321,
        latency_ms=1.23456,
        content_hash="0" * 64,
    )


def declined(text: str) -> Answer:
    answered = answer("We share.")
    return Answer(
        **{name: getattr(answered, name) for name in Answer.__dataclass_fields__}
        | {"status": Status.SILENT, "reason": Reason.NO_EVIDENCE, "text": text, "citations": ()}
    )


def test_text_shows_what_a_citation_leans_on() -> None:
    before = ContextQuote(Role.ANTECEDENT, SECTION, Span(0, 9), "We record.")
    other = ContextQuote(Role.REFERENCE, SECTION, Span(0, 5), "3. Sharing")
    lines = render_answer(answer("It is sent.", before, other), Format.TEXT).splitlines()
    assert lines[-2:] == [
        "    [1] follows: “We record.”",
        "    [1] refers to: 3. Sharing › A. By *us*",
    ]


def test_markdown_has_title_quote_and_source() -> None:
    assert render_answer(answer("We share.", applies_to="California"), Format.MARKDOWN) == (
        "Acme (updated May 2024) says:\n\n> “We share.” [1]\n\n"
        "1. **3. Sharing › A. By \\*us\\*** (for residents of: California)"
    )


@pytest.mark.parametrize(
    "quote",
    [
        pytest.param("see \\[1](javascript:alert)", id="link-with-a-number"),
        pytest.param("see [a [b](http://evil.example) c](http://evil.example)", id="nested-link"),
        pytest.param("an image ![x][1] and [1]: http://evil.example", id="image-by-reference"),
        pytest.param("a <script>alert(1)</script> tag", id="script"),
        pytest.param("less < img src=x onerror=y > more", id="not-quite-a-tag"),
        pytest.param("an <img src=x", id="open-tag"),
        pytest.param("stars *1] and *1] or `1] code `1]", id="emphasis-before-a-number"),
        pytest.param("an <https://evil.example> address", id="autolink"),
    ],
)
def test_no_markup_of_a_quote_survives_in_markdown(quote: str) -> None:
    html = MarkdownIt("commonmark", {"html": True}).render(
        render_answer(answer(quote), Format.MARKDOWN)
    )
    quoted = html.partition("<blockquote>")[2].partition("</blockquote>")[0]
    tags = {part.partition(">")[0] for part in quoted.split("<")[1:]}
    assert tags == {"p", "/p"}


def test_markdown_shows_a_rule_with_its_exceptions() -> None:
    but = ContextQuote(Role.EXCEPTION, SECTION, Span(20, 30), "There are exceptions:")
    one = ContextQuote(Role.EXCEPTION, SECTION, Span(31, 40), "Providers")
    printed = render_answer(answer("We never share.", but, one), Format.MARKDOWN)
    assert "> “We never share.” “There are exceptions:” Providers [1]" in printed


def test_a_decline_is_escaped_in_markdown() -> None:
    assert render_answer(declined("No <b>*word*</b>."), Format.MARKDOWN) == (
        "No \\<b\\>\\*word\\*\\</b\\>."
    )


def test_json_is_one_line_as_the_answer_has_it() -> None:
    one = answer("We share\nwith “others” – and Ⅷ.")
    printed = render_answer(one, Format.JSON)
    assert "\n" not in printed
    assert json.loads(printed) == one.to_json()


def test_json_keeps_signs_readable() -> None:
    assert "“others”" in render_answer(answer("with “others”"), Format.JSON)


def test_numbers_are_rounded_in_json() -> None:
    printed = answer("We share.").to_json()
    assert (printed["confidence"], printed["latency_ms"]) == (0.5432, 1.23)
    assert printed["passages"][0]["score"] == 1.2346


# --- rankings and trees, on the policy that ships ------------------------------------------------

LIBRARY = Library()
SONY = LIBRARY.version(LIBRARY.policy("sony-mobile").versions[-1])


@pytest.mark.parametrize(
    ("style", "heading"),
    [
        pytest.param(Format.TEXT, "1. Sony Mobile Privacy Policy (2.00)", id="text"),
        pytest.param(Format.MARKDOWN, "1. **Sony Mobile Privacy Policy** (2.00)", id="markdown"),
    ],
)
def test_a_ranking_gives_rank_section_and_score(style: Format, heading: str) -> None:
    first = render_ranking(SONY, [ScoredPassage(SONY.passages[0], 2.0)], style)
    assert first.splitlines()[0] == heading


def test_a_ranking_in_json_gives_offsets_of_its_quotes() -> None:
    scored = [ScoredPassage(passage, 1.0) for passage in SONY.passages[:5]]
    found = json.loads(render_ranking(SONY, scored, Format.JSON))
    assert [f["quote"] for f in found] == [SONY.text[f["start"] : f["end"]] for f in found]


def test_the_tree_shows_every_section_once_and_every_passage() -> None:
    lines = render_tree(SONY).partition("\n\nNot policy text:")[0].splitlines()
    ids = [line.rpartition("[")[2].rstrip("]") for line in lines if line.endswith("]")]
    sections = [section.id for section in SONY.sections]
    assert sorted(i for i in ids if i in sections) == sorted(sections)
    assert len(lines) == len(SONY.sections) + len(SONY.passages)


def test_the_tree_indents_what_stands_under_a_heading() -> None:
    lines = render_tree(SONY).splitlines()
    at = lines.index("  A. Service provision  [a-service-provision]")
    assert lines[at + 1] == "    We may use data we have collected, including personal data, to:"
    assert lines[at + 2].startswith("    • provide you with a product or service")
