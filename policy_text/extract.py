"""HTML to the Markdown that offsets refer to; template tags become the links they stand for."""

from __future__ import annotations

import re

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?=[\w-]+:)(?:[^\r\n]*\r?\n)*?---[ \t]*\r?\n")
# <%= link_to "label", "target", … %> of ERB templates: the label is policy text.
_LINK_TAG = re.compile(r"""<%=\s*link_to\s+(["'])(.*?)\1\s*,\s*(["'])(.*?)\3.*?%>""", re.DOTALL)
_TEMPLATE_TAG = re.compile(r"<%.*?%>|\{%.*?%\}", re.DOTALL)
# A line of the source that would start a list or heading in Markdown ("see section\n1. above").
_LOOKS_LIKE_MARKUP = re.compile(r"(?<=\S)\s*[\r\n]\s*(?=(?:[-+*>|]|#{1,6}|\d{1,9}[.)])\s)")
_BREAK = "\ue000"  # stands for <br> until all other white space is settled; of private use
_CHROME = (
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "header",
    "footer",
    "aside",
    "input",
    "button",
    "select",
    "textarea",
)


def html_to_markdown(html: str) -> str:
    """The main content of a page as Markdown, one line a paragraph, ending in a line end.

    What stands outside <main> (or the only <article>) is left out, and so are navigation, scripts
    and forms; but a form around paragraphs, as some servers write it, is part of the page.
    """
    from bs4 import BeautifulSoup
    from bs4.element import NavigableString
    from markdownify import ATX, MarkdownConverter

    source = _TEMPLATE_TAG.sub(
        "", _LINK_TAG.sub(r'<a href="\4">\2</a>', _without_front_matter(html))
    )
    soup = BeautifulSoup(source, "html.parser")
    articles = soup.find_all("article")
    article = articles[0] if len(articles) == 1 else None
    content = soup.find("main") or article or soup.body or soup
    for chrome in content.find_all(_CHROME):
        chrome.decompose()
    for words in content.find_all(string=_LOOKS_LIKE_MARKUP):
        if type(words) is NavigableString and words.find_parent("pre") is None:
            words.replace_with(_LOOKS_LIKE_MARKUP.sub(" ", words))
    for form in content.find_all("form"):
        if form.find(["p", "h1", "h2", "h3"]) is None:
            form.decompose()
    for line_break in content.find_all("br"):
        line_break.replace_with(_BREAK)
    converter = MarkdownConverter(
        heading_style=ATX,
        bullets="*",
        escape_misc=False,
        escape_underscores=False,
        escape_asterisks=False,
        autolinks=False,
        strip=["img"],
    )
    return _tidy(converter.convert_soup(content))


def _without_front_matter(html: str) -> str:
    return _FRONT_MATTER.sub("", html, count=1)


def _tidy(markdown: str) -> str:
    """Lines without needless white space, paragraphs one blank line apart."""
    markdown = re.sub(rf"\s*{_BREAK}\s*", "\n", markdown)
    lines = [re.sub(r"(?<=\S)[ \t]+", " ", line).rstrip() for line in markdown.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
