"""A stretch of text to the spans of its sentences, with run-in labels kept with what they name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policy_text.model import Span

# Words that end in a full stop without ending a sentence. Policies are full of companies,
# streets, statutes and "e.g.". Compared in lower case, without the final stop.
ABBREVIATIONS = frozenset(
    "inc corp ltd co llc bros gmbh no nos mr mrs ms dr prof st ave blvd rd ste jr sr attn dept "
    "e.g eg i.e ie vs cf al approx incl art arts sec secs para cal civ pub stat fed reg sq v "
    "u.s u.k u.s.c l jan feb mar apr jun jul aug sept oct nov dec a.m p.m".split()
)

# After these a sentence may well end: "… is Acme, Inc. For individuals outside …".
_MAY_END = frozenset("inc corp ltd co llc gmbh u.s u.k a.m p.m".split())
_STARTERS = re.compile(
    r"(?:A|An|As|At|By|For|From|However|If|In|It|On|Our|The|These|They|This|To|We|When|While|You|"
    r"Your)\s"
)

# A boundary is a stop, whatever closes with it, white space, and something that may open a
# sentence. Table pipes and HTML tags count as white space between sentences.
_STOP = re.compile(r"""(?P<stop>[.!?…]+)(?P<closing>[)\]"'”’»*_]*(?:\{[^}\s]*\})?)""")
_BOLD = re.compile(r"(\*\*|__)(?!\s)(?:(?!\1).)+\1", re.DOTALL)
_GAP = re.compile(r"(?:\s|</?[a-z][^>]*>|\|(?=\s))+", re.IGNORECASE)
_OPENS_SENTENCE = re.compile(r"""[\[("'“‘«*_]*[A-Z0-9À-ÞĀ-Ͽ\u0400-\u1fff\u2e80-\U0010ffff•]""")
_LINK_TARGET = re.compile(
    r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|<https?://[^>]*>|https?://\S*\w"
)
_ENUMERATOR = re.compile(r"(?:^|\s)\(?(?:\d{1,2}|[A-Za-z]|[ivx]{1,4})$")

# A short opening "sentence" with none of these is a label of what follows ("Service Providers.").
_NOT_IN_A_LABEL = re.compile(
    r"\b(?:is|are|was|were|be|been|may|might|can|cannot|will|shall|must|do|does|did|has|have|had|"
    r"should|would|could|we|we're|you're|they|it|this|that|these|those|there|please|i|n['’]t)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
LABEL_MAX_WORDS = 8  # the longest run-in label in the policies that ship has six


def sentence_spans(text: str, span: Span) -> list[Span]:
    """The sentences of `text` within `span`, in order; white space between them is left out.

    A run-in label ("Service Providers. We may …") stays with the sentence after it.
    """
    pieces = [piece for piece in _split(text, span) if _has_content(text, piece)]
    if len(pieces) > 1:
        first = text[pieces[0].start : pieces[0].end]
        if is_run_in_label(first) or _BOLD.fullmatch(first):
            pieces[:2] = [Span(pieces[0].start, pieces[1].end)]
    return pieces


def is_run_in_label(sentence: str) -> bool:
    """Whether a paragraph's opening words only name what follows them."""
    plain = re.sub(r"[*_]", "", sentence)
    if plain.rstrip().endswith(("?", "!", "…")) or not plain[:1].isupper():
        return False
    return len(plain.split()) <= LABEL_MAX_WORDS and not _NOT_IN_A_LABEL.search(plain)


def _split(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    for end, next_start in _boundaries(text, span):
        yield Span(start, end)
        start = next_start
    if start < span.end:
        yield Span(start, span.end)


def _boundaries(text: str, span: Span) -> Iterator[tuple[int, int]]:
    """Each sentence's end and the start of the next."""
    links = [(m.start(), m.end()) for m in _LINK_TARGET.finditer(text, span.start, span.end)]
    start = span.start
    for match in _STOP.finditer(text, span.start, span.end):
        if any(a < match.start("stop") < b - 1 for a, b in links):
            continue
        gap = _GAP.match(text, match.end(), span.end)
        if gap is None or gap.end() == span.end:
            continue
        if not _OPENS_SENTENCE.match(text, gap.end(), span.end):
            continue
        if _is_abbreviation(text, start, match, gap.end()):
            continue
        yield match.end(), gap.end()
        start = gap.end()


def _is_abbreviation(text: str, start: int, stop: re.Match[str], following: int) -> bool:
    if stop["stop"] != "." or stop["closing"]:
        return False
    before = text[start : stop.start()]
    words = before.split()
    if not words:
        return False
    word = re.split(r"[-–/]", words[-1])[-1].lstrip("(\"'“‘[*_").casefold()
    if word in ABBREVIATIONS:
        return word not in _MAY_END or not _STARTERS.match(text, following)
    is_initial = len(word) == 1 and words[-1].lstrip("(\"'“").isupper()
    return is_initial or (len(words) == 1 and bool(_ENUMERATOR.search(before)))


def _has_content(text: str, piece: Span) -> bool:
    return any(not c.isspace() for c in text[piece.start : piece.end])
