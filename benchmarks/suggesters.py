"""How fast the suggesters read: paragraphs of 400 characters per core-second, on blank pipelines.

    python benchmarks/suggesters.py [--paragraphs N] [--rounds N] [--seeds DIR] [--with NAME ...]

The paragraphs are cut from the sample corpus of this repository, and once more from the folder of further
texts (by default ``../shared/seeds``) where there is one. Each component runs in a pipeline of its own, and
``source_criticism`` has all of them. Time is CPU time of this process (``time.process_time``). Pipelines
take turns, and the best round of each counts, so that a busy machine slows all alike. The last column says
how many times as long as spaCy's tokenizer a pipeline takes (the tokenizer is part of each): it can be
compared between machines. Nothing is written.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import spacy

from annotate.nlp.pipelines import load_pipeline
from annotate.sources.reader import decode

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "corpus" / "raw"
LENGTH = 400
NAMES = ("stated_dates", "attribution", "claims", "rhetoric", "source_criticism")
GERMAN = ("01-collected-page.txt", "05-rundfunk-cp1252.txt", "08-undated-institute.txt")
"""Of the sample corpus; of other texts the commonest words decide."""
TOKENIZER = "(tokenizer alone)"


def paragraphs(language: str, wanted: int, folder: Path = SAMPLE) -> list[str]:
    """So many paragraphs of about 400 characters, each different, from the texts of a folder."""
    lines: list[str] = []
    for path in sorted(folder.glob("*.txt")):
        found = [line.strip() for line in decode(path.read_bytes()).text.splitlines() if line.strip()]
        german = path.name in GERMAN if folder == SAMPLE else _is_german(found)
        if german == (language == "de"):
            lines += found
    return list(_cut(lines, wanted)) if lines else []


def _is_german(lines: list[str]) -> bool:
    words = " ".join(lines).split()
    return sum(word in ("der", "die", "und") for word in words) > sum(word in ("the", "of") for word in words)


def _cut(lines: list[str], wanted: int) -> Iterator[str]:
    for number in range(wanted):
        parts: list[str] = []
        at = number * 7
        while sum(map(len, parts)) < LENGTH:
            parts.append(lines[at % len(lines)])
            at += 1 + number % 3
        yield f"{' '.join(parts)[:LENGTH]} {number}."


def seconds(work: Callable[[str], object], texts: list[str]) -> float:
    """CPU seconds for all texts."""
    begun = time.process_time()
    for text in texts:
        work(text)
    return time.process_time() - begun


def rate(work: Callable[[str], object], texts: list[str], rounds: int = 3) -> float:
    """Texts a second of CPU time; the best of some rounds."""
    return len(texts) / min(seconds(work, texts) for _ in range(rounds))


def rates(works: dict[str, Callable[[str], object]], texts: list[str], rounds: int) -> dict[str, float]:
    """As ``rate``, of several that take turns."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            best[name] = min(best[name], seconds(work, texts))
    return {name: len(texts) / taken for name, taken in best.items()}


def measure(language: str, texts: list[str], names: list[str], rounds: int) -> None:
    """Print one line a component."""
    works: dict[str, Callable[[str], object]] = {}
    for name in names:
        works[name] = load_pipeline(name, language).nlp
    works = {TOKENIZER: spacy.blank(language).make_doc} | works
    for work in works.values():  # what a process pays once: tables, words seen for the first time
        seconds(work, texts[:50])
    found = rates(works, texts, rounds)
    for name, made in found.items():
        print(f"{language}  {name:20} {made:8.0f} paragraphs a core-second {found[TOKENIZER] / made:8.1f}")


def main() -> None:
    """Print what was measured on the sample corpus, and on further texts where there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paragraphs", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seeds", type=Path, default=ROOT.parent / "shared" / "seeds")
    parser.add_argument("--with", dest="names", nargs="*", default=list(NAMES))
    given = parser.parse_args()
    for folder in (SAMPLE, given.seeds):
        for language in ("de", "en"):
            texts = paragraphs(language, given.paragraphs, folder)
            if texts:
                print(f"{folder.parent.name}/{folder.name}, {len(texts)} paragraphs, {given.rounds} rounds")
                measure(language, texts, given.names, given.rounds)


if __name__ == "__main__":
    main()
