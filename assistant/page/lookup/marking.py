"""A text to HTML in which the words that were searched for are marked (pure)."""

from __future__ import annotations

import re

import Stemmer

from assistant.page.markup import Markup, element, joined

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# Words of questions that stand everywhere and say nothing of what is looked for.
_COMMON = frozenset(
    "a about an and any are as at be been but by can could did do does for from get had has have "
    "how i if in into is it its let may me my no not of on or our shall should so than that the "
    "their them then there these they this those to us was we were what when where which who why "
    "will with would you your policy".split()
)
_BEGUN_LETTERS = 3  # of a word that is still typed; fewer would mark half the text


class Marker:
    """Marks the words of one search: those of the same stem, and those that begin like the last."""

    def __init__(self, searched: str) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        words = [word.casefold() for word in _WORD.findall(searched)]
        self._stems = frozenset(map(self._stem, (w for w in words if w not in _COMMON)))
        is_open = bool(words) and searched[-1:].isalnum() and words[-1] not in _COMMON
        self._begun = words[-1] if is_open and len(words[-1]) >= _BEGUN_LETTERS else None

    def marked(self, text: str) -> Markup:
        """The text, escaped, each matched word in a mark of its own."""
        pieces: list[str] = []
        end = 0
        for match in _WORD.finditer(text):
            if self._is_matched(match[0].casefold()):
                pieces += [text[end : match.start()], element("mark", match[0])]
                end = match.end()
        return joined(*pieces, text[end:])

    def _is_matched(self, word: str) -> bool:
        if word in _COMMON:
            return False
        begun = self._begun is not None and word.startswith(self._begun)
        return begun or self._stem(word) in self._stems

    def _stem(self, word: str) -> str:
        stem: str = self._stemmer.stemWord(word.replace("’", "'"))
        return stem
