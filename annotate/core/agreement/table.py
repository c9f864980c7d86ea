"""Agreement between annotators on the passages that two of them or more have confirmed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from annotate.core.agreement.alpha import Tally, alpha, tally, units_of
from annotate.core.agreement.bootstrap import (
    RESAMPLES,
    SEED,
    Draw,
    draws,
    interval,
    weighed,
    weighed_floats,
)
from annotate.core.agreement.matching import Counts, compare, f1, reason_of, total
from annotate.core.agreement.rows import AgreementRow, Coverage, Disagreement, Scope
from annotate.core.dataset.rows import Dataset
from annotate.core.judgments import Judged, Judgment, doubly_judged, judgments
from annotate.core.spans import Span

NOBODY = "no passage was confirmed by two annotators: there is nothing to compare"


@dataclass(frozen=True, slots=True)
class _Topic:
    """What one line is about: which labels count, and as what."""

    scope: Scope
    layer: str
    name: str
    names: Mapping[str, str]
    """Label to what it counts as."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A passage that is compared: its length in code points and everybody's judgments."""

    document: str
    length: int
    several: tuple[Judgment, ...]


def agreement(
    dataset: Dataset,
    *,
    groups: Mapping[str, str] | None = None,
    layers: Collection[str] = (),
    labels: Collection[str] = (),
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> tuple[AgreementRow, ...]:
    """Lines for all labels, each layer, group and label; in each first all pairs, then pair by pair.

    ``groups`` maps labels to their group in the scheme. ``layers`` and ``labels`` limit what is
    compared, everything when empty. Without a passage that two annotators confirmed: one line that
    says so. Pure; equal inputs give equal lines.
    """
    wanted = [
        row
        for row in dataset.labels
        if row.layer in (layers or [row.layer]) and row.label in (labels or [row.label])
    ]
    texts = _texts(dataset, judgments(dataset.assignments, dataset.labels, ()))
    if not texts:
        return (_line(_Topic("all", "", "", {}), ("", ""), [], (), note=NOBODY),)
    known = {row.label: row.layer for row in wanted}
    samples = draws(len({one.document for one in texts}), resamples=resamples, seed=seed)
    people = sorted({each.annotator for one in texts for each in one.several})
    pairs = [("", ""), *combinations(people, 2)] if len(people) > 2 else list(combinations(people, 2))
    return tuple(
        line
        for topic in _topics(known, groups or {})
        for pair in pairs
        if (line := _line(topic, pair, texts, samples))
    )


def coverage(dataset: Dataset) -> Coverage:
    """How much of what was confirmed can be compared."""
    judged = judgments(dataset.assignments, dataset.labels, ())
    several = sum(1 for _ in doubly_judged(judged))
    people = sorted({one.annotator for found in judged.values() for one in found})
    return Coverage(len(judged) - several, several, tuple(people))


def disagreements(
    dataset: Dataset, *, layers: Collection[str] = (), labels: Collection[str] = ()
) -> Iterator[Disagreement]:
    """Every span that one annotator set and another did not set exactly so, with the reason."""
    texts = {row.passage_id: row.text for row in dataset.passages}
    for passage_id, several in doubly_judged(judgments(dataset.assignments, dataset.labels, ())):
        for one, other in ((a, b) for a in several for b in several if a.annotator != b.annotator):
            for span in sorted(one.spans.keys() - other.spans.keys()):
                if span.layer in (layers or [span.layer]) and span.label in (labels or [span.label]):
                    yield Disagreement(
                        passage_id=passage_id,
                        document_id=one.document_id,
                        annotator=one.annotator,
                        other=other.annotator,
                        layer=span.layer,
                        label=span.label,
                        start=span.start,
                        end=span.end,
                        quote=texts[passage_id][span.start : span.end],
                        reason=reason_of(span, other.spans),
                        label_id=one.spans[span][0],
                    )


def _texts(dataset: Dataset, judged: Judged) -> list[_Text]:
    passages = {row.passage_id: row for row in dataset.passages}
    return [
        _Text(
            several[0].document_id or passages[passage_id].source_id,
            len(passages[passage_id].text),
            several,
        )
        for passage_id, several in doubly_judged(judged)
    ]


def _topics(known: Mapping[str, str], groups: Mapping[str, str]) -> Iterator[_Topic]:
    """All, then layer by layer: the layer, its groups, its labels."""
    yield _Topic("all", "", "", {label: label for label in known})
    for layer in sorted(set(known.values())):
        here = sorted(label for label, its in known.items() if its == layer)
        yield _Topic("layer", layer, layer, {label: label for label in here})
        for group in sorted({groups[label] for label in here if label in groups}):
            yield _Topic(
                "group", layer, group, {label: group for label in here if groups.get(label) == group}
            )
        for label in here:
            yield _Topic("label", layer, label, {label: label})


def _line(
    topic: _Topic,
    pair: tuple[str, str],
    texts: Iterable[_Text],
    samples: tuple[Draw, ...],
    *,
    note: str = "",
) -> AgreementRow:
    counts: dict[str, list[Counts]] = defaultdict(list)
    tallies: dict[str, Tally] = {}
    passages = characters = 0
    documents: dict[str, list[tuple[list[frozenset[object]], int]]] = {}
    for text in texts:
        units = documents.setdefault(text.document, [])
        chosen = [one for one in text.several if not pair[0] or one.annotator in pair]
        if len(chosen) < 2:
            continue
        passages += 1
        characters += text.length
        counts[text.document].extend(_counts(topic, one, two) for one, two in combinations(chosen, 2))
        units.extend(units_of(text.length, [_named(topic, one) for one in chosen]))
    tallies = {document: tally(units) for document, units in documents.items()}
    order = list(documents)
    sums = [total(counts[document]) for document in order]
    measured = _measured(sums, [tallies[document] for document in order])
    return _row(
        topic,
        pair,
        measured,
        samples,
        note,
        (len([one for one in order if counts[one]]), passages, characters),
    )


def _named(topic: _Topic, judgment: Judgment) -> list[tuple[int, int, str]]:
    return [
        (one.start, one.end, topic.names[one.label]) for one in judgment.spans if one.label in topic.names
    ]


def _counts(topic: _Topic, one: Judgment, two: Judgment) -> Counts:
    mine = [span for span in one.spans if span.label in topic.names]
    theirs = [span for span in two.spans if span.label in topic.names]
    names: dict[Span, str] = {span: topic.names[span.label] for span in (*mine, *theirs)}
    return compare(mine, theirs, names, (tuple(one.spans), tuple(two.spans)))


@dataclass(frozen=True, slots=True)
class _Measured:
    """What is measured, a column each, a figure a document: counting a thousand draws has to be quick."""

    counts: Counts
    set_: list[int]
    exact_: list[int]
    relaxed_: list[int]
    disagreed: list[float]
    values: list[list[int]]

    def exact(self, draw: Draw) -> float | None:
        """F1 of exact matches over a draw of documents."""
        return f1(weighed(self.exact_, draw), weighed(self.set_, draw))

    def relaxed(self, draw: Draw) -> float | None:
        """F1 of overlapping matches."""
        return f1(weighed(self.relaxed_, draw), weighed(self.set_, draw))

    def alpha(self, draw: Draw) -> float | None:
        """Alpha."""
        return alpha((weighed(one, draw) for one in self.values), weighed_floats(self.disagreed, draw))


def _measured(counts: list[Counts], tallies: list[Tally]) -> _Measured:
    names = list(dict.fromkeys(value for one in tallies for value in one.values))
    return _Measured(
        counts=total(counts),
        set_=[one.a + one.b for one in counts],
        exact_=[one.exact for one in counts],
        relaxed_=[one.relaxed for one in counts],
        disagreed=[float(one.disagreed) for one in tallies],
        values=[[one.values.get(value, 0) for one in tallies] for value in names],
    )


def _row(
    topic: _Topic,
    pair: tuple[str, str],
    measured: _Measured,
    samples: tuple[Draw, ...],
    note: str,
    size: tuple[int, int, int],
) -> AgreementRow:
    whole: Draw = [1] * len(measured.set_)
    counts = measured.counts
    exact, relaxed = interval(samples, measured.exact), interval(samples, measured.relaxed)
    around = interval(samples, measured.alpha)
    found = measured.alpha(whole)
    return AgreementRow(
        scope=topic.scope,
        layer=topic.layer,
        name=topic.name,
        annotator_a=pair[0],
        annotator_b=pair[1],
        documents=size[0],
        passages=size[1],
        characters=size[2],
        labels_a=counts.a,
        labels_b=counts.b,
        exact=counts.exact,
        relaxed=counts.relaxed,
        f1_exact=measured.exact(whole),
        f1_exact_low=exact[0],
        f1_exact_high=exact[1],
        f1_relaxed=measured.relaxed(whole),
        f1_relaxed_low=relaxed[0],
        f1_relaxed_high=relaxed[1],
        alpha=found,
        alpha_low=around[0],
        alpha_high=around[1],
        boundary=counts.boundary,
        label=counts.label,
        other_layer=counts.layer,
        missing=counts.missing,
        note=note or _note(size, counts, found, samples),
    )


def _note(size: tuple[int, int, int], counts: Counts, found: float | None, samples: tuple[Draw, ...]) -> str:
    if not size[1]:
        return "these two confirmed no passage in common"
    if not counts.a + counts.b:
        return "nobody set it where two looked"
    if found is None:
        return "alpha is not defined: every character has the same value"
    return "" if samples else f"{size[0]} document(s): too few for intervals"
