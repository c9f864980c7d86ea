"""The tense of the clause around a date, guessed from the nearest word that shows one."""

from __future__ import annotations

import re

from annotate.core.dates.grammar import Grammar

PARTICIPLE = "participle"
_REACH = 160
_BREAK = re.compile(r"[.!?;:]\s|\n\s*\n")


def tense_at(text: str, start: int, end: int, grammar: Grammar) -> str:
    """``past``, ``future``, ``present``, or empty where no word near ``[start, end)`` shows it."""
    first, last = max(0, start - _REACH), min(len(text), end + _REACH)
    for sign in _BREAK.finditer(text, first, start):
        # A full stop after a figure or one letter does not end a sentence ("5. Mai", "J. Smith").
        if sign.start() < 2 or not (text[sign.start() - 1].isdigit() or not text[sign.start() - 2].isalnum()):
            first = sign.end()
    after = _BREAK.search(text, end, last)
    last = after.start() if after else last
    best, distance = "", _REACH * 2
    for name, regex in grammar.tense.items():
        if name == PARTICIPLE:
            continue
        for match in regex.finditer(text, first, last):
            away = start - match.end() if match.end() <= start else match.start() - end
            if 0 <= away < distance:
                best, distance = name, away
    participle = grammar.tense.get(PARTICIPLE)
    # "ist ... angekommen" is past, "wird ... entscheiden" is not: the finite verb decides first.
    if participle is not None and best in ("", "present") and participle.search(text, first, last):
        return "past"
    return best
