"""The skeleton of a sentence: its content words as crude stems. Two phrases with the same skeleton are the
same phrase but for function words and inflection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from annotate.core.prose import Reading, Sentence

_STOPS = {
    "en": "a an the this that these those and or but nor so as at by for from in into of off on onto "
    "out over to up with within without is are was were be been being am has have had having do "
    "does did will would shall should can could may might must not no it its he his him she her "
    "they their them we our us you your i my me who whom whose which what when where while if "
    "than then there here also too very more most such between among during after before under "
    "about against through all any both each other some own same",
    "de": "der die das den dem des ein eine einen einem einer eines dieser diese dieses diesem diesen "
    "und oder aber sondern denn als am an auf aus bei bis durch für gegen hinter im in ins mit "
    "nach ohne seit über um unter von vom vor während wegen zu zum zur zwischen ist sind war "
    "waren sein wird werden wurde wurden worden hat haben hatte hatten habe sei seien nicht kein "
    "keine keinen es er sie ihn ihm ihr ihre ihrer ihren ihrem sein seine seiner seinen seinem "
    "wir uns unser unsere unserer unseren ich du man sich wer was welche welcher welches wenn "
    "dass daß ob wie so auch noch nur schon sehr mehr alle allen beide beider beiden jeder jede "
    "jedes dort hier da dabei darin dazu damit",
}
_STOP_SETS = {language: frozenset(words.split()) for language, words in _STOPS.items()}
_SHORT = 3
"""In a language without a list of function words, words up to this length count as such."""
_APART = re.compile(r"[;:()\[\]–—…]|--|\n")
_TITLE_WORDS = (
    "president minister chairman chairwoman secretary ambassador marshal general comrade director chief "
    "premier mr mrs ms dr prof präsident präsidenten minister ministers ministerin vorsitzender "
    "vorsitzende vorsitzenden generalsekretär botschafter marschall genosse genossen genossin direktor "
    "premier herr frau heerführer"
)
_TITLES = frozenset(_TITLE_WORDS.split())


class Bone(NamedTuple):
    """A content word: its number among the words of the passage, its stem, whether it looks like a name or a
    title, and whether a mark that parts phrases stands before it."""

    word: int
    stem: str
    name: bool
    apart: bool


def skeleton(reading: Reading, sentence: Sentence) -> Iterator[Bone]:
    """The content words of a sentence, without numbers."""
    first, last = reading.words_in(sentence.start, sentence.end)
    stops = _STOP_SETS.get(reading.language)
    apart = False
    end = sentence.start
    for number in range(first, last):
        word = reading.words[number]
        apart = apart or bool(_APART.search(reading.text, end, word.start))
        end = word.end
        if reading.text[word.start].isdigit():
            apart = True  # numbers and dates are no part of a phrase
            continue
        small = len(word.folded) <= _SHORT if stops is None else word.folded in stops
        if not small:
            yield Bone(number, stem(word.folded, reading.language), _is_name(reading, number, first), apart)
            apart = False


def stem(word: str, language: str) -> str:
    """A folded word without its inflection, crudely: what is left need not be a word."""
    if language == "de":
        word = word.replace("ß", "ss")
        for ending in ("ern", "em", "en", "er", "es", "e", "n", "s"):
            if word.endswith(ending) and len(word) - len(ending) >= 4:
                return word[: -len(ending)]
        return word
    if language == "en":
        word = word.removesuffix("'s").removesuffix("'")
        for ending, put in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
            if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) >= 4:
                word = word[: -len(ending)] + put
                break
        return word.removesuffix("e") if len(word) > 4 else word
    return word


def _is_name(reading: Reading, number: int, first: int) -> bool:
    """Names by capitals. German writes every noun so: there two capitals in a row look like a name."""
    words, text = reading.words, reading.text
    word = words[number]
    if word.folded in _TITLES:
        return True
    if not text[word.start].isupper():
        return False
    if reading.language != "de":
        return number > first
    before = number > first and _next_to(reading, number - 1, number)
    after = number + 1 < len(words) and _next_to(reading, number, number + 1)
    return before or after


def _next_to(reading: Reading, left: int, right: int) -> bool:
    words, text = reading.words, reading.text
    return (
        text[words[left].start].isupper()
        and text[words[right].start].isupper()
        and text[words[left].end : words[right].start] == " "
        and words[left].folded not in _STOP_SETS["de"]
    )
