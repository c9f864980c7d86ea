"""How fast the suggesters read: paragraphs of 400 characters per core-second, on blank pipelines.

    python benchmarks/suggesters.py [--paragraphs N] [--with NAME ...]

The paragraphs are cut from the sample corpus of this repository. Time is CPU time of this process
(``time.process_time``), the best of three rounds; nothing is written. The tokenizer's share is shown first:
every pipeline pays it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from annotate.nlp.pipelines import load_pipeline
from annotate.sources.reader import decode

ROOT = Path(__file__).resolve().parents[1]
LENGTH = 400
NAMES = ("stated_dates", "attribution", "claims", "rhetoric", "source_criticism")
GERMAN = ("01", "05", "08")


def paragraphs(language: str, wanted: int) -> list[str]:
    """So many paragraphs of about 400 characters, each different, from the sample corpus."""
    lines: list[str] = []
    for path in sorted((ROOT / "corpus" / "raw").glob("*.txt")):
        if (path.name[:2] in GERMAN) == (language == "de"):
            lines += [line.strip() for line in decode(path.read_bytes()).text.splitlines() if line.strip()]
    return list(_cut(lines, wanted))


def _cut(lines: list[str], wanted: int) -> Iterator[str]:
    for number in range(wanted):
        parts: list[str] = []
        at = number * 7
        while sum(map(len, parts)) < LENGTH:
            parts.append(lines[at % len(lines)])
            at += 1 + number % 3
        yield f"{' '.join(parts)[:LENGTH]} {number}."


def rate(work: Callable[[str], object], texts: list[str]) -> float:
    """Texts a second of CPU time; the best of three rounds."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        for text in texts:
            work(text)
        best = min(best, time.process_time() - begun)
    return len(texts) / best


def main() -> None:
    """Print one line a component and language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paragraphs", type=int, default=2_000)
    parser.add_argument("--with", dest="names", nargs="*", default=list(NAMES))
    given = parser.parse_args()
    for language in ("de", "en"):
        texts = paragraphs(language, given.paragraphs)
        tokenizer = load_pipeline("stated_dates", language).nlp.make_doc
        tokenizer(texts[0])
        print(f"{language}  {'(tokenizer alone)':20} {rate(tokenizer, texts):8.0f} paragraphs a core-second")
        for name in given.names:
            pipeline = load_pipeline(name, language).nlp
            pipeline(texts[0])
            print(f"{language}  {name:20} {rate(pipeline, texts):8.0f} paragraphs a core-second")


if __name__ == "__main__":
    main()
