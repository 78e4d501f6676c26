"""Which residents a passage is limited to ("If you are a Nevada resident, …")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from policy_text import Passage, PolicyVersion, Section, Span

# How policies name the places whose residents have rules of their own.
_REGIONS = {
    "California": r"California",
    "Nevada": r"Nevada",
    "Virginia": r"Virginia",
    "Colorado": r"Colorado",
    "Connecticut": r"Connecticut",
    "Utah": r"Utah",
    "Texas": r"Texas",
    "Oregon": r"Oregon",
    "Washington": r"Washington State",
    "European Union": r"(?:European(?: Union| Economic Area)?|EU|EEA)",
    "United Kingdom": r"(?:United Kingdom|UK|British)",
    "Switzerland": r"(?:Switzerland|Swiss)",
    "France": r"(?:France|French)",
    "Germany": r"(?:Germany|German)",
    "Brazil": r"(?:Brazil|Brazilian)",
    "Canada": r"(?:Canada|Canadian|Quebec)",
    "Australia": r"(?:Australia|Australian)",
    "Japan": r"(?:Japan|Japanese)",
    "South Korea": r"(?:South Korea|Korean)",
}
REGIONS = tuple(_REGIONS)  # those that are known, by name
# Where the rules for the European Economic Area hold, Iceland, Liechtenstein and Norway included.
_EUROPEAN = frozenset(
    "austria belgium bulgaria croatia cyprus czechia denmark estonia finland france germany greece "
    "hungary iceland ireland italy latvia liechtenstein lithuania luxembourg malta netherlands "
    "norway poland portugal romania slovakia slovenia spain sweden".split()
)
_IN_HEADING = (
    r"\b{0}\b.*\b(?i:residents?|notice|consumers?|users|rights|individuals)\b"
    r"|\b(?i:notice (?:to|for)|residents of) (?:the )?{0}\b"
)
_IN_PASSAGE = (
    r"\b(?:[Ii]f you (?:are|live|reside)\b[^,.;]{{0,40}}?|[Ff]or (?:residents|users|individuals) "
    r"(?:of|in) (?:the )?|[Rr]esidents (?:of|in) (?:the )?|\([Aa]pplies to |[Oo]nly to )"
    r"{0}\b|\b{0} residents\b"
)


# "If you are not a resident of …" and "… or elsewhere" limit nothing.
_OPEN = re.compile(r"\bnot\b|\bor (?:elsewhere|anywhere)\b")


@dataclass(frozen=True, slots=True)
class Limit:
    """The region that a passage is limited to, and the words that say so."""

    region: str
    section: Section
    span: Span
    others: tuple[str, ...] = ()  # regions that the same words name as well


def limit_of(version: PolicyVersion, passage: Passage) -> Limit | None:
    """The limit that a passage's own words or a heading above it set; None if there is none."""
    words = version.quote(passage.span)
    section = version.section_of(passage)
    for region, pattern in _REGIONS.items():
        match = re.search(_IN_PASSAGE.format(pattern), words)
        if match and not _OPEN.search(words[match.start() : match.end() + 30]):
            named = (r for r, other in _REGIONS.items() if re.search(rf"\b{other}\b", words))
            return Limit(region, section, passage.span, tuple(named))
    above: Section | None = section
    while above is not None:
        for region, pattern in _REGIONS.items():
            if above.heading and re.search(_IN_HEADING.format(pattern), above.title):
                return Limit(region, above, above.heading)
        above = version.sections[above.parent] if above.parent is not None else None
    return None


def is_for(limit: Limit | None, region: str | None) -> bool:
    """Whether what is so limited concerns a person of `region`; None is anybody."""
    if limit is None or region is None:
        return True
    asked = region.strip().casefold()
    return any(_is_in(asked, named) for named in (limit.region, *limit.others))


def _is_in(asked: str, region: str) -> bool:
    if region == "European Union" and asked in _EUROPEAN:
        return True
    if asked == region.casefold():
        return True
    return bool(re.fullmatch(_REGIONS[region], asked, re.IGNORECASE))  # "UK", "EEA"
