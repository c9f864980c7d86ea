"""Cut a sentence into the clauses that are checked one by one: the content of what somebody says, and the
halves of a sentence that two finite verbs hold together. Offsets are code points, half-open."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter

from annotate.core.phrases import Match
from annotate.core.prose import Reading

_JOINT = re.compile(r";\s+|,?\s+(?:and|und)\s+|,\s+(?:but|aber|doch|while|während)\s+")
_SUBJECT = frozenset(
    [
        "he",
        "she",
        "it",
        "they",
        "we",
        "i",
        "you",
        "there",
        "this",
        "that",
        "these",
        "those",
        "the",
        "a",
        "an",
        "its",
        "their",
        "his",
        "her",
        "er",
        "sie",
        "es",
        "wir",
        "ich",
        "man",
        "dies",
        "das",
        "die",
        "der",
        "den",
        "dem",
        "ein",
        "eine",
        "diese",
        "dieser",
    ]
)
_LEAST_WORDS = 4
_NEAR = 5
"""Within so many words of the joint a new subject has its verb."""
_ADJECTIVE = re.compile(r"[^\W\d_]+(?:ful|ive|ous|al|ic|ary|able|ible|ed|ing|less|ent|ant|ern|ty|ly)\Z")
_TAIL = re.compile(r",[\"”’“»«']?\s+(?=[^,;.]{2,80}[.!]?\Z)")
_EDGE = " \t\r\n\u00a0,;:.!?…\"'„“”«»‚‘’‹›–—"
_start = attrgetter("start")
_PAIRS = {"(": ")", "[": "]"}


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A range without the space, the marks and the final full stop around it; brackets stay in pairs."""
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and (text[end - 1] in _EDGE):
        end -= 1
    while start < end and text[start] in "([" and _PAIRS[text[start]] not in text[start:end]:
        start += 1
    while end > start and text[end - 1] in ")]" and not ({"(", "["} & set(text[start:end])):
        end -= 1
    return start, end


def between(matches: Sequence[Match], start: int, end: int) -> Sequence[Match]:
    """The matches (in order of place) that begin in a range."""
    if not matches or (matches[0].start >= start and matches[-1].start < end):
        return matches
    return matches[bisect_left(matches, start, key=_start) : bisect_left(matches, end, key=_start)]


def content(reading: Reading, start: int, end: int, matches: Sequence[Match]) -> tuple[int, int]:
    """The content of a sentence that says who said it: after "said that", or before ", the report said"."""
    labels = {match.entry.label for match in matches}
    if "cue" in labels:
        for match in between(matches, start, end):
            if match.entry.label == "cue" and match.end < end:
                return match.end, end
    if "aftercue" not in labels:
        return start, end
    tail = _TAIL.search(reading.text, max(start, end - 90), end)
    if tail:
        said = any(one.entry.label == "aftercue" for one in between(matches, tail.end(), end))
        if said and tail.start() > start and _words(reading, tail.end(), end) <= 8:
            return start, tail.start()
    return start, end


def halves(reading: Reading, start: int, end: int, matches: Sequence[Match]) -> Iterator[tuple[int, int]]:
    """The clauses of a range: cut where both sides have a finite verb and the right one begins anew."""
    verbs = _verbs(reading, start, end, matches)
    begun = start
    if len(verbs) < 2:  # a cut has a verb on both sides
        yield start, end
        return
    for joint in _JOINT.finditer(reading.text, start, end):
        if joint.start() <= begun or not _parts(reading, verbs, begun, joint, end):
            continue
        yield begun, joint.start()
        begun = joint.end()
    yield begun, end


def _verbs(reading: Reading, start: int, end: int, matches: Sequence[Match]) -> list[int]:
    """Where the finite verbs of a range begin. Forms that are known by their ending only ("*te") can be
    attributes or nouns: not with a capital, and in German not in front of a noun."""
    text, words = reading.text, reading.words
    found = []
    for match in between(matches, start, end):
        if match.entry.label != "finite" or text[match.start].isupper():
            continue
        by_ending = match.entry.pattern.written.startswith("*")
        if by_ending and reading.language == "de" and match.last + 1 < len(words):
            follows = words[match.last + 1]
            if text[follows.start].isupper() and follows.start - match.end == 1:
                continue
            if match.first and words[match.first - 1].folded in _SUBJECT:
                continue
        found.append(match.start)
    return found


def _parts(reading: Reading, verbs: Sequence[int], begun: int, joint: re.Match[str], end: int) -> bool:
    if bisect_left(verbs, begun) == bisect_left(verbs, joint.start()):
        return False
    if bisect_left(verbs, joint.end()) == bisect_left(verbs, end):
        return False
    first, last = reading.words_in(joint.end(), end)
    if last - first < _LEAST_WORDS or _words(reading, begun, joint.start()) < _LEAST_WORDS:
        return False
    if joint.group()[0] in ";,":
        return not joint.group().startswith(",") or _begins_anew(reading, verbs, first, last)
    return _begins_anew(reading, verbs, first, last)


def _begins_anew(reading: Reading, verbs: Sequence[int], first: int, last: int) -> bool:
    """Whether a verb stands at ``first`` ("visited X and adopted Y"), or a subject with its verb close by."""
    words, text = reading.words, reading.text
    follows = words[first]
    verb = bisect_left(verbs, follows.start)
    if verb < len(verbs) and verbs[verb] == follows.start:
        if not follows.folded.endswith("ed"):
            return True
        # "a broad and concerted effort", "dissolved and succeeded": no verb with an object of its own.
        object_ = words[first + 1]
        return not _ADJECTIVE.match(words[first - 2].folded) and (
            object_.folded in _SUBJECT or text[object_.start].isupper()
        )
    near = words[min(first + _NEAR, last - 1)].end
    comma = text.find(",", follows.start, near)
    near = near if comma < 0 else comma
    anew = follows.folded in _SUBJECT or (reading.language == "en" and text[follows.start].isupper())
    return anew and bisect_left(verbs, follows.start) < bisect_left(verbs, near)


def _words(reading: Reading, start: int, end: int) -> int:
    first, last = reading.words_in(start, end)
    return last - first
