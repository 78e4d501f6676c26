"""Ranked passages to citations and an answer in the policy's own words (pure)."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from assistant.context import context_of
from assistant.model import Citation, ContextQuote, Role
from assistant.regions import is_for, limit_of
from assistant.wording import capital, titled
from index.retriever import Retrieval, ScoredPassage
from policy_text import Passage, PolicyVersion, Span
from policy_text.display import display_quote

MAX_CITATION_CHARACTERS = 600  # of adjoining passages together, as the contract has it
LEAD_IN_WORDS = 25  # the last words of a lead-in that are shown; its whole stands in the context
EXCEPTIONS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Selection:
    """Adjoining passages that are cited together, led by the one that ranks best."""

    leading: Passage
    passages: tuple[Passage, ...]

    @property
    def span(self) -> Span:
        """From the first passage to the last."""
        return Span(self.passages[0].span.start, self.passages[-1].span.end)


def select(version: PolicyVersion, answering: Sequence[ScoredPassage]) -> list[Selection]:
    """The passages that answer, best first, each with what must be cited with it.

    Those that adjoin are joined, as far as a citation may be long.

    A sentence that only announces what follows ("… for these purposes:") is cited with as much of
    what it announces as fits.
    """
    selections: list[Selection] = []
    for scored in answering:
        joined = _join(version, selections, scored.passage)
        if not joined:
            cited = {passage.position for s in selections for passage in s.passages}
            announced = _with_announced(version, scored.passage, cited)
            selections.append(Selection(scored.passage, announced))
    return selections


def cite(version: PolicyVersion, selection: Selection) -> Citation:
    """The citation of a selection, with the context that belongs to it."""
    leading = selection.leading
    limit = limit_of(version, leading)
    quotes = (q for p in selection.passages for q in context_of(version, p, limit))
    context = tuple(q for q in dict.fromkeys(quotes) if not selection.span.overlap(q.span))
    return Citation(
        policy=version.policy.id,
        version=version.info.version,
        section=version.section_of(leading),
        span=selection.span,
        quote=version.quote(selection.span),
        applies_to=limit.region if limit else None,
        context=context,
    )


def said_to_all(citation: Citation, region: str | None) -> str | None:
    """The quote with its lead-in, if it is said of all people and without an exception elsewhere.

    `region` is that of the person who asks, whom a regional passage then means.
    """
    by_role = {quote.role: quote.quote for quote in citation.context}
    if Role.EXCEPTION in by_role or (citation.applies_to is not None and region is None):
        return None
    return f"{by_role.get(Role.LEAD_IN, '')} {citation.quote}".strip()


def for_region(version: PolicyVersion, retrieval: Retrieval, region: str | None) -> Retrieval:
    """The retrieval without what is limited to residents of another region."""
    if region is None:
        return retrieval
    ranking = retrieval.ranking
    kept = [n for n, s in enumerate(ranking) if is_for(limit_of(version, s.passage), region)]
    read = [n for n in kept if n < len(retrieval.reading)]
    return replace(
        retrieval,
        ranking=tuple(ranking[n] for n in kept),
        features=retrieval.features[kept],
        reading=retrieval.reading[read],
    )


def answer_text(
    version: PolicyVersion, citations: Sequence[Citation], verdict: str | None = None
) -> str:
    """The answer for a person: the quotes, numbered, then where each of them stands."""
    quotes = [f"{in_words(citation)} [{n}]" for n, citation in enumerate(citations, 1)]
    sources = [
        f"[{n}] {citation.section.cited_as}{limited(citation)}"
        for n, citation in enumerate(citations, 1)
    ]
    opening = f"{capital(verdict)}. " if verdict else ""
    return "\n".join([f"{opening}{titled(version)} says:", *quotes, "", *sources])


def _with_announced(
    version: PolicyVersion, passage: Passage, cited: Set[int]
) -> tuple[Passage, ...]:
    """The passage, and where it ends with a colon, the list that it announces, as far as it fits.

    What is `cited` already (positions of passages) is not cited twice.

    A list of which not even one item fits stands in no citation: its lead-in is cited alone.
    """
    passages = [passage]
    announces = version.quote(passage.span).endswith(":")
    for following in version.passages[passage.position + 1 :] if announces else ():
        belongs = following.lead_in == passage.span or (
            following.block == passages[-1].block and len(passages) > 1
        )
        belongs = belongs and following.position not in cited
        if not belongs or following.span.end - passage.span.start > MAX_CITATION_CHARACTERS:
            break
        passages.append(following)
    return tuple(passages)


def _join(version: PolicyVersion, selections: list[Selection], passage: Passage) -> bool:
    """Puts a passage to a selection that it adjoins, if they are short enough together."""
    if any(passage in selection.passages for selection in selections):
        return True
    for number, selection in enumerate(selections):
        first, last = selection.passages[0], selection.passages[-1]
        if passage.section != first.section or passage.position not in (
            first.position - 1,
            last.position + 1,
        ):
            continue
        passages = tuple(sorted((*selection.passages, passage), key=lambda p: p.position))
        if passages[-1].span.end - passages[0].span.start <= MAX_CITATION_CHARACTERS:
            selections[number] = Selection(selection.leading, passages)
            return True
    return False


def in_words(citation: Citation) -> str:
    """The quote as it is shown: after its lead-in, and never without its exceptions."""
    words = f"“{display_quote(citation.quote)}”"
    lead_in = _of_role(citation, Role.LEAD_IN)
    if lead_in:
        words = f"“{_shortened(display_quote(lead_in[0].quote))} {words[1:]}"
    exceptions = [display_quote(quote.quote) for quote in _of_role(citation, Role.EXCEPTION)]
    if exceptions:
        listed = "; ".join(words.rstrip(".;:") for words in exceptions[1 : EXCEPTIONS_SHOWN + 1])
        words += f" “{exceptions[0]}” {listed}".rstrip()
    return words


def _of_role(citation: Citation, role: Role) -> list[ContextQuote]:
    return [quote for quote in citation.context if quote.role is role]


def _shortened(lead_in: str) -> str:
    words = lead_in.split()
    return lead_in if len(words) <= LEAD_IN_WORDS else "… " + " ".join(words[-LEAD_IN_WORDS:])


def limited(citation: Citation) -> str:
    """Whose residents a citation is limited to, in words; empty where it is for everybody."""
    return f" (for residents of: {citation.applies_to})" if citation.applies_to else ""
