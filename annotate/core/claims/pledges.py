"""Pledges: promises, plans, wishes and forecasts, by their forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from annotate.core.claims.clauses import between
from annotate.core.claims.weights import Weights
from annotate.core.phrases import Match
from annotate.core.prose import Reading

_INFINITIVE = re.compile(r"[^\W\d_]*(?:[^\W\d_]en|[^\W\d_]ern|[^\W\d_]eln)\Z|sein\Z|tun\Z")
_PARTICIPLE = re.compile(
    r"(?:ab|an|auf|aus|bei|dar|durch|ein|fest|fort|her|hervor|hin|los|mit|nach|nieder|statt|teil|über|um|unter|"
    r"vor|weg|weiter|wieder|zu|zurück|zusammen)?ge[^\W\d_]{2,}en\Z"
)
_WERDEN = frozenset({"werden", "wird", "werde", "würde", "würden", "soll", "sollen", "will", "wollen"})
_FUTURE = 0.7
"""Pledge forms that score so much are the future itself, others are modals."""
_FAR = 60
"""An infinitive stands within so many words of its verb."""
_GE_VERBS = frozenset(
    [
        "gehen",
        "gelingen",
        "gelten",
        "gewinnen",
        "geben",
        "genießen",
        "geschehen",
        "gestalten",
        "gewähren",
        "gewährleisten",
        "gedenken",
        "gedeihen",
        "gehören",
        "gehorchen",
        "genügen",
        "gestehen",
        "gestatten",
        "gefallen",
        "gefährden",
        "geloben",
        "gewöhnen",
        "geleiten",
    ]
)


def pledge_in(
    reading: Reading, start: int, end: int, matches: Sequence[Match], weights: Weights
) -> Match | None:
    """The surest form of a pledge in a clause; None where there is none."""
    if not any(match.entry.label == "pledge" for match in matches):
        return None
    inside = [match for match in between(matches, start, end) if match.end <= end]
    habits = [match for match in inside if match.entry.label == "habit"]
    condition = any(match.entry.label == "condition" for match in inside)
    found = [
        match
        for match in inside
        if match.entry.label == "pledge" and _holds(reading, end, match, habits, weights, condition=condition)
    ]
    return max(found, key=lambda match: (match.entry.score, -match.start), default=None)


def _holds(
    reading: Reading, end: int, match: Match, habits: Sequence[Match], weights: Weights, *, condition: bool
) -> bool:
    where = match.entry.where.split()
    if "no-if" in where and condition:
        return False
    if "no-habit" in where and any(one.first <= match.last and match.first <= one.last for one in habits):
        return False
    return "infinitive" not in where or _has_infinitive(reading, match, end, weights)


def _has_infinitive(reading: Reading, match: Match, end: int, weights: Weights) -> bool:
    """Whether an infinitive goes with the verb: at the end of its clause or before it ("kommen wird")."""
    before = match.first - 1
    if before >= 0 and _is_infinitive(reading, before, weights) and _closes(reading, match.last, end):
        return True
    number = match.last
    for close in _ends(reading, match.last, end):
        word = reading.words[close]
        if word.folded in _WERDEN and close > match.last + 1:
            # "unterstützt werden": a passive infinitive after "soll"; after "wird" it is no future.
            if match.entry.score < _FUTURE:
                return True
        elif close > match.last and _is_infinitive(reading, close, weights):
            return True
        elif number == match.last and reading.text[word.start].islower():
            return False  # a participle or an adverb ends the first clause: no infinitive follows
        number = close
    return False


def _ends(reading: Reading, number: int, end: int) -> Iterator[int]:
    """The numbers of the words that end a clause, from a word on; the first few are enough."""
    last = reading.words_in(0, end)[1]
    for one in range(number, min(last, number + _FAR)):
        if _closes(reading, one, end):
            yield one


def _closes(reading: Reading, number: int, end: int) -> bool:
    """Whether a word is the last of its clause."""
    words = reading.words
    if number + 1 >= len(words) or words[number + 1].start >= end:
        return True
    between = reading.text[words[number].end : words[number + 1].start]
    if any(sign in between for sign in ",;:.!?"):
        return True
    return words[number + 1].folded in ("und", "oder") and reading.text[words[number].start].islower()


def _is_infinitive(reading: Reading, number: int, weights: Weights) -> bool:
    word = reading.words[number]
    if not reading.text[word.start].islower() or word.folded in weights.strong_participles:
        return False
    if word.folded in _WERDEN or not _INFINITIVE.match(word.folded):
        return False
    if number and reading.words[number - 1].folded == "zu":
        return False
    return word.folded in _GE_VERBS or not _PARTICIPLE.match(word.folded)
