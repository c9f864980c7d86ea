"""How well the shipped suggesters do on our own labelled sample corpus, label by label.

    python benchmarks/sample_corpus.py [--with NAME ...] [--markdown] [--misses LABEL] [--record]

Gold is what the scripted adjudicator of the sample study decides (corpus/scripted-annotators.json), on
every document that both scripted annotators confirmed; a server test proves that the tool makes the same
gold. All labels were set by reading, before any suggester was run on these texts, and no lexicon or rule
may be tuned on them: this is the held-out test. The first nine sources are older than the lexicons, and
the guidelines quote them; those from 10 on were written afterwards and are measured apart.

Precision, recall and F1 are *exact* (label and both ends) and *overlap* (same label, pairs one to one that
share a character). In the row of a group or layer, labels of the group count as one; "all, each label" sums
the rows of labels. Behind F1 stands its 95 % interval from resampled documents (percentile bootstrap), and
last F1 of the two annotators against each other, in the same two ways: what a suggester can be asked for.

``--record`` writes the floors of tests/expected/sample_floors.json: what is measured, less MARGIN and one
match. On the same corpus floors only rise; where the fingerprint is another, they are set anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotate.core.agreement.bootstrap import Draw, draws, interval
from annotate.core.agreement.matching import Counts, compare, total
from annotate.core.agreement.overlaps import Overlaps
from annotate.core.model import Passage
from annotate.core.scheme import Scheme
from annotate.core.script import JUDGE, intentions
from annotate.core.spans import Link, Span
from annotate.flows import ingest
from annotate.flows.suggest import counted
from annotate.nlp.pipelines import languages_served, load_pipeline
from annotate.nlp.runner import suggest_for
from annotate.store.built import Built
from annotate.store.scheme import read_scheme
from annotate.store.script import read_script
from annotate.store.study import Study

ROOT = Path(__file__).resolve().parents[1]
SPECS = ("source_criticism", "stated_dates", "attribution", "claims", "rhetoric", "formulas")
ADDED = "10"
"""Files whose names sort from here on were written after the lexicons."""

FLOORS = ROOT / "tests" / "expected" / "sample_floors.json"
MARGIN = 0.02
"""A floor lies so far, and one match more, below what was measured."""

EVERY = "all, each label"

By = Mapping[str, frozenset[Span]]
"""Spans by passage id."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample corpus as everybody sees it. ``documents`` holds the passages of each document in order."""

    built: Built
    scheme: Scheme
    documents: tuple[tuple[Passage, ...], ...]
    hands: Mapping[str, By]
    links: Mapping[str, Mapping[str, frozenset[Link]]]


