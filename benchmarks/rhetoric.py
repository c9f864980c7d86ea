"""Measure the suggester ``rhetoric`` by proxies: there is no gold of rhetoric spans that may lie here.

    python -m benchmarks.rhetoric [--groups] [--words LABEL]

* News sentences that readers found subjective or objective (CheckThat! 2023, task 2; train was looked at when
  the words were chosen, dev was not): the share of each with a mark, marks per 1,000 words, their ratio, and
  average precision (scikit-learn's definition) of the sentences ranked by the chance that any mark is right.
* Opinions against facts in debates (ClaimBuster; English), the same way.
* Background: marks per 1,000 words of encyclopaedic and news text (WikiWars, MEANTIME, KRAUTS), where few are
  wanted; and of state media (the seeds), where many are.
* Invented sentences with marked spans, in the manner of SemEval-2020 task 11 (``rhetoric_spans.*.txt``):
  precision and recall by overlapping characters as in that task, labels apart. Their author knows the words
  of the lexicons, so they flatter; the second part was not looked at.
* The shape of the spans: words per span and label (the gold of SemEval-2020 task 11 has one to three for
  loaded language and names, clauses for doubt, fear and simplification).

``--groups`` counts each group of entries on both kinds of sentences, ``--words`` each marked text of a label:
what fires on both alike does not belong in a lexicon. The data lie beside the repository (``../shared``).
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from statistics import median

from annotate.core.rhetoric import LABELS, Figure
from annotate.nlp.rhetoric import Rhetoric
from benchmarks.claims import SHARED, average_precision

HERE = Path(__file__).resolve().parent
PARTS = ("train", "dev")
LANGUAGES = ("en", "de")
SHOWN = 400
_BRACKETS = re.compile(r"(\[\[|\]\])")


@dataclass(frozen=True, slots=True)
class Marked:
    """A text, whether it is of the kind where rhetoric is expected, and what was found in it."""

    text: str
    hot: bool
    figures: tuple[Figure, ...]

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def chance(self) -> float:
        """That any mark is right, as if they were independent."""
        return 1 - prod(1 - one.score for one in self.figures)


def marked(rules: Rhetoric, rows: Iterable[tuple[str, bool]]) -> list[Marked]:
    """Each text with its figures."""
    return [Marked(text, hot, tuple(rules._rules.find(text))) for text, hot in rows]


def rows(path: str, kind: str) -> list[tuple[str, bool]]:
    """Texts of a JSON-lines file of ``../shared`` and their kind; no such key: False."""
    lines = (SHARED / path).read_text(encoding="utf-8").splitlines()
    data = [json.loads(line) for line in lines if line]
    return [(str(one["text"]), bool(one.get(kind))) for one in data]


def per_thousand(found: Sequence[Marked], label: str = "") -> float:
    """Marks (of a label) per 1,000 words."""
    count = sum(not label or one.label == label for item in found for one in item.figures)
    return 1000 * count / max(1, sum(item.words for item in found))


def compare(name: str, found: Sequence[Marked]) -> None:
    """One line: how differently two kinds of sentences are marked."""
    hot, cold = [one for one in found if one.hot], [one for one in found if not one.hot]
    shares = [sum(bool(one.figures) for one in side) / len(side) for side in (hot, cold)]
    rates = [per_thousand(side) for side in (hot, cold)]
    precision = average_precision([one.chance for one in found], [one.hot for one in found])
    print(
        f"{name:28} {len(found):5} sentences, {len(hot) / len(found):.0%} wanted; marked {shares[0]:5.1%} / "
        f"{shares[1]:5.1%}; per 1,000 words {rates[0]:5.1f} / {rates[1]:5.1f}, "
        f"ratio {rates[0] / max(rates[1], 0.01):4.1f}; AP {precision:.3f}"
    )


def by_label(found: Sequence[Marked]) -> None:
    """A line a label: counts on both kinds, ratio of the rates, words a span."""
    hot, cold = [one for one in found if one.hot], [one for one in found if not one.hot]
    for label in LABELS:
        spans = [
            len(item.text[one.start : one.end].split())
            for item in found
            for one in item.figures
            if one.label == label
        ]
        if spans:
            rates = per_thousand(hot, label), per_thousand(cold, label)
            print(
                f"    {label:10} {len(spans):4}   per 1,000 words {rates[0]:5.2f} / {rates[1]:5.2f}   "
                f"ratio {rates[0] / max(rates[1], 0.01):5.1f}   words a span {median(spans):g}"
            )


def counted(found: Sequence[Marked], keys: Counter[str], *, least: int) -> None:
    """A line a key (group or text) with its counts on both kinds, the worst ratio first."""
    sides: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for item in found:
        for one in item.figures:
            for key in (one.why.split(": ", 1)[-1], item.text[one.start : one.end].lower()):
                if key in keys:
                    sides[key][not item.hot] += 1
    for key, (right, wrong) in sorted(sides.items(), key=lambda one: (one[1][0] - one[1][1], one[0]))[:SHOWN]:
        if right + wrong >= least:
            print(f"    {right:4} {wrong:4}  {key}")


def background(language: str) -> list[Marked]:
    """Encyclopaedic and news texts, sentence finding and furniture rules included."""
    rules = Rhetoric(language)
    return marked(rules, rows(f"timex/{language}.jsonl", ""))


@dataclass(frozen=True, slots=True)
class Overlap:
    """Precision and recall by characters: each span counts by the share of it that the other side covers."""

    precision: float
    recall: float
    found: int
    wanted: int

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)


def invented(language: str) -> dict[str, list[tuple[str, list[tuple[int, int]]]]]:
    """The invented sentences with their spans (code points), by part."""
    parts: dict[str, list[tuple[str, list[tuple[int, int]]]]] = {}
    lines = (HERE / f"rhetoric_spans.{language}.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("# --- "):
            parts[line[6:7]] = []
        elif line and not line.startswith("#"):
            parts[list(parts)[-1]].append(_unmarked(line))
    return parts


def _unmarked(line: str) -> tuple[str, list[tuple[int, int]]]:
    text, spans, begun = "", [], 0
    for piece in _BRACKETS.split(line):
        if piece == "[[":
            begun = len(text)
        elif piece == "]]":
            spans.append((begun, len(text)))
        else:
            text += piece
    return text, spans


def overlap(rules: Rhetoric, data: Sequence[tuple[str, list[tuple[int, int]]]]) -> Overlap:
    """The measure of SemEval-2020 task 11 for span identification (Da San Martino et al. 2020)."""
    right = covered = 0.0
    found = wanted = 0
    for text, gold in data:
        mine = [(one.start, one.end) for one in rules._rules.find(text)]
        right += sum(_shared(one, gold) for one in mine)
        covered += sum(_shared(one, mine) for one in gold)
        found, wanted = found + len(mine), wanted + len(gold)
    return Overlap(right / max(1, found), covered / max(1, wanted), found, wanted)


def _shared(one: tuple[int, int], others: Sequence[tuple[int, int]]) -> float:
    inside = {at for start, end in others for at in range(max(start, one[0]), min(end, one[1]))}
    return len(inside) / (one[1] - one[0])


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--groups", action="store_true", help="each group of entries on both kinds")
    parser.add_argument("--words", metavar="LABEL", help="each marked text of a label on both kinds")
    given = parser.parse_args()
    for language in LANGUAGES:
        rules = Rhetoric(language)
        parts = [
            marked(rules, rows(f"rhetoric/subjectivity-{language}-{one}.jsonl", "subjective"))
            for one in PARTS
        ]
        for name, part in zip(PARTS, parts, strict=True):
            compare(f"{language} subjectivity {name}", part)
        by_label(parts[0])
        for part, data in invented(language).items():
            one = overlap(rules, data)
            print(
                f"{language} invented, part {part}: precision {one.precision:.2f}, recall {one.recall:.2f}, "
                f"F1 {one.f1:.2f} ({one.found} spans found, {one.wanted} wanted)"
            )
        plain = background(language)
        print(f"{language} background: {per_thousand(plain):.1f} marks per 1,000 words;", end=" ")
        print(", ".join(f"{label} {per_thousand(plain, label):.1f}" for label in LABELS))
        if given.groups:
            counted(
                parts[0],
                Counter(one.why.split(": ", 1)[-1] for item in parts[0] for one in item.figures),
                least=3,
            )
        if given.words:
            texts = Counter(
                item.text[one.start : one.end].lower()
                for item in (*parts[0], *plain)
                for one in item.figures
                if one.label == given.words
            )
            counted([*parts[0], *plain], texts, least=1)
    debates = [
        (text, not worthy) for text, worthy in rows("rhetoric/claimbuster-train.jsonl", "check_worthy")
    ]
    compare("en ClaimBuster opinion", marked(Rhetoric("en"), debates))
    seeds = [(path.read_text(encoding="utf-8"), True) for path in sorted((SHARED / "seeds").glob("*.txt"))]
    for path, (text, hot) in zip(sorted((SHARED / "seeds").glob("*.txt")), seeds, strict=True):
        language = "de" if text.count(" der ") > text.count(" the ") else "en"
        found = marked(Rhetoric(language), [(text, hot)])
        print(f"{language} seed {path.name[:3]}: {per_thousand(found):.1f} marks per 1,000 words")


if __name__ == "__main__":
    main()
