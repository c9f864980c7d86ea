"""How well `attribution` finds source, cue and content in sentences that were written before it read them.

    python benchmarks/attribution.py [--misses]

``tests/expected/attribution_sentences_<set>.<language>.txt`` hold sentences with their marks, by
phenomenon, many of them without any attribution. Each set was written before the rules had read it, and
the rules were mended on it afterwards: the head of each file says what the first run gave, which is
what to expect of new texts. Measures, micro-averaged: *text*, whether a text holds any attribution;
*cue*, the very span; *source*, the very span, an article more or less; *content*, at least four fifths
of the characters of both together. For orientation: on modern English news a trained tagger reaches F1
.78 for sentences with an attribution and .66 for cue spans.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from annotate.core.attribution import Attribution, Cues, find_attributions
from annotate.nlp.lexicons import read_lexicon

EXPECTED = Path(__file__).resolve().parents[1] / "tests" / "expected"
MEASURES = ("text", "cue", "source", "content")
MOST = 0.8
_MARK = re.compile(r"\{([scx])(\d)\|")
_ARTICLE = re.compile(
    r"(?:the|a|an|der|die|das|den|dem|des|ein|eine|einer|eines|einem|einen|es|seine?[rnms]?) ", re.IGNORECASE
)

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and its attributions: for each number its source (s), cue (c), and content (x) in pieces."""

    heading: str
    text: str
    marks: tuple[dict[str, tuple[Place, ...]], ...]


def sets(language: str) -> list[Path]:
    """The files of a language, in order."""
    return sorted(EXPECTED.glob(f"attribution_sentences_*.{language}.txt"))


def sentences(path: Path) -> Iterator[Marked]:
    """The sentences of a file with their marks taken out."""
    heading = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        else:
            yield _marked(heading, line)


def _marked(heading: str, line: str) -> Marked:
    text, at = "", 0
    opened: list[tuple[str, str, int]] = []
    found: dict[str, dict[str, tuple[Place, ...]]] = {}
    while at < len(line):
        mark = _MARK.match(line, at)
        if mark:
            opened.append((mark[2], mark[1], len(text)))
            at = mark.end()
            continue
        if line[at] == "}" and opened:
            number, kind, start = opened.pop()
            parts = found.setdefault(number, {})
            parts[kind] = (*parts.get(kind, ()), (start, len(text)))
        else:
            text += line[at]
        at += 1
    return Marked(heading, text, tuple(found.values()))


class Reader:
    """The rules of one language on its own lexicon."""

    def __init__(self, language: str) -> None:
        read = read_lexicon(language, ("attribution",))
        self.cues = Cues.of(language, read.lexicon.entries, read.settings["attribution"])

    def __call__(self, text: str) -> tuple[Attribution, ...]:
        """What is attributed in a text."""
        return find_attributions(text, self.cues)


def compared(one: Marked, found: Sequence[Attribution]) -> tuple[Counter[str], list[str]]:
    """Counts of ``measure:hit|expected|made``, and what is wrong in words."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    counts["text:expected"] += bool(one.marks)
    counts["text:made"] += bool(found)
    counts["text:hit"] += bool(one.marks) and bool(found)
    for measure, kind in (("cue", "c"), ("source", "s"), ("content", "x")):
        wanted = [parts[kind] for parts in one.marks if kind in parts]
        made = {place for each in found if (place := getattr(each, measure)) is not None}
        counts[f"{measure}:expected"] += len(wanted)
        counts[f"{measure}:made"] += len(made)
        left = set(made)
        for pieces in wanted:
            used = _fitting(one.text, measure, pieces, sorted(left))
            left -= set(used)
            counts[f"{measure}:hit"] += bool(used)
            counts[f"{measure}:made"] -= max(0, len(used) - 1)
            if not used:
                wrong.append(f"no {measure} {' … '.join(one.text[a:b] for a, b in pieces)!r}")
        wrong += [f"false {measure} {one.text[a:b]!r}" for a, b in sorted(left)]
    return counts, wrong


def _fitting(text: str, measure: str, pieces: tuple[Place, ...], made: Sequence[Place]) -> list[Place]:
    """The finds that are the expected one; content in pieces may have been found in pieces."""
    if measure != "content":
        wanted = {_bare(text, piece) for piece in pieces}
        return [place for place in made if _bare(text, place) in wanted][:1]
    best = max(made, key=lambda place: _alike(pieces, [place]), default=None)
    if best is not None and _alike(pieces, [best]) >= MOST:
        return [best]
    parts = [place for place in made if any(_alike([piece], [place]) >= MOST for piece in pieces)]
    return parts if parts and _alike(pieces, parts) >= MOST else []


def _bare(text: str, place: Place) -> Place:
    article = _ARTICLE.match(text, *place)
    end = place[1] - 3 if text.endswith(" es", *place) else place[1]
    return (article.end() if article else place[0], end)


def _alike(pieces: Sequence[Place], made: Sequence[Place]) -> float:
    """What both share of all; the cue between two pieces belongs to neither."""
    wanted = {at for start, end in pieces for at in range(start, end)}
    gaps = {at for left, right in pairwise(pieces) for at in range(left[1], right[0])}
    found = {at for start, end in made for at in range(start, end)} - gaps
    return len(wanted & found) / len(wanted | found)


def main() -> None:
    """Print the measures of each language; with --misses each text that is not read as expected."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="what is not as expected, sentence by sentence")
    given = parser.parse_args()
    for path in (*sets("de"), *sets("en")):
        total: Counter[str] = Counter()
        language = path.name.split(".")[1]
        read = Reader(language)
        texts = list(sentences(path))
        for one in texts:
            counts, wrong = compared(one, read(one.text))
            total += counts
            if wrong and given.misses:
                print(f"{language} [{one.heading}] {one.text}\n    " + "\n    ".join(wrong))
        print(f"{path.name}: {len(texts)} texts")
        for measure in MEASURES:
            precision, recall, both = scores(total, measure)
            print(f"  {measure:8} precision {precision:.3f}  recall {recall:.3f}  F1 {both:.3f}")


def scores(total: Counter[str], measure: str) -> tuple[float, float, float]:
    """Precision, recall, F1 of a measure."""
    hit, wanted, made = (total[f"{measure}:{name}"] for name in ("hit", "expected", "made"))
    return hit / max(made, 1), hit / max(wanted, 1), 2 * hit / max(wanted + made, 1)


if __name__ == "__main__":
    main()