@dataclass(frozen=True, slots=True)
class Said:
    """What a suggester says, by passage."""

    spans: By
    links: Mapping[str, frozenset[Link]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A label, group or layer, counted by document: suggester (b) with gold (a), and person with person."""

    name: str
    counts: tuple[Counts, ...]
    people: tuple[Counts, ...]

    def figures(self, kind: str, draw: Draw | None = None) -> tuple[float, float, float]:
        """Precision, recall, F1; 0 where nothing is there."""
        found = total(self.counts if draw is None else _drawn(self.counts, draw))
        matches = getattr(found, kind)
        return ratio(matches, found.b), ratio(matches, found.a), ratio(2 * matches, found.a + found.b)

    def between_people(self, kind: str) -> float:
        """F1 of the two annotators."""
        found = total(self.people)
        return ratio(2 * getattr(found, kind), found.a + found.b)


def _drawn(counts: Sequence[Counts], draw: Draw) -> list[Counts]:
    return [one for one, times in zip(counts, draw, strict=True) for _ in range(times)]


def ratio(part: int, whole: int) -> float:
    """A share; 0 of nothing."""
    return part / whole if whole else 0.0


def fingerprint(root: Path = ROOT) -> str:
    """SHA-256 over the names and bytes of all sources, and the script with everybody's labels."""
    digest = hashlib.sha256()
    for path in [*sorted((root / "corpus" / "raw").iterdir()), root / "corpus" / "scripted-annotators.json"]:
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_sample(root: Path = ROOT) -> Sample:
    """The corpus ingested in memory, with the labels of both annotators and gold, which both confirmed."""
    study = Study(root)
    built, script, scheme = ingest.plan(study).built, read_script(study), read_scheme(study.scheme_dir)
    layers = {one.name: one.layer for one in scheme.labels}
    names = {one.document_id: (one.source_file, one.title) for one in built.documents}
    of: dict[tuple[str, str | None], list[Passage]] = defaultdict(list)
    for passage in built.passages:
        of[names[passage.document_id]].append(passage)
    done = [one for one in script.documents if not one.open]
    documents = tuple(tuple(of[one.file, one.document]) for one in done)
    spans: dict[str, dict[str, frozenset[Span]]] = {hand: {} for hand in script.hands}
    links: dict[str, dict[str, frozenset[Link]]] = {hand: {} for hand in script.hands}
    for hand in script.hands:
        for one, passages in zip(done, documents, strict=True):
            for name, wanted in intentions(one, hand, passages).items():
                spans[hand][name] = frozenset(Span(layers[mark.label], *mark) for mark in wanted.marks)
                links[hand][name] = frozenset(
                    Link(join.type, *(Span(layers[end.label], *end) for end in (join.from_, join.to)))
                    for join in wanted.joins
                )
    return Sample(built, scheme, documents, spans, links)


def suggested(sample: Sample, spec: str) -> Said:
    """What a suggester says about every passage, with the lexicons of the repository."""
    layers = {one.name: one.layer for one in sample.scheme.labels}
    published = {one.document_id: one.published for one in sample.built.documents}
    language = {one.document_id: one.language for one in sample.built.documents}
    passages = [one for several in sample.documents for one in several]
    documents = {one.document_id: one for one in sample.built.documents}
    corpus = [counted(one, documents[one.document_id]) for one in sample.built.passages]
    spans: dict[str, frozenset[Span]] = {}
    links: dict[str, frozenset[Link]] = {}
    for code, served in languages_served(spec, set(language.values())).items():
        pipeline = load_pipeline(spec, code, corpus=corpus)
        mine = [(one, published[one.document_id]) for one in passages if language[one.document_id] in served]
        for looked in suggest_for(pipeline, mine, layers):
            by_id = {
                one.suggestion_id: Span(layers[one.label], one.label, one.start, one.end)
                for one in looked.suggestions
            }
            spans[looked.passage_id] = frozenset(by_id.values())
            links[looked.passage_id] = frozenset(
                Link(one.relation, by_id[one.from_id], by_id[one.to_id]) for one in looked.relations
            )
    return Said(spans, links)


def names_of(scheme: Scheme) -> dict[str, dict[str, str]]:
    """What each row counts: its labels, and what each counts as there."""
    rows: dict[str, dict[str, str]] = {one.name: {one.name: one.name} for one in scheme.labels}
    for kind, name_of in (
        ("group", lambda one: one.group),
        ("layer", lambda one: one.layer),
    ):
        of: dict[str, dict[str, str]] = defaultdict(dict)
        for one in scheme.labels:
            if name_of(one):
                of[f"{kind} {name_of(one)}"][one.name] = name_of(one)
        rows.update({key: labels for key, labels in of.items() if len(labels) > 1})
    rows[EVERY] = {one.name: one.name for one in scheme.labels}
    return rows


def rows(sample: Sample, said: By, *, chosen: Callable[[Passage], bool] = lambda one: True) -> list[Row]:
    """Every row over the chosen documents."""
    documents = [several for several in sample.documents if chosen(several[0])]
    ada, ben, gold = (sample.hands[hand] for hand in ("a", "b", JUDGE))
    return [
        Row(
            name,
            tuple(_count(several, gold, said, labels) for several in documents),
            tuple(_count(several, ada, ben, labels) for several in documents),
        )
        for name, labels in names_of(sample.scheme).items()
    ]


def _count(passages: Iterable[Passage], one: By, other: By, names: Mapping[str, str]) -> Counts:
    nothing: frozenset[Span] = frozenset()
    empty: tuple[Overlaps[Span], Overlaps[Span]] = (Overlaps(()), Overlaps(()))
    return total(
        compare(
            [span for span in one.get(passage.passage_id, nothing) if span.label in names],
            [span for span in other.get(passage.passage_id, nothing) if span.label in names],
            names,
            empty,
        )
        for passage in passages
    )


def link_figures(sample: Sample, said: Said) -> dict[str, tuple[int, int, int, int]]:
    """By relation: in gold, suggested, both exactly, suggested between ends that overlap those of gold."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for passages in sample.documents:
        for passage in passages:
            gold = sample.links[JUDGE][passage.passage_id]
            mine = said.links.get(passage.passage_id, frozenset())
            for at, links in enumerate((gold, mine, gold & mine)):
                for link in links:
                    found[link.relation][at] += 1
            for link in mine:
                found[link.relation][3] += any(_meet(link, one) for one in gold)
    return {name: tuple(counts) for name, counts in sorted(found.items())}


def _meet(one: Link, other: Link) -> bool:
    ends = ((one.source, other.source), (one.target, other.target))
    return one.relation == other.relation and all(
        mine.label == theirs.label and mine.shared(theirs) for mine, theirs in ends
    )


def table(found: Sequence[Row], *, markdown: bool) -> list[str]:
    """Lines of a table; rows about which the suggester says nothing are left out."""
    heads = ("", "gold", "sugg.", "exact P", "R", "F1", "", "overlap P", "R", "F1", "", "people", "")
    lines = [list(heads)]
    for row in found:
        counts = total(row.counts)
        if not counts.b:
            continue
        cells = [row.name, str(counts.a), str(counts.b)]
        samples = draws(len(row.counts))
        for kind in ("exact", "relaxed"):
            cells += [f"{one:.2f}" for one in row.figures(kind)]
            low, high = interval(samples, lambda draw, row=row, kind=kind: row.figures(kind, draw)[2])
            cells.append(f"{low:.2f}–{high:.2f}" if low is not None and high is not None else "")
        lines.append([*cells, *(f"{row.between_people(kind):.2f}" for kind in ("exact", "relaxed"))])
    if markdown:
        bars = ["|".join(["", *(f" {cell} " for cell in line), ""]) for line in lines]
        return [bars[0], "|---" * len(heads) + "|", *bars[1:]]
    return [f"{line[0]:18}" + "".join(f"{cell:>10}" for cell in line[1:]) for line in lines]


def measured(found: Sequence[Row]) -> dict[str, dict[str, float]]:
    """F1 of every row, by its name."""
    return {
        row.name: {"exact": row.figures("exact")[2], "overlap": row.figures("relaxed")[2]} for row in found
    }


def record(found: Sequence[Row]) -> None:
    """Write the floors; see the head of this file."""
    old = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.is_file() else {}
    floors = old["floors"] if old.get("fingerprint") == fingerprint() else {}
    for row, (name, figures) in zip(found, measured(found).items(), strict=True):
        before, counts = floors.get(name, {}), total(row.counts)
        one_match = 2 / max(1, counts.a + counts.b)
        floors[name] = {
            kind: max(before.get(kind, 0.0), round(max(0.0, figure - MARGIN - one_match), 3))
            for kind, figure in figures.items()
        }
    note = "Written by `python benchmarks/sample_corpus.py --record`: F1 of source_criticism, a little less."
    text = json.dumps({"note": note, "fingerprint": fingerprint(), "floors": floors}, indent=1)
    FLOORS.write_text(text + "\n", encoding="utf-8")


def misses(sample: Sample, said: By, label: str) -> None:
    """What is in one and not in the other, in words."""
    for passages in sample.documents:
        for passage in passages:
            gold = {one for one in sample.hands[JUDGE][passage.passage_id] if one.label == label}
            mine = {one for one in said.get(passage.passage_id, frozenset()) if one.label == label}
            for sign, several in (("-", gold - mine), ("+", mine - gold)):
                for one in sorted(several):
                    print(f"{sign} {passage.source_file[:2]} {passage.text[one.start : one.end]}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--with", dest="specs", nargs="+", default=list(SPECS), metavar="NAME")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--misses", metavar="LABEL", help="list what differs, for reading; not for tuning")
    parser.add_argument("--record", action="store_true", help="write the floors of the unit test")
    options = parser.parse_args()
    sample = read_sample()
    if options.record:
        record(rows(sample, suggested(sample, SPECS[0]).spans))
        return
    print(f"fingerprint {fingerprint()}")
    for spec in options.specs:
        said = suggested(sample, spec)
        parts: list[tuple[str, Callable[[Passage], bool]]] = [("all", lambda one: True)]
        if spec == SPECS[0]:
            parts.append(("sources 01 to 09", lambda one: one.source_file < ADDED))
            parts.append(("sources 10 to 19", lambda one: one.source_file >= ADDED))
        for name, chosen in parts:
            count = sum(chosen(several[0]) for several in sample.documents)
            print(f"\n{spec}, {name}: {count} documents\n")
            print("\n".join(table(rows(sample, said.spans, chosen=chosen), markdown=options.markdown)))
        for relation, (gold, mine, exact, near) in link_figures(sample, said).items():
            print(f"{relation:18} gold {gold}, suggested {mine}, exact {exact}, ends overlap {near}")
        if options.misses:
            misses(sample, said.spans, options.misses)


if __name__ == "__main__":
    sys.exit(main())
