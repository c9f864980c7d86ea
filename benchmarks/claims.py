"""Measure claims, rhetoric and formulas: quality on development data, seeds, speed. Run by hand:

    python -m benchmarks.claims [--weights] [--seeds DIR]

Average precision and precision at recall 50 % on ClaimBuster sentences, without training; on German and
English news sentences the area under the ROC curve of objective against subjective ones (a sanity check:
there is no German gold for check-worthiness). The data lie beside the repository
(``../shared/rhetoric``); none of their text is ours to ship. ``--weights`` leaves out one feature after
the other. Speed is paragraphs of 400 characters a core-second on blank pipelines, the tokenizer included,
and must not fall as texts grow.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import spacy

from annotate.core.formulas import CorpusText, count_phrases, find_repeated
from annotate.nlp.claims import Claims
from annotate.nlp.rhetoric import Rhetoric

SHARED = Path(__file__).resolve().parents[2] / "shared"
PARAGRAPH = 400


def average_precision(scores: Sequence[float], truth: Sequence[bool]) -> float:
    """Mean of the precision at each right one, best score first; ties in the order of the data."""
    hits = total = 0.0
    for rank, at in enumerate(sorted(range(len(scores)), key=lambda one: -scores[one]), 1):
        if truth[at]:
            hits += 1
            total += hits / rank
    return total / sum(truth)


def precision_at_half(scores: Sequence[float], truth: Sequence[bool]) -> float:
    """Precision where half of the right ones have been found."""
    hits = 0
    for rank, at in enumerate(sorted(range(len(scores)), key=lambda one: -scores[one]), 1):
        hits += truth[at]
        if hits >= sum(truth) / 2:
            return hits / rank
    raise ValueError("there is nothing to find")


def area_under_curve(scores: Sequence[float], truth: Sequence[bool]) -> float:
    """The chance that a right one scores above a wrong one; equal scores count half."""
    right = Counter(score for score, is_right in zip(scores, truth, strict=True) if is_right)
    wrong = Counter(score for score, is_right in zip(scores, truth, strict=True) if not is_right)
    above = below = 0.0
    for score in sorted(right | wrong):
        above += right[score] * (below + wrong[score] / 2)
        below += wrong[score]
    return above / (right.total() * wrong.total())


def rows(name: str) -> list[dict[str, object]]:
    """A file of the development data."""
    lines = (SHARED / "rhetoric" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def claimbuster(claims: Claims, data: Sequence[dict[str, object]]) -> tuple[float, float]:
    """Average precision and precision at recall 50 %."""
    scores = [claims.score(str(row["text"])) for row in data]
    truth = [bool(row["check_worthy"]) for row in data]
    return average_precision(scores, truth), precision_at_half(scores, truth)


def objective(claims: Claims, data: Sequence[dict[str, object]]) -> float:
    """Area under the curve: do objective sentences score above subjective ones?"""
    return area_under_curve(
        [claims.score(str(row["text"])) for row in data], [not row["subjective"] for row in data]
    )


def marked(rhetoric: Rhetoric, data: Sequence[dict[str, object]]) -> tuple[float, float]:
    """Share of subjective and of objective sentences with any rhetoric marked."""
    shares = []
    for wanted in (True, False):
        texts = [str(row["text"]) for row in data if bool(row["subjective"]) is wanted]
        shares.append(sum(bool(rhetoric._rules.find(text)) for text in texts) / len(texts))
    return shares[0], shares[1]


def without_each(data: Sequence[dict[str, object]]) -> None:
    """Leave out one feature after the other."""
    claims = Claims("en")
    base = claims._rules._weights
    for name in base.features:
        left = {key: value for key, value in base.features.items() if key != name}
        claims._rules._weights = dataclasses.replace(base, features=left)
        precision, at_half = claimbuster(claims, data)
        print(f"  without {name:12} AP {precision:.4f}  P@R50 {at_half:.4f}")
    claims._rules._weights = base


def paragraphs(language: str) -> list[str]:
    """Running text in paragraphs of 400 characters, from the development data."""
    name = f"subjectivity-{language}-train.jsonl"
    text = " ".join(str(row["text"]) for row in rows(name))
    return [text[at : at + PARAGRAPH] for at in range(0, len(text) - PARAGRAPH, PARAGRAPH)]


def speed(language: str, parts: Sequence[str], texts: Sequence[str]) -> float:
    """Paragraphs a core-second through a blank pipeline; the best of three."""
    nlp = spacy.blank(language)
    for part in parts:
        nlp.add_pipe(part)
    list(nlp.pipe(texts[:20]))
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for _doc in nlp.pipe(texts):
            pass
        size = sum(len(text) for text in texts) / PARAGRAPH
        best = max(best, size / (time.process_time() - began))
    return best


def counting(language: str) -> tuple[float, float]:
    """Formulas: characters counted and looked at, a core-second."""
    texts = [CorpusText(f"doc-{at}", "", language, text) for at, text in enumerate(paragraphs(language))]
    size = sum(len(one.text) for one in texts)
    began = time.process_time()
    counts = count_phrases(texts)
    counted = time.process_time()
    for one in texts:
        find_repeated(one.text, counts)
    return size / (counted - began), size / (time.process_time() - counted)


def seeds(folder: Path) -> None:
    """How many labels of each kind, and what a reader expects (tests/expected/seed_rhetoric.json)."""
    expected = json.loads(
        (Path(__file__).resolve().parents[1] / "tests" / "expected" / "seed_rhetoric.json").read_text("utf-8")
    )
    found = {}
    for path in sorted(folder.glob("*.txt")):
        text = path.read_bytes().decode("utf-8")
        for language in ("de", "en"):
            for one in [*Rhetoric(language)._rules.find(text), *Claims(language)._rules.find(text)]:
                found[(path.name, one.label, one.start, one.end)] = one
    hits = sum((one["file"], one["label"], one["start"], one["end"]) in found for one in expected["found"])
    print(f"seeds: {hits} of {len(expected['found'])} expected by a reader;", end=" ")
    print(", ".join(f"{label} {count}" for label, count in Counter(key[1] for key in found).most_common()))


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", action="store_true", help="leave out one feature after the other")
    parser.add_argument("--seeds", type=Path, default=SHARED / "seeds", help="folder of the seeds")
    arguments = parser.parse_args()
    data = rows("claimbuster-train.jsonl")
    precision, at_half = claimbuster(Claims("en"), data)
    print(f"ClaimBuster, no training: AP {precision:.4f}  P@R50 {at_half:.4f}  ({len(data)} sentences)")
    if arguments.weights:
        without_each(data)
    for language in ("de", "en"):
        both = [row for part in ("train", "dev") for row in rows(f"subjectivity-{language}-{part}.jsonl")]
        area = objective(Claims(language), both)
        subjective, other = marked(Rhetoric(language), both)
        print(f"{language}: objective above subjective, AUC {area:.3f};", end=" ")
        print(f"rhetoric marked in {subjective:.1%} of subjective, {other:.1%} of objective sentences")
    if arguments.seeds.is_dir():
        seeds(arguments.seeds)
    for language in ("en", "de"):
        texts = paragraphs(language)
        for parts in ([], ["claims"], ["rhetoric"], ["claims", "rhetoric"]):
            shown = "+".join(parts) or "tokenizer alone"
            print(f"{language} {shown}: {speed(language, parts, texts):,.0f} paragraphs a core-second")
        whole = "\n".join(texts)
        print(
            f"{language} one text of {len(whole):,}: {speed(language, ['claims', 'rhetoric'], [whole]):,.0f}"
        )
        count, look = counting(language)
        print(f"{language} formulas: {count:,.0f} characters counted, {look:,.0f} looked at, a core-second")


if __name__ == "__main__":
    main()
