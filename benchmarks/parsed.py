"""What a trained pipeline adds: who says what, and claims, on invented English sentences with and without it.

    python benchmarks/parsed.py --base PIPELINE [--part all|odd|even] [--show]

PIPELINE is an installed package or a folder, and no dependency of this project. The sentences and what is
expected of them stand in ``parsed_sentences.txt``; a find counts when it is exact. Speed is paragraphs of 400
characters a second of CPU time of this process, best of three rounds.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language
from suggesters import paragraphs, rate

from annotate.nlp.pipelines import load_pipeline

SENTENCES = Path(__file__).with_name("parsed_sentences.txt")
_MARK = re.compile(r"\{([AQ=C]+)(\d?):|\}")
_KEYS = ("cue", "source", "cue and source", "content", "claim")
Place = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Expected:
    """A sentence, its acts of saying as (source, cue, content), and its claims: code points."""

    text: str
    said: tuple[tuple[Place, Place, Place], ...]
    claims: frozenset[tuple[int, int]]


def expected() -> Iterator[Expected]:
    """Every sentence of the file."""
    for line in SENTENCES.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield _parsed(line)


def _parsed(line: str) -> Expected:
    text, opened, at = "", [], 0
    said: dict[str, dict[str, tuple[int, int]]] = {}
    claims = set()
    for mark in _MARK.finditer(line):
        text += line[at : mark.start()]
        at = mark.end()
        if mark[1] is not None:
            opened.append((mark[1], mark[2], len(text)))
            continue
        kinds, number, start = opened.pop()
        for kind in kinds:
            if kind == "C":
                claims.add((start, len(text)))
            else:
                said.setdefault(number, {})[kind] = (start, len(text))
    text += line[at:]
    acts = tuple((one.get("A"), one.get("Q"), one.get("=")) for one in said.values())
    return Expected(text, acts, frozenset(claims))


def found(nlp: Language, text: str) -> tuple[set[tuple[Place, Place, Place]], set[tuple[int, int]]]:
    """What the pipeline says of a sentence, in the form of ``Expected``."""
    doc = nlp(text)
    acts = {
        tuple(None if place is None else tuple(place) for place in one)
        for one in doc.user_data["attribution"]
    }
    spans = doc.spans.get("claims", ())
    return acts, {tuple(one._.exact or (one.start_char, one.end_char)) for one in spans}


def parts(acts: set, claims: set, text: str) -> dict[str, set]:
    """The same, by what is compared; marks at the edge of content do not count."""
    edge = " .,;:!?“”\"'"

    def bare(place: Place) -> Place:
        if place is None:
            return None
        start, end = place
        while start < end and text[start] in edge:
            start += 1
        while end > start and text[end - 1] in edge:
            end -= 1
        return start, end

    return {
        "cue": {cue for _, cue, _ in acts if cue},
        "source": {source for source, _, _ in acts if source},
        "cue and source": {(cue, source) for source, cue, _ in acts if cue},
        "content": {(cue, bare(content)) for _, cue, content in acts if content and cue},
        "claim": {bare(one) for one in claims},
    }


def scores(nlp: Language, sentences: list[Expected], *, show: bool) -> dict[str, tuple[int, int, int]]:
    """(right, found, expected) of each kind."""
    totals: dict[str, Counter[str]] = {key: Counter() for key in _KEYS}
    for one in sentences:
        mine = parts(*found(nlp, one.text), one.text)
        true = parts(set(one.said), set(one.claims), one.text)
        for key in _KEYS:
            totals[key].update(
                right=len(mine[key] & true[key]), found=len(mine[key]), expected=len(true[key])
            )
            if show and key in ("cue and source", "content", "claim") and mine[key] != true[key]:
                print(f"  {key}: {one.text}")
                print(
                    "    found    ",
                    [_words(one.text, place) for place in sorted(mine[key] - true[key], key=str)],
                )
                print(
                    "    expected ",
                    [_words(one.text, place) for place in sorted(true[key] - mine[key], key=str)],
                )
    return {key: (one["right"], one["found"], one["expected"]) for key, one in totals.items()}


def _words(text: str, place: object) -> object:
    if isinstance(place, tuple) and len(place) == 2 and isinstance(place[0], int):
        return text[place[0] : place[1]]
    return tuple(_words(text, one) for one in place) if isinstance(place, tuple) else place


def f1(right: int, found: int, wanted: int) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * right / (found + wanted) if found + wanted else 1.0


def main() -> None:
    """Print a table of F1 without and with the pipeline, and how fast both are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    parser.add_argument("--part", choices=("all", "odd", "even"), default="all")
    parser.add_argument("--show", action="store_true", help="print what is wrong")
    parser.add_argument("--paragraphs", type=int, default=300)
    options = parser.parse_args()
    sentences = list(expected())
    if options.part != "all":
        sentences = sentences[options.part == "even" :: 2]
    plain = load_pipeline("source_criticism", "en").nlp
    based = load_pipeline("source_criticism", "en", base=options.base).nlp
    before = scores(plain, sentences, show=False)
    after = scores(based, sentences, show=options.show)
    print(f"{len(sentences)} sentences; F1, and (right, found, expected)")
    for key in _KEYS:
        print(f"{key:15} {f1(*before[key]):.3f} {before[key]} -> {f1(*after[key]):.3f} {after[key]}")
    if not options.show:
        texts = paragraphs("en", options.paragraphs)
        print(f"paragraphs a core-second: {rate(plain, texts):.0f} -> {rate(based, texts):.0f}")


if __name__ == "__main__":
    main()
