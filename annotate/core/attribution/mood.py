"""The German subjunctive of reported speech, and where the same forms report nothing."""

from __future__ import annotations

from annotate.core.attribution.cues import Cues
from annotate.core.attribution.ground import Ground
from annotate.core.phrases import Word
from annotate.core.prose.syntax import Syntax


def subjunctive(ground: Ground, cues: Cues, low: int, high: int, *, second: bool = True) -> bool:
    """Whether some words hold a form of Konjunktiv I, or of Konjunktiv II, which stands in for it."""
    mine = unreal = False
    syntax = ground.syntax if ground.syntax is not None and ground.syntax.moods else None
    for number in range(low, high):
        word = ground.folded(number)
        if word in cues.first_person:
            return False
        # "reiche Leute", "folge ihm": a pipeline that reads forms knows better than a list of them.
        known = word in cues.subjunctive if syntax is None else _first(syntax, ground.words[number])
        known = known or (second and word in cues.second_subjunctive)
        before = ground.folded(number - 1) if number > low else ""
        unreal = (unreal and not ground.parted(number - 1)) or (
            before == "als" and (known or word in ("ob", "wenn"))
        )
        mine = mine or (
            known and not unreal and not ground.capital(number) and not _set(ground, number, before)
        )
    return mine


def _set(ground: Ground, number: int, before: str) -> bool:
    """Whether a form stands in a set phrase that reports nothing: "es sei denn", "Gott sei Dank"."""
    if ground.folded(number) != "sei":
        return False
    after = ground.folded(number + 1) if number + 1 < len(ground.words) else ""
    return (before, after) in (("es", "denn"), ("gott", "dank")) or before == "auch" or after == "es"


def wishes(ground: Ground, low: int, high: int) -> bool:
    """Whether a sentence in the subjunctive is a wish, a cheer or an instruction of the writer."""
    first = ground.folded(low)
    if first in ("möge", "mögen", "sei", "seien", "man", "gott", "hoch", "lang", "lange"):
        return True
    if first == "es" and low + 1 < high and ground.folded(low + 1) == "lebe":
        return True
    if first in ("wenn", "falls", "sofern") or _points(ground, low, high):
        return True
    return "!" in ground.gap(high - 1)[:2]


def _points(ground: Ground, low: int, high: int) -> bool:
    """Whether the writer points at something: "es sei hier daran erinnert"."""
    at = next((one for one in range(low, high - 1) if ground.folded(one) in ("sei", "seien")), high)
    return at < high and ground.folded(at + 1) in (
        "hier",
        "nur",
        "an",
        "noch",
        "kurz",
        "zunächst",
        "darauf",
        "daran",
    )


def _first(syntax: Syntax, word: Word) -> bool:
    return syntax.tokens[syntax.at(word.start)].mood == "subjunctive"
