"""The repeated phrases of one passage: as long as the same other documents have them, and no longer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from annotate.core.formulas.count import SIZE, Counts, Gram, Outlet, Place, grams, text_key
from annotate.core.formulas.skeleton import Bone, skeleton
from annotate.core.prose import Reading, read

LEAST_WORDS = 4
_COPY = 14
"""A run of more content words is copied text, not a formula."""
_SHOWN = 5
_LEAST, _EACH, _MOST = 0.4, 0.1, 0.9


@dataclass(frozen=True, slots=True)
class Repeated:
    """A phrase (code points, half-open) and the other documents of the outlet that have it, sorted; ``times``
    it stands in the outlet's documents, this one included; ``of``: how many documents the outlet has."""

    start: int
    end: int
    documents: tuple[str, ...]
    times: int
    outlet: str
    of: int

    @property
    def score(self) -> float:
        """The more documents, the surer: 0.5 for one other, at most 0.9."""
        return min(_MOST, _LEAST + _EACH * len(self.documents))

    @property
    def note(self) -> str:
        """How often and where else, for people."""
        shown = ", ".join(self.documents[:_SHOWN]) + (" and others" if len(self.documents) > _SHOWN else "")
        outlet = self.outlet or "the documents without a known outlet"
        count = f"{self.times} times in {len(self.documents) + 1} of {self.of} documents of {outlet}"
        return f"{count}; also in {shown}"


def find_repeated(text: str, counts: Counts) -> list[Repeated]:
    """The repeated phrases of a passage that was counted, in order; nothing for any other text."""
    known = counts.texts.get(text_key(text))
    if known is None:
        return []
    document, outlet = known
    reading = read(text, outlet[1])
    found: list[Repeated] = []
    for sentence in reading.sentences:
        bones = list(skeleton(reading, sentence))
        found.extend(_in_sentence(reading, bones, document, outlet, counts))
    return found


def _in_sentence(
    reading: Reading, bones: Sequence[Bone], document: str, outlet: Outlet, counts: Counts
) -> Iterator[Repeated]:
    table = counts.repeated.get(outlet, {})
    run: list[int] = []
    common: set[str] = set()
    times = 0
    for at, place in _places(bones, table):
        others = set(place.documents) - {document}
        if run and at == run[-1] + 1 and common & others:
            run.append(at)
            common &= others
            times = min(times, place.times)
        elif not run or at >= run[-1] + SIZE:  # what begins inside a phrase would mark its words twice
            yield from _phrase(reading, bones, run, common, times, outlet, counts)
            run, common, times = ([at], others, place.times) if others else ([], set(), 0)
    yield from _phrase(reading, bones, run, common, times, outlet, counts)


def _places(bones: Sequence[Bone], table: Mapping[Gram, Place]) -> Iterator[tuple[int, Place]]:
    for at, gram in grams(bones):
        place = table.get(gram)
        if place is not None:
            yield at, place


def _phrase(
    reading: Reading,
    bones: Sequence[Bone],
    run: Sequence[int],
    common: set[str],
    times: int,
    outlet: Outlet,
    counts: Counts,
) -> Iterator[Repeated]:
    if not run or not common or run[-1] + SIZE - run[0] > _COPY:
        return
    first, last = bones[run[0]].word, bones[run[-1] + SIZE - 1].word
    if last - first + 1 < LEAST_WORDS:
        return
    start, end = reading.words[first].start, reading.words[last].end
    yield Repeated(start, end, tuple(sorted(common)), times, outlet[0], counts.documents[outlet])
