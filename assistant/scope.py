"""Whether a question is one for a privacy policy at all, and if not, why."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from assistant.model import MAX_QUESTION_CHARACTERS, QuestionError, Reason

_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?)\b"
    # An order stands at the start of a sentence: "Do you ignore Do Not Track rules?" is none.
    r"|(?:^|[.!?:;,\n]|\bplease\b|\bnow\b)\W*(?:(?:please|now|and|then) )*"
    r"(?:(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:rules?|guidelines|policy|policies|"
    r"above|previous|training|everything)\b"
    r"|(?:you are|act as|pretend (?:to be|you are|that you)|role-?play as) (?:now )?(?:an? |my ))"
    r"|\bsystem prompt\b|\bhidden (?:instructions?|prompt)\b|\bjailbreak\b|\bdeveloper mode\b"
    r"|(?:^|[.!?:;,\n]\s*)you are now\b"
    r"|\bfrom now on\b.{0,30}\b(?:answer|say|respond|reply|you (?:are|will|must))\b"
    r"|\brepeat (?:after me|the (?:word|text|above)|everything)\b"
    r"|\b(?:output|print|reveal|show|repeat)\b.{0,30}\b(?:your (?:instructions|prompt|rules)|"
    r"verbatim|above text|text above)\b",
    re.IGNORECASE | re.DOTALL,
)
_TASKS = re.compile(
    r"^\W*(?:please |can you |could you |would you )*(?:write (?!to\b)|translate\b|make up\b|"
    r"tell me a (?:joke|story)\b|(?:compose|draft|sing|draw|paint|code|generate|rap) "
    r"(?:me|us|an?|the|some)\b)",
    re.IGNORECASE,
)

# The commonest function words; a question with several of another language's and fewer English
# ones is not English. Words that are also English ("die", "on", "an", "a") are left out.
_LANGUAGES = {
    "German": "der das und ist nicht sie ich wie werden wird meine mein daten ihr ihre mit auf für "
    "von wer kann welche gibt an dritte verkauft verkaufen ihr zu bei eine einen über speichern",
    "French": "le la les des est et vous mes mon une que pour avec sur dans données quelles "
    "comment est-ce vendez partagez combien temps puis-je je quel quelle vos votre ce du qui",
    "Spanish": "el los las de que y mis mi una por con para cómo qué datos venden compartir "
    "ustedes es son cuánto tiempo quién puedo mis información sus se la en",
    "Italian": "il lo gli di che e sono miei mia una per con come dati vendete quanto tempo posso "
    "chi mie della dei delle i nei condividete è",
    "Portuguese": "o os as de que e meus meu uma por com para como dados vendem quanto tempo posso "
    "quem são minha minhas você vocês é não",
    "Dutch": "de het een en van ik niet mijn is dat hoe gegevens verkopen jullie met voor wie kan "
    "worden wordt lang bewaren",
    "Swedish": "och att det som en på är inte jag mina ni hur med för kan data säljer länge min",
    "Polish": "i w na z nie się czy moje dane jak do są jest długo kto mogę sprzedajecie",
}
_WORDS_OF = {name: frozenset(words.split()) for name, words in _LANGUAGES.items()}
_ENGLISH = frozenset(
    "the you my do does is are what how of to and your can i me we who when where which for with "
    "it this that about if will be have has in on any not data there from long information tell "
    "sell share use collect delete keep privacy policy".split()
)
_VAGUE = frozenset(
    "data information info privacy private policy personal stuff things thing question questions "
    "help more details tell explain please want know something anything everything ask it this "
    "that about me my the a an i to you your some have can need is what of and give us".split()
)
_THE_POLICY = (
    r"(?:(?:the|this|your|their|its|whole|entire|full|privacy|(?-i:[A-Z][\w.]*(?:['’]s)?))\s+){0,5}"
    r"(?:policy|notice|statement|document)"
)
# The whole policy is asked for, not a part of it ("an overview of my rights").
_OUTLINE = re.compile(
    r"^\W*(?:please |can (?:you|i|we) |could (?:you|i) |give me |get |have |show me |tell me |"
    r"i (?:want|need|would like) |i['’]d like )*(?:an? |the )?(?:short |brief |quick )?"
    r"(?:summari[sz]e|sum up|summary|outline|overview|tl;?\s?dr|main points|key points|gist|"
    r"table of contents)"
    rf"(?:\s+(?:it(?: all)?|this|that|everything|(?:of |for )?{_THE_POLICY}))?"
    r"(?:\s+(?:for me|in .{1,30}|briefly|please)|, please)?\W*$"
    rf"|^\W*what(?:['’]s| is)\s+(?:in|the (?:gist|summary) of)\s+{_THE_POLICY}\W*$"
    rf"|^\W*what (?:does\s+{_THE_POLICY}\s+(?:say|cover|contain)|is\s+{_THE_POLICY}\s+about)\W*$"
    rf"|^\W*what are the (?:main|key) points(?:\s+of\s+{_THE_POLICY})?\W*$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
MIN_LATIN_SHARE = 0.7  # of the letters; fewer, and it is not English
PIECES_OF_A_NON_WORD = 3  # word pieces; "asdfghjkl" has five, English words one or two


def checked(question: str) -> str:
    """The question as it may be asked, without white space around it.

    Raises:
        QuestionError: it is blank, too long, or has control characters.
    """
    stripped = question.strip()
    if not stripped:
        raise QuestionError("The question is blank. Type what you want to know.")
    if len(stripped) > MAX_QUESTION_CHARACTERS:
        raise QuestionError(
            f"The question has {len(stripped)} characters; at most {MAX_QUESTION_CHARACTERS} are "
            "read. Shorten it."
        )
    for position, character in enumerate(stripped):
        if unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n\r":
            raise QuestionError(
                f"The question has a control character (U+{ord(character):04X}, character "
                f"{position + 1}). Take it out."
            )
    return stripped


def is_outline_request(question: str) -> bool:
    """Whether the policy as a whole is asked for."""
    return bool(_OUTLINE.search(question)) and len(question.split()) <= 12


def refused(question: str, pieces_of: Callable[[str], int]) -> Reason | None:
    """Why a question is none that a policy could answer, from its words alone; None if it may be.

    Args:
        question: as it was typed.
        pieces_of: into how many pieces the encoder cuts a lower-case word.
    """
    if not any(c.isalpha() for c in question):
        return Reason.GIBBERISH
    if _ORDERS.search(question):
        return Reason.INSTRUCTION
    if _TASKS.search(question):
        return Reason.OFF_TOPIC
    words = [word.casefold() for word in _WORD.findall(question)]
    if _is_other_language(question, words):
        return Reason.LANGUAGE
    if _is_gibberish(words, pieces_of):
        return Reason.GIBBERISH
    return None


def is_too_vague(question: str) -> bool:
    """Whether nothing in a question says what it is about."""
    words = [word.casefold() for word in _WORD.findall(question)]
    return len(words) <= 6 and all(word in _VAGUE for word in words)


def _is_other_language(question: str, words: list[str]) -> bool:
    letters = [c for c in question if c.isalpha()]
    latin = sum("LATIN" in unicodedata.name(c, "") for c in letters)
    if latin < MIN_LATIN_SHARE * len(letters):
        return True
    english = sum(word in _ENGLISH for word in words)
    return any(
        len(hits := {w for w in words if w in others and w not in _ENGLISH}) >= 2
        and len(hits) > english
        for others in _WORDS_OF.values()
    )


def _is_gibberish(words: list[str], pieces_of: Callable[[str], int]) -> bool:
    """Whether most words are none: cut into many pieces, with no function word between them."""
    long = [word for word in words if len(word) >= 4]
    if not long or any(word in _ENGLISH for word in words):
        return not long and len(words) > 2 and not any(word in _ENGLISH for word in words)
    broken = sum(pieces_of(word) >= PIECES_OF_A_NON_WORD for word in long)
    return broken > 0.5 * len(long)
