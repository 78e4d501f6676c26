"""HTML becomes the Markdown that offsets refer to."""

import pytest

from policy_text.extract import html_to_markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        pytest.param("<h2>Data</h2><p>We keep it.</p>", "## Data\n\nWe keep it.\n", id="heading"),
        pytest.param("<p>\n  We keep   \t it. \n</p>", "We keep it.\n", id="white-space"),
        pytest.param("<p>see section\n1. We do</p>", "see section 1. We do\n", id="line-ends"),
        pytest.param("<p>Acme<br/>  1 Way<br>Town</p>", "Acme\n1 Way\nTown\n", id="line-breaks"),
        pytest.param("<ul><li>a</li><li>b</li></ul>", "* a\n* b\n", id="list"),
        pytest.param("<p>A &amp; B, c_d * [e]</p>", "A & B, c_d * [e]\n", id="nothing-escaped"),
        pytest.param("<p>See <a href='/u'>us</a>.</p>", "See [us](/u).\n", id="link"),
        pytest.param("<p><img src='x' alt='y'>We.</p>", "We.\n", id="images-left-out"),
        pytest.param(
            '<p><%= link_to "DPO", "mailto:a@b.c", class: "x" %></p>',
            "[DPO](mailto:a@b.c)\n",
            id="link-to-tag",
        ),
        pytest.param(
            "<p><%= link_to 'Acme’s \"site\"', '/x' %></p>",
            '[Acme’s "site"](/x)\n',
            id="link-to-tag-in-single-quotes",
        ),
        pytest.param("<% content_for :x %><p>We {% if y %}do.</p>", "We do.\n", id="template-tags"),
        pytest.param("---\ntitle: A\n---\n<p>We.</p>", "We.\n", id="front-matter"),
        pytest.param("\ufeff---\r\ntitle: A\r\n---\r\n<p>We.</p>", "We.\n", id="front-matter-bom"),
    ],
)
def test_html_to_markdown(html: str, markdown: str) -> None:
    assert html_to_markdown(html) == markdown


def test_words_between_rules_are_no_front_matter() -> None:
    assert "We sell it." in html_to_markdown("---\n<p>We sell it.</p>\n---\n<p>We end.</p>")


@pytest.mark.parametrize(
    "chrome",
    ["script", "style", "noscript", "template", "nav", "header", "footer", "aside", "form"],
)
def test_chrome_is_left_out(chrome: str) -> None:
    html = f"<body><p>We.</p><{chrome}>Buy now</{chrome}></body>"
    assert html_to_markdown(html) == "We.\n"


@pytest.mark.parametrize("tag", ["main", "article"])
def test_only_the_main_content_is_kept(tag: str) -> None:
    assert html_to_markdown(f"<body><p>Menu</p><{tag}><p>We.</p></{tag}></body>") == "We.\n"


def test_the_same_page_gives_the_same_text_again() -> None:
    html = "<p>We.</p>" * 3
    assert html_to_markdown(html) == html_to_markdown(html)


def test_a_form_around_the_page_is_part_of_the_page() -> None:
    html = "<body><form><h1>Privacy</h1><p>We keep logs.</p><input value='x'></form></body>"
    assert html_to_markdown(html) == "# Privacy\n\nWe keep logs.\n"


def test_two_articles_are_both_kept() -> None:
    html = "<body><article><p>One.</p></article><article><p>Two.</p></article></body>"
    assert html_to_markdown(html) == "One.\n\nTwo.\n"
