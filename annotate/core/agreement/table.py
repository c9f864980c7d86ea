"""Agreement between annotators on the passages that two of them or more have confirmed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from annotate.core.agreement.alpha import Tally, added, alpha, tally, units_of
from annotate.core.agreement.bootstrap import RESAMPLES, SEED, Column, Draw, draws, interval
from annotate.core.agreement.matching import Counts, compare, f1, reason_of, total
from annotate.core.agreement.overlaps import overlaps_of
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

    @property
    def is_counted(self) -> bool:
        """Whether spans are compared for it; where labels count as themselves, their counts add up."""
        return self.scope in ("label", "group")


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
        nobody = _Topic("all", "", "", {})
        return (_row(nobody, ("", ""), _measured([], []), (), NOBODY, (0, 0, 0)),)
    known = {row.label: row.layer for row in wanted}
    samples = draws(len({one.document for one in texts}), resamples=resamples, seed=seed)
    people = sorted({each.annotator for one in texts for each in one.several})
    pairs = [("", ""), *combinations(people, 2)] if len(people) > 2 else list(combinations(people, 2))
    topics = list(_topics(known, groups or {}))
    lines = [list(_lines(topics, pair, texts, samples)) for pair in pairs]
    return tuple(line for several in zip(*lines, strict=True) for line in several)


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
        all_of = {one.annotator: overlaps_of(one.spans) for one in several}
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
                        reason=reason_of(span, all_of[other.annotator]),
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


def _lines(
    topics: Sequence[_Topic], pair: tuple[str, str], texts: Iterable[_Text], samples: tuple[Draw, ...]
) -> Iterator[AgreementRow]:
    """A line a topic, over one pair of annotators or (names empty) all pairs; the texts are read once."""
    documents: dict[str, _Document] = {}
    size = [0, 0]
    for text in texts:
        document = documents.setdefault(text.document, _Document())
        chosen = [one for one in text.several if not pair[0] or one.annotator in pair]
        if len(chosen) > 1:
            size[0] += 1
            size[1] += text.length
            document.add(topics, text.length, chosen)
    compared = sum(one.compared for one in documents.values())
    for number, topic in enumerate(topics):
        sums = [one.counts(topics, number) for one in documents.values()]
        tallies = [one.tally(number) for one in documents.values()]
        yield _row(topic, pair, _measured(sums, tallies), samples, "", (compared, size[0], size[1]))


class _Document:
    """What is counted of one document, by topic; what nobody set there is not mentioned."""

    def __init__(self) -> None:
        self.compared = False
        self._given = 0
        """Values that were given: a character and annotator each."""
        self._counts: dict[int, list[Counts]] = defaultdict(list)
        self._tallies: dict[int, list[Tally]] = defaultdict(list)

    def add(self, topics: Sequence[_Topic], length: int, chosen: Sequence[Judgment]) -> None:
        """Count a text that these annotators confirmed."""
        self.compared = True
        self._given += len(chosen) * length
        here = {span.label for one in chosen for span in one.spans}
        all_of = [overlaps_of(one.spans) for one in chosen]
        for number, topic in enumerate(topics):
            if here.isdisjoint(topic.names):
                continue
            spans = [[span for span in one.spans if span.label in topic.names] for one in chosen]
            units = units_of(length, [_named(topic, one) for one in spans])
            self._tallies[number].append(tally(units))
            if topic.is_counted:
                self._counts[number].extend(
                    compare(spans[one], spans[two], topic.names, (all_of[one], all_of[two]))
                    for one, two in combinations(range(len(chosen)), 2)
                )

    def counts(self, topics: Sequence[_Topic], number: int) -> Counts:
        """The counts of a topic: its own, or the sum of those of its labels."""
        topic = topics[number]
        if topic.is_counted:
            return total(self._counts.get(number, ()))
        labels = (at for at, one in enumerate(topics) if one.scope == "label" and one.name in topic.names)
        return total(count for at in labels for count in self._counts.get(at, ()))

    def tally(self, number: int) -> Tally:
        """The tally of a topic; characters of texts where nobody set it are without a label."""
        found = added(self._tallies.get(number, ()))
        rest = self._given - sum(found.values.values())
        if rest:
            values = {**found.values, _NOTHING: found.values.get(_NOTHING, 0) + rest}
            return Tally(values, found.disagreed)
        return found


_NOTHING: frozenset[object] = frozenset()


def _named(topic: _Topic, spans: Iterable[Span]) -> list[tuple[int, int, str]]:
    return [(one.start, one.end, topic.names[one.label]) for one in spans]


@dataclass(frozen=True, slots=True)
class _Measured:
    """What is measured, a column each, a figure a document: counting a thousand draws has to be quick."""

    counts: Counts
    set_: Column
    exact_: Column
    relaxed_: Column
    disagreed: Column
    values: list[Column]

    def exact(self, draw: Draw) -> float | None:
        """F1 of exact matches over a draw of documents."""
        return f1(self.exact_.whole(draw), self.set_.whole(draw))

    def relaxed(self, draw: Draw) -> float | None:
        """F1 of overlapping matches."""
        return f1(self.relaxed_.whole(draw), self.set_.whole(draw))

    def alpha(self, draw: Draw) -> float | None:
        """Alpha."""
        return alpha((one.whole(draw) for one in self.values), self.disagreed.sum(draw))


def _measured(counts: list[Counts], tallies: list[Tally]) -> _Measured:
    names = list(dict.fromkeys(value for one in tallies for value in one.values))
    return _Measured(
        counts=total(counts),
        set_=Column([one.a + one.b for one in counts]),
        exact_=Column([one.exact for one in counts]),
        relaxed_=Column([one.relaxed for one in counts]),
        disagreed=Column([float(one.disagreed) for one in tallies]),
        values=[Column([one.values.get(value, 0) for one in tallies]) for value in names],
    )


def _row(
    topic: _Topic,
    pair: tuple[str, str],
    measured: _Measured,
    samples: tuple[Draw, ...],
    note: str,
    size: tuple[int, int, int],
) -> AgreementRow:
    whole: Draw = [1] * measured.set_.documents
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
